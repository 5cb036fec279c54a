package asl

import (
	"slices"
	"strings"
)

// resource checks the Resource of a Task state.
func (c *checker) resource(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	r := c.resourceOf(n.text())
	switch {
	case c.Express && r.Pattern == Activity:
		c.report(n, codeSchema, "Express state machine does not support Activity ARN")
	case c.Express && r.Pattern == Sync && r.known():
		c.report(n, codeSchema, "Express state machine does not support '.sync' service integration")
	case c.Express && r.Pattern == WaitForTaskToken && r.known():
		c.report(n, codeSchema, "Express state machine does not support '.waitForTaskToken' service integration ")
	case c.Substitutions && strings.Contains(r.Text, "${"):
		c.report(n, codeSchema, "Value is not a valid resource ARN").Hint = "the ${ has no }"
	case c.AnyResource || r.known():
	case !isARN(r.Text):
		x := c.report(n, codeSchema, "Value is not a valid resource ARN")
		if strings.Contains(r.Text, "${") {
			x.Hint = templateHint
		}
	default:
		c.report(n, codeSchema, "The resource provided "+r.Text+
			" is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.")
	}
}

// resourceOf takes a Resource apart. Several stages ask for the same one.
func (c *checker) resourceOf(text string) Resource {
	if c.resourceMemo.Text != text {
		c.resourceMemo = ParseResource(text)
	}
	return c.resourceMemo
}

// serviceResource checks the Resource of a reader or writer.
func (c *checker) serviceResource(n node, s *shape) {
	if !c.expectKind(n, textKind) {
		return
	}
	head, rest, ok := parseARN(n.text())
	if ok && strings.HasPrefix(head.partition, "aws") && head.service == "states" && head.region == "" && head.account == "" &&
		slices.Contains(s.values, rest) {
		return
	}
	c.schema(n, "The field 'Resource' does not match any of the allowed values")
}

// taskParameters checks that the call of an optimized integration has the
// fields that it must have.
func (c *checker) taskParameters(n node, r Resource) {
	if r.Pattern == Activity && n.has("Credentials") {
		member, _ := n.get("Credentials")
		c.reportAt(n, member, codeSchema, "The field 'Credentials' is not supported for activities").markName = true
	}
	s := findService(r.Service, r.Action)
	if s == nil || r.Region != "" {
		return
	}
	for _, field := range []string{"Parameters", "Arguments"} {
		if parameters, ok := n.get(field); ok && parameters.kind() == objectKind {
			c.callFields(parameters, s, r)
		}
	}
}

// callFields checks the fields of a call. AWS reports missing fields; only if
// there are none, it reports fields that do not belong there.
func (c *checker) callFields(parameters node, s *service, r Resource) {
	complete := true
	for _, name := range s.required {
		if !parameters.hasField(name) {
			c.report(parameters, codeSchema, "The field '"+name+"' is required but was missing")
			complete = false
		}
	}
	for _, name := range s.noSync {
		if complete && r.Pattern == Sync && parameters.hasField(name) {
			c.report(parameters, codeSchema, "The field '"+name+"' is not supported by Step Functions")
		}
	}
}

// hasField reports whether a template has a field, literal or computed.
func (n node) hasField(name string) bool { return n.has(name) || n.has(name+".$") }
