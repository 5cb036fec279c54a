package jsonpath

import (
	"github.com/statemill/statemill/internal/javatext"
	"github.com/statemill/statemill/jsonvalue"
)

// failure is why a search ended early. Its message is made only if somebody
// gets to see it: a wildcard passes over most failures.
type failure struct {
	problem *problem
	step    int             // where it happened
	value   jsonvalue.Value // what was found there
	detail  string
}

// problem is a kind of failure.
type problem struct {
	err error
	// absent: Jayway throws PathNotFoundException, which [*] over an array
	// passes over and which makes a filter false. The others end everything.
	absent  bool
	message func(s *search) string
}

var (
	noLeaf = &problem{ErrNoLeaf, true, func(s *search) string {
		return "No results for path: " + s.at()
	}}
	noParent = &problem{ErrNoParent, true, func(s *search) string {
		return "Missing property in path " + s.at()
	}}
	noObject = &problem{ErrType, true, func(s *search) string {
		return "Property " + s.steps[s.failure.step].text() + " not found in path " + s.at()
	}}
	isNull = &problem{ErrType, true, func(s *search) string {
		return "The path " + s.at() + " is null"
	}}
	noIndex = &problem{ErrNoIndex, true, func(s *search) string {
		return "Index out of bounds when evaluating path " + s.at()
	}}
	noArray = &problem{ErrType, false, func(s *search) string {
		return "Filter: " + s.failure.detail + " can only be applied to arrays. Current context is: " +
			javatext.String(s.failure.value)
	}}
	noContainer = &problem{ErrType, false, func(s *search) string {
		return "Filter: " + s.textFrom(s.failure.step) + " can not be applied to primitives. Current context is: " +
			javatext.String(s.failure.value)
	}}
	notLast = &problem{ErrType, false, func(s *search) string {
		return "Multi properties can only be used as path leafs: " + s.at() + s.steps[s.failure.step].text()
	}}
	noPredicate = &problem{ErrType, false, func(*search) string { return "The filter [?] has no condition" }}
	noPattern   = &problem{ErrType, false, func(*search) string { return "=~ needs a pattern: /.../ or /.../i" }}
	badNumber   = &problem{ErrType, false, func(s *search) string { return s.failure.detail }}
	tooMuch     = &problem{ErrLimit, false, func(*search) string {
		return "The path looks at more than 10,000,000 values or finds more than 1,000,000"
	}}
)

// fail ends the search. It returns false for its callers to return.
func (s *search) fail(p *problem, step int, v jsonvalue.Value) bool {
	return s.failWith(p, step, v, "")
}

func (s *search) failWith(p *problem, step int, v jsonvalue.Value, detail string) bool {
	s.failure = failure{p, step, v, detail}
	return false
}
