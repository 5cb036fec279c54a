package asl

import "strings"

// isSubstituted reports whether n is, or has in it, a ${Name} that is filled
// in before AWS sees the definition; or is one of the objects that say the same
// in CloudFormation.
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

// substituted reports whether a substitution stands where the value is
// expected, so that nothing can be said about it. Templates and expressions
// are looked into, since the rest of them can be checked.
func (c *checker) substituted(n node, s *shape) bool {
	if !c.Substitutions {
		return false
	}
	switch s.is {
	case isTemplate, isItems, isCondition:
		return n.kind() == substitutionKind || n.kind() == objectKind && c.isSubstituted(n)
	}
	return c.isSubstituted(n)
}
