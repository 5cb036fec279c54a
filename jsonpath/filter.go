package jsonpath

import (
	"regexp"

	"github.com/statemill/statemill/internal/javatext"
	"github.com/statemill/statemill/jsonvalue"
)

// filterStep is [?( ... )]: the tests of one of its groups must all pass.
type filterStep [][]test

func (f filterStep) from(s *search, i int, v jsonvalue.Value) bool {
	switch v.Kind() {
	case jsonvalue.KindObject:
		yes, ok := f.accepts(s, v)
		if !yes {
			return ok
		}
		return s.next(i+1, v)
	case jsonvalue.KindArray:
		return f.elements(s, i, v)
	}
	return s.fail(noContainer, i, v)
}

func (f filterStep) elements(s *search, i int, v jsonvalue.Value) bool {
	glance, next := f.glance(), s.branch(i+1)
	for index, element := range v.Elements() {
		yes, ok := glance.accepts(s, element)
		if !ok {
			return false
		}
		if !yes {
			continue
		}
		if !next.take(index, element) {
			return false
		}
	}
	return len(s.found) <= maxResults || s.fail(tooMuch, i, v)
}

func (f filterStep) accepts(s *search, v jsonvalue.Value) (yes, ok bool) {
	for _, tests := range f {
		if yes, ok := allPass(s, tests, v); yes || !ok {
			return yes, ok
		}
	}
	return false, true
}

func allPass(s *search, tests []test, v jsonvalue.Value) (yes, ok bool) {
	if !s.spend(len(tests)) {
		return false, false
	}
	for i := range tests {
		t := &tests[i]
		if yes, work, sure := t.passesAtOnce(v); sure {
			if !s.spend(work) {
				return false, false
			}
			if !yes {
				return false, true
			}
		} else if yes, ok := t.passes(s, v); !yes || !ok {
			return false, ok
		}
	}
	return true, true
}

func (f filterStep) wants(s *search, v jsonvalue.Value) (yes, ok bool) { return f.accepts(s, v) }
func (filterStep) definite() bool                                      { return false }
func (filterStep) text() string                                        { return "[?]" }

// test is one condition of a filter.
type test struct {
	kind        testKind
	negated     bool // of exists
	left, right operand

	// Of compares: for which orders of left and right the test holds.
	less, equal, greater bool

	plain bool // isPlain
	same  bool // both sides are one path
}

type testKind uint8

const (
	exists testKind = iota // left is there and not null
	compares
	matches // a pattern matches the whole text of the other side
	breaks  // nothing: Jayway stumbles
)

// brokenFilter is [?], which stands for a predicate that nobody gives.
var brokenFilter = filterStep{{{kind: breaks}}}

func (t *test) passes(s *search, v jsonvalue.Value) (yes, ok bool) {
	if t.kind == breaks {
		return false, s.fail(noPredicate, 0, v)
	}
	left, here, ok := t.left.value(s, v)
	switch {
	case !ok:
		return false, false
	case t.kind == exists:
		return (here && !left.IsNull()) != t.negated, true
	case !here:
		return false, true // whatever is on the right
	}
	right, there, ok := t.right.value(s, v)
	if !ok || !there {
		return false, ok
	}
	if !s.spendText(left) || !s.spendText(right) {
		return false, false
	}
	if t.kind == matches {
		return t.matches(s, left, right)
	}
	return t.compares(s, left, right)
}

func (t *test) matches(s *search, left, right jsonvalue.Value) (yes, ok bool) {
	pattern, subject := t.right.pattern, left
	if pattern == nil {
		pattern, subject = t.left.pattern, right
	}
	if pattern == nil {
		return false, s.fail(noPattern, 0, subject)
	}
	if subject.IsNull() {
		return false, true
	}
	text := javatext.String(subject)
	return pattern.MatchString(text), s.spend(len(text) / bytesPerWork)
}

// spendText takes note of what comparing a text costs.
func (s *search) spendText(v jsonvalue.Value) bool {
	text, ok := v.AsString()
	return !ok || s.spend(len(text)/bytesPerWork)
}

func (t *test) compares(s *search, left, right jsonvalue.Value) (yes, ok bool) {
	if t.left.pattern != nil || t.right.pattern != nil {
		return false, true // a pattern compares with nothing
	}
	order, result := compare(left, right, &t.right)
	switch result {
	case ordered:
		return t.holds(order), true
	case incomparable:
		return t.same && t.equal, true // one and the same object
	case oneNull:
		return t.less == t.greater && t.holds(order), true
	case notANumber:
		text, _ := right.AsString()
		_, problem := parseDecimal(text)
		return false, s.failWith(badNumber, 0, right, problem)
	}
	return false, true
}

func (t *test) holds(order int) bool {
	switch {
	case order < 0:
		return t.less
	case order > 0:
		return t.greater
	}
	return t.equal
}

// operand is one side of a comparison.
type operand struct {
	path     *Path
	fromRoot bool
	exists   bool // whether the path exists is asked: then all of its names must
	pattern  *regexp.Regexp
	text     jsonvalue.Value // the literal, which is text whatever it looks like
	number   decimal         // the literal as a number
	isNumber bool
}

func literal(text string) operand {
	number, problem := parseDecimal(text)
	return operand{text: jsonvalue.String(unescapeQuotes(text)), number: number, isNumber: problem == ""}
}

// isSame reports whether both operands are one path.
func (o *operand) isSame(other *operand) bool {
	return o.path != nil && other.path != nil && o.fromRoot == other.fromRoot &&
		o.path.textFrom(0) == other.path.textFrom(0)
}

// value returns what the operand is for the element v. If the path is absent,
// here is false; if it cannot be followed at all, ok is.
func (o *operand) value(s *search, v jsonvalue.Value) (_ jsonvalue.Value, here, ok bool) {
	if o.path == nil {
		return o.text, true, true
	}
	if o.fromRoot {
		v = s.root
	}
	i, w := o.path.follow(0, v)
	if i == len(o.path.steps) {
		// A number may be long, and one at the root is compared many times.
		return w, true, !o.fromRoot || w.Kind() != jsonvalue.KindNumber || s.spend(w.Size()/bytesPerWork)
	}
	if o.path.hops[i].kind == byName {
		return w, false, true // not there, or nothing that has members
	}
	return o.search(s, v)
}

// search follows any path, to learn why it breaks off. If something
// is absent, the filter is false; any other reason ends the search.
func (o *operand) search(s *search, v jsonvalue.Value) (_ jsonvalue.Value, here, ok bool) {
	inner := &search{Path: o.path, root: v, budget: s.budget, wantsAll: o.exists, tracing: true}
	ok = inner.next(0, v)
	s.budget = inner.budget
	p := inner.failure.problem
	switch {
	case ok:
		return inner.found[0], true, true
	case p.absent:
		return v, false, true
	}
	broken := &problem{p.err, false, func(*search) string { return p.message(inner) }}
	return v, false, s.fail(broken, 0, v)
}
