package asl

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/statemill/statemill/jsonpath"
)

// use is a variable that is read.
type use struct {
	node  node
	name  string
	end   int  // of the variable in the string: in an expression as jsonata counts, otherwise in bytes
	state node // that reads it
}

// use notes that a variable is read.
func (c *checker) use(n node, name string, end int) {
	c.uses = append(c.uses, use{n, name, end, c.inside})
}

// usePath notes the variable that a path starts at.
func (c *checker) usePath(n node, p *jsonpath.Path) {
	if root := p.Root(); len(root) > 1 && root != "$$" {
		c.use(n, root[1:], len(root))
	}
}

// useCall notes the variables in the arguments of an intrinsic call, each once.
func (c *checker) useCall(n node) {
	var seen map[string]bool
	for end, name := range variablesOfCall(n.text()) {
		if seen == nil {
			seen = map[string]bool{}
		}
		if !seen[name] {
			seen[name] = true
			c.use(n, name, end)
		}
	}
}

// points makes a finding point at the variable.
func (u use) points(x *finding) {
	if isExpressionText(u.node) {
		x.endsAt(u.end, len("$")+len(u.name))
	} else {
		x.from, x.to = u.end-len("$")-len(u.name), u.end
	}
}

// variablesOfCall iterates over the variables that an intrinsic call reads, with
// the place where each ends. A variable is a dollar sign and a name, outside of
// quotes.
func variablesOfCall(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		quoted := false
		for i := 0; i < len(text); i++ {
			switch {
			case text[i] == '\\':
				i++
			case text[i] == '\'':
				quoted = !quoted
			case text[i] == '$' && !quoted && (i == 0 || strings.IndexByte("(, \t\n", text[i-1]) >= 0):
				name := text[i+1 : i+1+nameLength(text[i+1:])]
				if name != "" && !yield(i+1+len(name), name) {
					return
				}
			}
		}
	}
}

// nameLength returns the length of the variable name at the start of text.
func nameLength(text string) int {
	for i, r := range text {
		if !isNameRune(r, i == 0) {
			return i
		}
	}
	return len(text)
}

// isNameRune reports whether a name of a variable may have r in it: the
// identifiers of Unicode's annex 31.
func isNameRune(r rune, first bool) bool {
	if unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r) {
		return true
	}
	return !first && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
}

// assign checks Assign: the names of its members, then their values.
func (c *checker) assign(n node, at site) {
	if !c.expectKind(n, objectKind) {
		return
	}
	for member := range n.children() {
		if c.full() {
			return
		}
		c.variableName(member, assignedName(member, at.language))
	}
	c.template(n, at)
}

// assignedName returns the name of the variable that a member of Assign sets.
func assignedName(member node, language QueryLanguage) string {
	if language == JSONPath {
		return strings.TrimSuffix(member.name(), ".$")
	}
	return member.name()
}

func (c *checker) variableName(member node, name string) {
	switch {
	case c.isSubstitutedText(name):
	case name == "states":
		c.report(member, codeReserved, "Cannot assign to reserved variable '$states'.").markName = true
	case name == "" || nameLength(name) < len(name):
		c.report(member, codeVariable, "Invalid variable name '"+name+
			"': the variable name contains invalid characters.").markName = true
	case utf8.RuneCountInString(name) > maxNameLength:
		c.report(member, codeVariable, "Invalid variable name '"+name+
			"': the variable name exceeds the 80-character limit.").markName = true
	}
}
