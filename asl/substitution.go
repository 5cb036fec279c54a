package asl

import (
	"cmp"
	"slices"
	"strings"
)

// isSubstituted reports whether n is or contains a ${Name}, which is filled in
// before AWS sees the definition, or is an object of CloudFormation that stands
// for a value.
func (c *checker) isSubstituted(n node) bool {
	if !c.Substitutions {
		return false
	}
	switch n.kind() {
	case substitutionKind:
		return true
	case textKind:
		return c.isSubstitutedText(n.text())
	case objectKind:
		return n.isTemplateFunction()
	}
	return false
}

// isSubstitutedText reports whether a text has a ${Name} in it.
func (c *checker) isSubstitutedText(text string) bool {
	if !c.Substitutions {
		return false
	}
	_, rest, found := strings.Cut(text, "${")
	return found && strings.Contains(rest, "}")
}

// isTemplateFunction reports whether n is {"Ref": ...} or {"Fn::...": ...}.
func (n node) isTemplateFunction() bool {
	if n.len() != 1 {
		return false
	}
	name := n.tree.name(n.at + 1)
	return name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// substituted reports whether a substitution stands in place of the value of a
// field, so that there is nothing to check. A template or expression may contain
// one; the rest of it is checked.
func (c *checker) substituted(n node, s *shape) bool {
	if !c.Substitutions {
		return false
	}
	switch s.is {
	case isTemplate, isItems, isCondition:
		return n.kind() != textKind && c.leaves(n)
	case isString, isResource, isServiceResource:
		return c.isSubstituted(n) && (n.kind() == textKind || c.leaves(n)) // a text is a text
	}
	return c.leaves(n)
}

// leaves reports whether n is a substitution, and notes it as a placeholder.
func (c *checker) leaves(n node) bool {
	if !c.isSubstituted(n) {
		return false
	}
	c.left = append(c.left, n)
	return true
}

// placeholders returns the locations of the placeholders in the order of the
// text, each once.
func (c *checker) placeholders() []string {
	if !c.Substitutions {
		return nil
	}
	for at := range c.rows {
		if c.rows[at].kind == substitutionKind {
			c.left = append(c.left, node{c.tree, int32(at)})
		}
	}
	slices.SortFunc(c.left, func(a, b node) int { return cmp.Compare(a.at, b.at) })
	var all []string
	for _, n := range slices.Compact(c.left) {
		all = append(all, n.location())
	}
	return all
}
