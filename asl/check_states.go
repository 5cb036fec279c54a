package asl

import "unicode/utf8"

// machine checks a whole definition.
func (c *checker) machine(n node) {
	c.language = c.languageOf(n, JSONPath)
	c.graph(n, inMachine)
}

// languageOf returns the query language of an object, or otherwise if it has no
// QueryLanguage. Only the exact name of JSONPath means JSONPath: AWS takes every
// other value for JSONata.
func (c *checker) languageOf(n node, otherwise QueryLanguage) QueryLanguage {
	language, ok := n.get("QueryLanguage")
	switch {
	case !ok:
		return otherwise
	case c.isSubstituted(language):
		return ""
	case language.kind() == textKind && language.text() == string(JSONPath):
		return JSONPath
	}
	return JSONata
}

// maxGraphDepth bounds how deep graphs may be inside each other. AWS has a limit
// that is not documented.
const maxGraphDepth = 50

// graph checks a machine, a branch or a processor.
func (c *checker) graph(n node, p part) {
	if c.depth == maxGraphDepth {
		c.report(n, codeTooDeep, "States are nested too deeply")
		return
	}
	c.depth++
	c.object(n, p, site{language: c.language})
	c.depth--
}

// states checks the value of States.
func (c *checker) states(n node) {
	if !c.expectKind(n, objectKind) || c.empty(n, &shape{nonEmpty: true}) {
		return
	}
	for state := range n.children() {
		if c.full() {
			return
		}
		c.stateName(state)
		c.state(state)
	}
}

const maxNameLength = 80

func (c *checker) stateName(n node) {
	message := ""
	switch length := utf8.RuneCountInString(n.name()); {
	case length == 0:
		message = "Invalid State name: State name cannot be empty"
	case length > maxNameLength:
		message = "Invalid State name: State '" + n.name() + "' exceeds the 80-character limit allowed by the service"
	default:
		return
	}
	x := c.report(n, codeStateName, message)
	x.markName, x.schema = true, true
}

// state checks one state. Its Type says which rows of the table apply.
func (c *checker) state(n node) {
	if c.leaves(n) || !c.expectKind(n, objectKind) {
		return
	}
	p, ok := c.stateType(n)
	if !ok {
		return
	}
	at := site{language: c.languageOf(n, c.language), state: p}
	if c.language == JSONata && at.language == JSONPath {
		language, _ := n.get("QueryLanguage")
		x := c.reportAt(n, language, codeSchema,
			"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
		x.schema = true
		at.lenient = true
	}
	outer := c.inside
	c.inside = n
	c.object(n, p, at)
	c.inside = outer
}

// stateType reads the type of a state; ok is false if there is no such type.
func (c *checker) stateType(n node) (p part, ok bool) {
	t, ok := n.get("Type")
	if !ok {
		c.schema(n, "The field 'Type' is required")
		return 0, false
	}
	if c.leaves(t) || !c.expectKind(t, textKind) {
		return 0, false
	}
	if p = statePart(t.text()); p == 0 {
		var names []string
		for _, s := range stateTypes {
			names = append(names, s.name)
		}
		x := c.schema(t, "The field 'Type' should have one of these values: "+listed(names))
		x.Hint = didYouMean(t.text(), names)
	}
	return p, p != 0
}
