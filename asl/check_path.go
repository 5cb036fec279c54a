package asl

import (
	"errors"
	"slices"
	"strings"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonpath"
)

// path checks a field that is a path, such as InputPath.
func (c *checker) path(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	if isPlainPath(n.text()) {
		return
	}
	p, err := c.parsePath(n.text())
	switch {
	case c.beyondLimits(n, err):
	case err != nil:
		x := c.report(n, codeSchema, "Value must be a valid JSONPath.")
		x.because(err)
		x.schema = err == errNoDollar
	default:
		c.usePath(n, p)
	}
}

var errNoDollar = errors.New("a path starts with $")

// parsePath parses a path. Jayway adds a missing dollar sign; the language
// refuses such a path.
func (c *checker) parsePath(text string) (*jsonpath.Path, error) {
	if !strings.HasPrefix(text, "$") {
		return nil, errNoDollar
	}
	return c.paths().Parse(text)
}

// paths returns a configuration that counts down the budget of the definition.
func (c *checker) paths() jsonpath.Config { return jsonpath.Config{Budget: &c.budget} }

// parseCall parses an intrinsic call.
func (c *checker) parseCall(text string) (*intrinsics.Call, error) {
	return intrinsics.Config{Paths: c.paths()}.Parse(text)
}

// maxPlain is the longest path, in bytes, that isPlainPath accepts. A longer one
// may have more steps than jsonpath allows.
const maxPlain = 1_000

// isPlainPath reports whether a path has the most frequent form: names after dots
// and short indexes, from the input or the Context Object. Such a path is right,
// so that nobody needs to parse it.
func isPlainPath(text string) bool {
	rest, ok := strings.CutPrefix(text, "$")
	return ok && (isPlainName(rest) || isPlainName(strings.TrimPrefix(rest, "$")))
}

// isPlainName reports whether text consists of names after dots and indexes of
// one digit. It may be empty.
func isPlainName(text string) bool {
	if len(text) > maxPlain {
		return false
	}
	for text != "" {
		if len(text) >= 3 && text[0] == '[' && '0' <= text[1] && text[1] <= '9' && text[2] == ']' {
			text = text[3:]
			continue
		}
		n := 1
		for n < len(text) && isPlain(text[n]) {
			n++
		}
		if text[0] != '.' || n == 1 {
			return false
		}
		text = text[n:]
	}
	return true
}

func isPlain(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}

// reference checks a field that is a Reference Path.
func (c *checker) reference(n node, s *shape) {
	if !c.expectKind(n, textKind) {
		return
	}
	if !strings.HasPrefix(n.text(), "$") {
		c.schema(n, "Value is not a Reference Path: Reference path didn't start with '$'")
		return
	}
	ownInput := s.is == isLimitPath || s.is == isResultPath
	if isPlainName(n.text()[1:]) || !ownInput && isPlainPath(n.text()) {
		return
	}
	r, err := c.paths().ParseReference(n.text())
	switch {
	case c.beyondLimits(n, err):
		return
	case err != nil:
		c.report(n, codeSchema, "Value is not a Reference Path").because(err)
		return
	}
	root := r.Path().Root()
	if s.is == isResultPath && root != "$" || s.is == isLimitPath && root == "$$" {
		c.report(n, codeSchema, "Value is not a Reference Path").Hint = "it must not start at " + root
		return
	}
	c.usePath(n, r.Path())
}

// textFunctions are the intrinsic functions that return strings.
var textFunctions = [...]string{
	"States.Format", "States.JsonToString", "States.ArrayGetItem",
	"States.Base64Encode", "States.Base64Decode", "States.Hash", "States.UUID",
}

// textPath checks ErrorPath and CausePath.
func (c *checker) textPath(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	if !isIntrinsicText(n.text()) {
		c.path(n)
		return
	}
	call, err := c.parseCall(n.text())
	switch {
	case c.beyondLimits(n, err):
	case err != nil:
		c.report(n, codeSchema, notDynamic).because(err)
	case !slices.Contains(textFunctions[:], call.Function()):
		c.report(n, codeSchema, notDynamic).Hint = call.Function() + " does not return a string"
	default:
		c.useCall(n)
	}
}

const notDynamic = "Value must be a valid JSONPath or a valid intrinsic function call"

func isIntrinsicText(text string) bool { return strings.HasPrefix(text, "States.") }
