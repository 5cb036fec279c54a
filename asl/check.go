package asl

import (
	"strings"
)

// checker holds a tree against the table of fields.
type checker struct {
	findings
	Validator
	language QueryLanguage // of the machine
	uses     []use         // of variables
	inside   node          // the state that is checked
	depth    int           // of graphs inside graphs
}

// site is what the rules about a value depend on besides its field.
type site struct {
	language QueryLanguage // "" if a substitution hides it
	state    part          // the type of the state
	field    string        // of the state, catcher or rule: "Output"
	catcher  bool          // inside a catcher
}

// object checks an object of the language: its members against the rows of its
// part, then the values of those that belong there.
func (c *checker) object(n node, p part, at site) {
	if !c.expectKind(n, objectKind) || c.full() {
		return
	}
	t := p.table()
	c.members(n, t, at)
	c.required(n, t)
	c.exclusions(n, t)
	c.partRules(n, p, at)
	for member := range n.children() {
		f := t.field(member.name())
		if f == nil || f.foreign(at.language) {
			continue
		}
		if f.in&(inState|inCatcher|inRule) != 0 && f.in&p != 0 {
			at.field = f.name
		}
		c.value(member, &f.shape, at)
	}
}

// foreign reports whether states of a language do not have the field.
func (f *field) foreign(language QueryLanguage) bool {
	return f.language != "" && language != "" && f.language != language
}

// members finds the members that an object of this kind or language does not
// have, and those it has twice.
func (c *checker) members(n node, t *partFields, at site) {
	for member := range n.children() {
		name := member.name()
		f := t.field(name)
		switch {
		case f == nil:
			x := c.reportAt(n.location(), member, codeSchema, "Field '"+name+"' is not supported")
			x.markName, x.schema = true, true
			x.Hint = didYouMean(name, t.names())
		case f.foreign(at.language):
			c.foreignField(n, member, f, at)
		}
	}
}

// foreignField reports a field of the other query language. AWS locates it at
// the state, or whatever object it is in; only what readers and writers are
// called with, at the field.
func (c *checker) foreignField(n, member node, f *field, at site) {
	location := n.location()
	if f.in&(inItemReader|inResultWriter) != 0 {
		location = member.location()
	}
	x := c.reportAt(location, member, codeSchema, "The QueryLanguage is set to '"+string(at.language)+
		"', but field '"+f.name+"' is only supported for the '"+string(f.language)+"' QueryLanguage")
	x.markName, x.schema = true, true
}

// required finds the fields that are missing.
func (c *checker) required(n node, t *partFields) {
	var missing []string
	for _, f := range t.required {
		if !n.has(f.name) {
			missing = append(missing, f.name)
		}
	}
	if missing != nil {
		c.schema(n, "These fields are required: "+listed(missing))
	}
}

// exclusions finds fields that exclude each other.
func (c *checker) exclusions(n node, t *partFields) {
	for _, x := range t.exclusions {
		switch present := countPresent(n, x.fields); {
		case present > 1:
			c.schema(n, "There should only be one of the following fields: "+listed(x.fields))
		case present == 0 && x.need:
			c.schema(n, "This object should have only one of the following fields: "+listed(x.fields))
		}
	}
}

// countPresent counts the fields that n has. An End that is false counts as
// absent.
func countPresent(n node, fields []string) int {
	count := 0
	for _, name := range fields {
		if member, ok := n.get(name); ok && (name != "End" || member.kind() != boolKind || member.isTrue()) {
			count++
		}
	}
	return count
}

// schema reports a finding of the table of fields about n.
func (c *checker) schema(n node, message string) *finding {
	x := c.report(n, codeSchema, message)
	x.schema = true
	return x
}

// listed returns names as AWS lists them: "[States, StartAt]".
func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
