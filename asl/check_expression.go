package asl

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/statemill/statemill/jsonata"
)

// isExpressionText reports whether n is a string that begins as an expression.
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
		x := c.schema(n, "JSONata string must start with {% and end with %}")
		if _, blanks := strings.CutSuffix(strings.TrimSpace(text), "%}"); blanks {
			x.Hint = "remove the blank after %}"
		}
		return
	}
	if c.leaves(n) {
		return
	}
	text = strings.Trim(text, blanks)
	if field, ok := plainStatesField(text); ok {
		c.referenceInExpression(n, jsonata.Reference{Kind: jsonata.VariableReference, Name: "states", Field: field, Position: len("$states")}, at)
		return
	}
	e, err := jsonata.Config{Dialect: jsonata.StepFunctions, Budget: &c.budget}.Compile(text)
	if err != nil {
		if !c.beyondLimits(n, err) {
			c.badExpression(n, err)
		}
		return
	}
	for _, r := range distinct(e.References()) {
		c.referenceInExpression(n, r, at)
	}
}

// plainStatesField recognises the most frequent kind of expression, a path of
// names into $states, and returns the first name. Such an expression is right,
// so that nobody needs to compile it.
func plainStatesField(text string) (field string, ok bool) {
	names, ok := strings.CutPrefix(text, "$states")
	if !ok || names == "" || len(names) > maxPlain {
		return "", false
	}
	for rest := names; rest != ""; {
		n := 1
		for n < len(rest) && isPlain(rest[n]) {
			n++
		}
		name := rest[1:n]
		if rest[0] != '.' || name == "" || name[0] <= '9' || slices.Contains(operatorWords[:], name) {
			return "", false
		}
		if field == "" {
			field = name
		}
		rest = rest[n:]
	}
	return field, true
}

// operatorWords are names that mean something else after some tokens.
var operatorWords = [...]string{"and", "or", "in", "true", "false", "null"}

// endOfExpression is the token that jsonata names where an expression ends too
// early. It has no text of its own: the finding points at the last character.
const endOfExpression = "(end)"

// badExpression reports an expression that does not compile.
func (c *checker) badExpression(n node, err error) {
	var e *jsonata.Error
	if !errors.As(err, &e) {
		c.report(n, codeExpression, err.Error())
		return
	}
	x := c.report(n, codeExpression, e.Message)
	width := len(e.Token)
	if e.Token == endOfExpression {
		width = 1
	}
	x.endsAt(e.Position, width)
	x.Hint = operatorHint(n.text(), x.to)
}

// endsAt makes the finding point at a token of the expression mark. The position
// is the end of the token, as jsonata counts: from the first character that is
// no blank.
func (x *finding) endsAt(position, length int) {
	if position <= 0 || x.mark.tree == nil {
		return
	}
	text := x.mark.text()
	expression := strings.TrimLeft(text[len("{%"):], blanks)
	start := len(text) - len(expression)
	for i, r := range expression {
		if position <= 0 {
			expression = expression[:i]
			break
		}
		position -= utf16.RuneLen(r)
	}
	end := start + len(strings.TrimSuffix(strings.TrimRight(expression, blanks), "%}"))
	x.from, x.to = max(start, end-max(length, 1)), end
}

const blanks = " \t\r\n"

// distinct returns the first of each kind of reference.
func distinct(references []jsonata.Reference) []jsonata.Reference {
	if len(references) < 2 {
		return references
	}
	seen := make(map[jsonata.Reference]bool, len(references))
	return slices.DeleteFunc(references, func(r jsonata.Reference) bool {
		r.Position = 0
		known := seen[r]
		seen[r] = true
		return known
	})
}

// referenceInExpression checks a name that an expression takes from outside.
func (c *checker) referenceInExpression(n node, r jsonata.Reference, at site) {
	switch {
	case r.Kind == jsonata.FunctionReference:
		c.calls(n, r)
	case r.Kind == jsonata.VariableReference && r.Name != "states":
		c.use(n, r.Name, r.Position)
	case r.Kind == jsonata.VariableReference:
		if r.Field != "" && !at.hasStatesField(r.Field) {
			c.report(n, codeUnsupported, "Field '$states."+r.Field+"' does not exist.").endsAt(r.Position, len("$states"))
		}
	case r.Name == "$$":
		c.report(n, codeUnsupported, "Reference to '$$' is not supported.").endsAt(r.Position, len(r.Name))
	default:
		c.report(n, codeUnsupported, "Reference to '"+r.Name+"' at the top level is not supported.").endsAt(r.Position, len(r.Name))
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
