package asl

import (
	"errors"
	"strings"

	"github.com/statemill/statemill/jsonpath"
)

// path checks a field that is a path, such as InputPath.
func (c *checker) path(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	p, err := parsePath(n.text())
	if err != nil {
		x := c.report(n, codeSchema, "Value must be a valid JSONPath.")
		x.Hint, x.schema = err.Error(), err == errNoDollar
		return
	}
	c.usePath(n, p)
}

var errNoDollar = errors.New("a path starts with $")

// parsePath parses a path. The language wants the dollar sign that Jayway adds
// where it is missing.
func parsePath(text string) (*jsonpath.Path, error) {
	if !strings.HasPrefix(text, "$") {
		return nil, errNoDollar
	}
	return jsonpath.Parse(text)
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
	r, err := jsonpath.ParseReference(n.text())
	if err != nil {
		c.report(n, codeSchema, "Value is not a Reference Path").Hint = err.Error()
		return
	}
	root := r.Path().Root()
	if s.is == isResultPath && root != "$" || s.is == isLimitPath && root == "$$" {
		c.report(n, codeSchema, "Value is not a Reference Path").Hint = "it must not start at " + root
		return
	}
	c.usePath(n, r.Path())
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
	c.useCall(n)
}

func isIntrinsicText(text string) bool { return strings.HasPrefix(text, "States.") }
