package asl

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// rules warns of rules that are never reached, and of a Choice state that may
// find no rule.
func (l *linter) rules(c *Choice) {
	complete := false
	for i, rule := range c.Choices {
		if complete || repeatsTest(c.Choices[:i], rule) {
			l.unreachableRule(rule)
		}
		complete = complete || rule.always()
	}
	if c.Default == "" && !complete && !exhaustive(c.Choices) {
		x := l.warn(c.node, warnNoDefault, "If no rule matches, state '"+c.Name+"' fails the execution")
		x.markName = true
		x.Hint = "add Default"
	}
}

func (l *linter) unreachableRule(rule *Rule) {
	l.warn(rule.node, warnUnreachable, "The rule is never reached: an earlier one matches whenever it would")
}

// always reports whether a rule matches all data.
func (r *Rule) always() bool {
	if literal, ok := r.Condition.Value.AsBool(); ok {
		return literal
	}
	text, _ := r.Condition.Value.AsString()
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "{%"), "%}")) == "true"
}

// maxRules bounds the comparison of rules with each other.
const maxRules = 200

// repeatsTest reports whether an earlier rule makes the same test.
func repeatsTest(earlier []*Rule, rule *Rule) bool {
	if len(earlier) > maxRules {
		return false
	}
	for _, e := range earlier {
		if sameTest(e, rule) {
			return true
		}
	}
	return false
}

// sameTest reports whether two rules make the same test, word by word.
func sameTest(a, b *Rule) bool {
	switch {
	case a.Condition.Present() || b.Condition.Present():
		return a.Condition.Present() && b.Condition.Present() && a.Condition.Value.Equal(b.Condition.Value) && !usesRandom(a)
	case a.Not != nil || b.Not != nil:
		return a.Not != nil && b.Not != nil && sameTest(a.Not, b.Not)
	}
	return a.Variable == b.Variable && a.Operator == b.Operator && a.Operand.Value.Equal(b.Operand.Value) &&
		sameTests(a.And, b.And) && sameTests(a.Or, b.Or)
}

func sameTests(a, b []*Rule) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameTest(a[i], b[i]) {
			return false
		}
	}
	return true
}

// usesRandom reports whether a condition may differ from one evaluation to the
// next.
func usesRandom(r *Rule) bool {
	text, _ := r.Condition.Value.AsString()
	for _, function := range []string{"$random", "$uuid", "$now", "$millis", "$shuffle"} {
		if strings.Contains(text, function) {
			return true
		}
	}
	return false
}

// exhaustive reports whether two of the rules are opposites, so that one of
// them matches whenever data has the type that they expect.
func exhaustive(rules []*Rule) bool {
	if len(rules) > maxRules {
		return true
	}
	for i, a := range rules {
		for _, b := range rules[:i] {
			if opposite(a, b) || opposite(b, a) {
				return true
			}
		}
	}
	return false
}

// complements are pairs of comparisons. If the types are right, one of a pair
// holds.
var complements = [...][2]string{
	{"LessThan", "GreaterThanEquals"},
	{"LessThanEquals", "GreaterThan"},
}

func opposite(a, b *Rule) bool {
	switch {
	case a.Not != nil:
		return sameTest(a.Not, b)
	case a.Condition.Present() && b.Condition.Present():
		return oppositeConditions(a.Condition.Value, b.Condition.Value)
	case a.Variable == "" || a.Variable != b.Variable:
		return false
	case a.Operator == b.Operator:
		x, isBool := a.Operand.Value.AsBool()
		y, _ := b.Operand.Value.AsBool()
		return isBool && x != y
	}
	for _, c := range complements {
		kind, ok := strings.CutSuffix(strings.TrimSuffix(a.Operator, "Path"), c[0])
		if ok && strings.TrimSuffix(b.Operator, "Path") == kind+c[1] && a.Operand.Value.Equal(b.Operand.Value) {
			return true
		}
	}
	return false
}

// oppositeConditions reports whether b is written as $not(a).
func oppositeConditions(a, b jsonvalue.Value) bool {
	x, _ := a.AsString()
	y, _ := b.AsString()
	return squeezed(y) == "{%$not("+strings.Trim(squeezed(x), "{%}")+")%}"
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }
