package asl

import (
	"slices"
	"strings"
	"sync"

	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonata"
)

// functions are the names of the functions that expressions may call, sorted.
var functions = sync.OnceValue(jsonata.StepFunctions.Functions)

// nearestFunction proposes a function. There are many, so that some is rather
// near to any name.
func nearestFunction(name string) string {
	var all []string
	for _, candidate := range functions() {
		all = append(all, "$"+candidate)
	}
	return proposed(similar.Within("$"+name, all, 1+len(name)/4))
}

// calls warns of a call of a function that does not exist. AWS finds out when
// the state runs.
func (c *checker) calls(n node, r jsonata.Reference) {
	if _, known := slices.BinarySearch(functions(), r.Name); known || !c.lints {
		return
	}
	x := c.warn(n, warnFunction, "There is no function '$"+r.Name+"'")
	x.endsAt(r.Position, len("$")+len(r.Name))
	if c.hints++; c.hints <= maxHints {
		x.Hint = nearestFunction(r.Name)
	}
}

// literalExpressions warns of texts that look like expressions but are not
// evaluated.
func (l *linter) literalExpressions(s State) {
	info := s.Info()
	for field := range info.node.children() {
		switch field.name() {
		case "Comment", "Branches", "ItemProcessor", "Iterator":
			continue
		}
		for at := field.at; at < field.row().after && !l.full(); at++ {
			if n := (node{l.tree, at}); l.looksLikeExpression(n) {
				l.literalExpression(n, info.QueryLanguage)
			}
		}
	}
}

// looksLikeExpression reports whether n is a string that is an expression but
// for blanks around it.
func (l *linter) looksLikeExpression(n node) bool {
	if n.kind() != textKind {
		return false
	}
	text := strings.TrimSpace(n.text())
	return strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}")
}

func (l *linter) literalExpression(n node, language QueryLanguage) {
	switch {
	case language == JSONPath:
		x := l.warn(n, warnLiteral, "The text is taken as it is: expressions are for the query language JSONata")
		x.Hint = `set "QueryLanguage": "JSONata"`
	case !isExpressionText(n):
		x := l.warn(n, warnLiteral, "The text is taken as it is: an expression begins with {%, without a blank before it")
		x.Hint = "remove the blank to have it evaluated"
	}
}
