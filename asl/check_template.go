package asl

import (
	"errors"
	"strings"
)

// template checks a field that is computed: a payload template in JSONPath,
// any JSON with expressions in JSONata.
func (c *checker) template(n node, at site) {
	switch at.language {
	case JSONPath:
		c.payload(n)
	case JSONata:
		c.expressions(n, at)
	}
}

// payload checks a payload template: members whose names end in ".$" must have
// a path or an intrinsic call as their value.
func (c *checker) payload(n node) {
	if c.full() {
		return
	}
	for child := range n.children() {
		if c.full() {
			return
		}
		if n.kind() == objectKind && strings.HasSuffix(child.name(), ".$") {
			c.dynamic(n, child)
		} else if child.len() > 0 {
			c.payload(child)
		}
	}
}

// dynamic checks one member "name.$" of a template. AWS gives the template as the
// location of its faults.
func (c *checker) dynamic(parent, member node) {
	if c.leaves(member) {
		return
	}
	if err := c.pathOrCall(member); err != nil && !c.beyondLimits(member, err) {
		x := c.reportAt(parent, member, codeSchema, "The value for the field '"+member.name()+
			"' must be a valid JSONPath or a valid intrinsic function call")
		x.because(err)
		x.schema = !strings.HasPrefix(member.text(), "$") && !isIntrinsicText(member.text())
	}
	name := strings.TrimSuffix(member.name(), ".$")
	if other, found := parent.get(name); found {
		x := c.reportAt(parent, member, codeSchema,
			"There should only be one of the following fields: "+listed([]string{name, member.name()}))
		x.markName = true
		x.relate(other, "the other one")
	}
}

var errNoText = errors.New("a path is a string")

// pathOrCall says why n is neither a path nor an intrinsic call.
func (c *checker) pathOrCall(n node) error {
	switch {
	case n.kind() != textKind:
		return errNoText
	case isPlainPath(n.text()):
		return nil
	case isIntrinsicText(n.text()):
		_, err := c.parseCall(n.text())
		if err == nil {
			c.useCall(n)
		}
		return err
	}
	p, err := c.parsePath(n.text())
	if err == nil {
		c.usePath(n, p)
	}
	return err
}

// credentials checks Credentials. AWS has special words for a missing role.
func (c *checker) credentials(n node, at site) {
	if !c.expectKind(n, objectKind) {
		return
	}
	if !n.has("RoleArn") && (at.language == JSONata || !n.has("RoleArn.$")) {
		c.missing(n, "RoleArn")
	}
	c.template(n, at)
}

func (c *checker) missing(n node, field string) {
	c.schema(n, "The field '"+field+"' is required but was missing")
}

// items checks Items of a Map state.
func (c *checker) items(n node, at site) {
	if n.kind() == textKind && !strings.HasPrefix(n.text(), "{%") || n.kind() != textKind && n.kind() != arrayKind && n.kind() != objectKind {
		c.schema(n, "Expected value of type [ARRAY]")
		return
	}
	c.template(n, at)
}

// condition checks the Condition of a choice rule.
func (c *checker) condition(n node, at site) {
	switch {
	case n.kind() == boolKind:
	case n.kind() == textKind && strings.HasPrefix(n.text(), "{%"):
		c.expressions(n, at)
	default:
		c.schema(n, "Expected value of type [BOOLEAN]")
	}
}
