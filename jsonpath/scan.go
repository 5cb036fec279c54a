package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// scanStep is "..": the next step is tried on the value and on everything
// inside it, each before what it contains.
type scanStep struct{}

func (scan scanStep) from(s *search, i int, v jsonvalue.Value) bool {
	if kind := v.Kind(); kind != jsonvalue.KindArray && kind != jsonvalue.KindObject {
		return true
	}
	if len(s.trail) > maxDepth {
		return s.fail(tooMuch, i, v)
	}
	return scan.here(s, i+1, v) && scan.below(s, i, v)
}

// here tries step i, the target of the scan, on v. Where an array matches and
// the path goes on after the target, Jayway 2.0.0 leaves the target out and
// takes every element to the step after it.
func (scanStep) here(s *search, i int, v jsonvalue.Value) bool {
	yes, ok := s.steps[i].wants(s, v)
	if !yes {
		return ok
	}
	if v.Kind() != jsonvalue.KindArray || s.last(i) {
		return s.steps[i].from(s, i, v)
	}
	for index, element := range v.Elements() {
		if !s.element(i+1, index, element) {
			return false
		}
	}
	return true
}

// below repeats step i, the scan itself, on everything in v.
func (scanStep) below(s *search, i int, v jsonvalue.Value) bool {
	for index, element := range v.Elements() {
		if !s.element(i, index, element) {
			return false
		}
	}
	for name, member := range v.Members() {
		if !s.member(i, name, member) {
			return false
		}
	}
	return true
}

// A scan in front of a scan finds nothing.
func (scanStep) wants(*search, jsonvalue.Value) (yes, ok bool) { return false, true }
func (scanStep) definite() bool                                { return false }
func (scanStep) text() string                                  { return ".." }

// rootStep is a "$" between steps, after a bracket or "..": it stays where it is.
type rootStep struct{}

func (rootStep) from(s *search, i int, v jsonvalue.Value) bool { return s.next(i+1, v) }
func (rootStep) wants(*search, jsonvalue.Value) (yes, ok bool) { return false, true }
func (rootStep) definite() bool                                { return true }
func (rootStep) text() string                                  { return "$" }
