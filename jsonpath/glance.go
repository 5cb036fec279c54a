package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// Most tests compare a member of the element with a number or a text, such as
// @.total < 10 or @.status == 'open', and are decided at a glance.

// isPlain reports whether a test may be decided at a glance.
func (t *test) isPlain() bool {
	return t.kind == compares && t.left.path != nil && !t.left.fromRoot &&
		t.right.path == nil && t.right.pattern == nil && !isNullish(t.right.text)
}

// decide compares the value on the left with the literal. work is the cost of
// looking through texts. The result is not sure for a value that is neither text
// nor number, and for a number that is too close to the literal.
func (t *test) decide(left jsonvalue.Value) (yes bool, work int, sure bool) {
	if t.right.isNumber {
		if yes, sure := t.decideNumber(left); sure {
			return yes, 0, true
		}
	}
	return t.decideText(left)
}

// decideNumber compares as floats, or as integers where both are.
func (t *test) decideNumber(left jsonvalue.Value) (yes, sure bool) {
	f, ok := left.AsFloat64()
	switch literal := &t.right.number; {
	case !ok:
		return false, false
	case f < literal.rounded:
		return t.less, true
	case f > literal.rounded:
		return t.greater, true
	case literal.small:
		_, whole := left.AsInt64()
		return t.equal, whole
	}
	return false, false
}

// decideText compares texts, equal ones without looking for their order.
func (t *test) decideText(left jsonvalue.Value) (yes bool, work int, sure bool) {
	text, ok := left.AsString()
	literal, _ := t.right.text.AsString()
	work = len(text)/bytesPerWork + len(literal)/bytesPerWork
	switch {
	case !ok:
		return false, 0, false
	case text == literal:
		return t.equal, work, true
	case text == "null":
		return false, 0, false
	case t.less == t.greater:
		return t.less, work, true
	}
	return t.holds(compareStrings(left, t.right.text)), work, true
}

// passesAtOnce decides a plain test for an element, if that is easy.
func (t *test) passesAtOnce(element jsonvalue.Value) (yes bool, work int, sure bool) {
	if !t.plain {
		return false, 0, false
	}
	hops, left := t.left.path.follow(0, element)
	if hops < len(t.left.path.hops) {
		return false, 0, false
	}
	return t.decide(left)
}

// glance applies a filter to one element after another. If the filter is a
// single plain test of a member, it looks where the element before had it.
type glance struct {
	filterStep
	plain  *test // or nil
	lookup jsonvalue.Lookup
}

func (f filterStep) glance() glance {
	g := glance{filterStep: f}
	if t := &f[0][0]; len(f) == 1 && len(f[0]) == 1 && t.plain {
		if name, ok := t.left.path.member(); ok {
			g.plain, g.lookup.Name = t, name
		}
	}
	return g
}

func (g *glance) accepts(s *search, element jsonvalue.Value) (yes, ok bool) {
	if g.plain != nil {
		if member, ok := g.lookup.In(element); ok {
			if yes, work, sure := g.plain.decide(member); sure {
				return yes, s.spend(1 + work)
			}
		}
	}
	return g.filterStep.accepts(s, element)
}
