package asl

import (
	"errors"
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonata"
)

// isExpressionText reports whether n is a string that is meant as an
// expression.
func isExpressionText(n node) bool {
	return n.kind() == textKind && strings.HasPrefix(n.text(), "{%")
}

// expressions checks all expressions in a value.
func (c *checker) expressions(n node, at site) {
	if c.full() {
		return
	}
	if isExpressionText(n) {
		c.expression(n, at)
	}
	for child := range n.children() {
		if child.len() > 0 || child.kind() == textKind {
			c.expressions(child, at)
		}
	}
}

// expression checks one expression.
func (c *checker) expression(n node, at site) {
	text, ok := strings.CutSuffix(n.text()[len("{%"):], "%}")
	if !ok {
		c.schema(n, "JSONata string must start with {% and end with %}")
		return
	}
	if c.isSubstitutedText(text) {
		return
	}
	e, err := jsonata.Config{Dialect: jsonata.StepFunctions}.Compile(strings.TrimSpace(text))
	if err != nil {
		c.badExpression(n, err)
		return
	}
	references := e.References()
	for i, r := range references {
		if !repeated(references[:i], r) {
			c.referenceInExpression(n, r, at)
		}
	}
}

// badExpression reports an expression that does not compile. That it uses what
// regular expressions in linear time cannot do is no error on AWS.
func (c *checker) badExpression(n node, err error) {
	var e *jsonata.Error
	if !errors.As(err, &e) {
		c.report(n, codeExpression, err.Error())
		return
	}
	c.report(n, codeExpression, e.Message)
}

// repeated reports whether the same name has been seen.
func repeated(seen []jsonata.Reference, r jsonata.Reference) bool {
	return slices.ContainsFunc(seen, func(s jsonata.Reference) bool {
		return s.Kind == r.Kind && s.Name == r.Name && s.Field == r.Field
	})
}

// referenceInExpression checks what an expression takes from outside.
func (c *checker) referenceInExpression(n node, r jsonata.Reference, at site) {
	switch {
	case r.Kind == jsonata.FunctionReference:
	case r.Kind == jsonata.VariableReference && r.Name != "states":
		c.use(n, r.Name)
	case r.Kind == jsonata.VariableReference:
		if r.Field != "" && !at.hasStatesField(r.Field) {
			c.report(n, codeUnsupported, "Field '$states."+r.Field+"' does not exist.")
		}
	case r.Name == "$$":
		c.report(n, codeUnsupported, "Reference to '$$' is not supported.")
	default:
		c.report(n, codeUnsupported, "Reference to '"+r.Name+"' at the top level is not supported.")
	}
}

// hasStatesField reports whether $states has a member at this place.
func (at site) hasStatesField(name string) bool {
	switch name {
	case "input", "context":
		return true
	case "errorOutput":
		return at.catcher
	case "result":
		return !at.catcher && at.state&inWork != 0 && (at.field == "Output" || at.field == "Assign")
	}
	return false
}
