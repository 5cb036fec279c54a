package asl

import (
	"slices"
	"strings"
	"sync"

	"github.com/statemill/statemill/jsonata"
)

// functions are the functions that expressions may call, as they are called:
// "$sum".
var functions = sync.OnceValue(func() []string {
	all := jsonata.StepFunctions.Functions()
	for i, name := range all {
		all[i] = "$" + name
	}
	return all
})

// nearestFunction proposes a function. There are many, so that some is rather
// near to any name.
func nearestFunction(name string) string {
	return nearest("$"+name, functions(), 1+len(name)/4)
}

// calls warns of a call of a function that does not exist. AWS finds out when
// the state runs.
func (c *checker) calls(n node, r jsonata.Reference) {
	if _, known := slices.BinarySearch(functions(), "$"+r.Name); known || !c.lints {
		return
	}
	x := c.warn(n, warnFunction, "There is no function '$"+r.Name+"'")
	x.endsAt(r.Position, len("$")+len(r.Name))
	if c.hints++; c.hints <= maxHints {
		x.Hint = nearestFunction(r.Name)
	}
}

// literalExpressions warns of texts that look like expressions and are none.
func (l *linter) literalExpressions(s State) {
	if !strings.Contains(l.source, "{%") {
		return
	}
	info := s.Info()
	for field := range info.node.children() {
		switch field.name() {
		case "Comment", "Branches", "ItemProcessor", "Iterator":
		default:
			l.literalExpressionsIn(field, info)
		}
	}
}

func (l *linter) literalExpressionsIn(n node, info *StateInfo) {
	if l.full() {
		return
	}
	for child := range n.children() {
		l.literalExpressionsIn(child, info)
	}
	text := strings.TrimSpace(n.text())
	if !strings.HasPrefix(text, "{%") || !strings.HasSuffix(text, "%}") {
		return
	}
	switch {
	case info.QueryLanguage == JSONPath:
		x := l.warn(n, warnLiteral, "The text is taken as it is: expressions are for the query language JSONata")
		x.Hint = `set "QueryLanguage": "JSONata"`
	case !isExpressionText(n):
		x := l.warn(n, warnLiteral, "The text is taken as it is: an expression begins with {%, without a blank before it")
		x.Hint = "remove the blank to have it evaluated"
	}
}
