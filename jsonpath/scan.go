package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// scanStep is "..": the next step is tried on the value and on everything
// inside it, each before what it contains.
type scanStep struct{}

func (scan scanStep) from(s *search, i int, v jsonvalue.Value) bool {
	if !isContainer(v) {
		return true
	}
	if name, short := s.leaf(i + 1); short {
		return s.collect(name, v)
	}
	if s.depth == maxDepth {
		return s.fail(tooMuch, i, v)
	}
	s.depth++
	ok := s.spend(v.Len()) && scan.here(s, i+1, v) && (isFlat(v) || scan.below(s, i, v))
	s.depth--
	return ok
}

// leaf returns the name if step i is one and the last.
func (s *search) leaf(i int) (name string, ok bool) {
	if i != len(s.hops)-1 || s.tracing {
		return "", false
	}
	return s.hops[i].name, s.hops[i].kind == byName
}

// collect is the whole scan if it is for one name and nothing more.
func (s *search) collect(name string, v jsonvalue.Value) bool {
	if s.depth == maxDepth || len(s.found) >= maxResults {
		return s.fail(tooMuch, 0, v)
	}
	if !s.spend(v.Len()) {
		return false
	}
	if found, ok := v.Get(name); ok {
		s.found = append(s.found, found)
	}
	if isFlat(v) {
		return true
	}
	s.depth++
	for _, element := range v.Elements() {
		if isContainer(element) && !s.collect(name, element) {
			return false
		}
	}
	for _, member := range v.Members() {
		if isContainer(member) && !s.collect(name, member) {
			return false
		}
	}
	s.depth--
	return true
}

func isContainer(v jsonvalue.Value) bool { return v.Depth() > 0 }

// isFlat reports whether nothing in the array or object v could be scanned.
func isFlat(v jsonvalue.Value) bool { return v.Depth() == 1 }

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
func (scan scanStep) below(s *search, i int, v jsonvalue.Value) bool {
	for index, element := range v.Elements() {
		if isContainer(element) && !scan.at(s, i, locationStep{index: index}, element) {
			return false
		}
	}
	for name, member := range v.Members() {
		if isContainer(member) && !scan.at(s, i, locationStep{name: name, member: true}, member) {
			return false
		}
	}
	return true
}

func (scan scanStep) at(s *search, i int, c locationStep, v jsonvalue.Value) bool {
	if !s.tracing {
		return scan.from(s, i, v)
	}
	return s.trace(c, func() bool { return scan.from(s, i, v) })
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
