package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// A numeric test, such as @.total < 10, is the most frequent of all. It compares
// a member of the element with a number, and is mostly easy to decide.

// name is the member that a numeric test looks at.
func (t *test) name() string { return t.left.path.hops[0].name }

// decides compares as floats, or as integers where both are. It is not sure of
// what is no number, and of a number that is too close to the literal.
func (t *test) decides(member jsonvalue.Value) (yes, sure bool) {
	f, ok := member.AsFloat64()
	switch literal := &t.right.number; {
	case !ok:
		return false, false
	case f < literal.rounded:
		return t.less, true
	case f > literal.rounded:
		return t.greater, true
	case literal.small:
		_, whole := member.AsInt64()
		return t.equal, whole
	}
	return false, false
}

// passesNumber decides a numeric test if that is easy.
func (t *test) passesNumber(v jsonvalue.Value) (yes, sure bool) {
	if !t.isNumeric {
		return false, false
	}
	member, _ := v.Get(t.name())
	return t.decides(member)
}

// glance applies a filter to one element after another. If the filter is a
// single numeric test, it looks where the element before had the member.
type glance struct {
	filterStep
	numeric *test // or nil
	lookup  jsonvalue.Lookup
}

func (f filterStep) glance() glance {
	g := glance{filterStep: f}
	if t := &f[0][0]; len(f) == 1 && len(f[0]) == 1 && t.isNumeric {
		g.numeric, g.lookup.Name = t, t.name()
	}
	return g
}

func (g *glance) accepts(s *search, element jsonvalue.Value) (yes, ok bool) {
	if g.numeric == nil {
		return g.filterStep.accepts(s, element)
	}
	member, _ := g.lookup.In(element)
	if yes, sure := g.numeric.decides(member); sure {
		return yes, s.spend(1)
	}
	return g.filterStep.accepts(s, element)
}
