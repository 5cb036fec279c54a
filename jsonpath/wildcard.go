package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// wildcardStep is every member of an object and every element of an array.
type wildcardStep struct{}

func (w wildcardStep) from(s *search, i int, v jsonvalue.Value) bool {
	if v.Kind() == jsonvalue.KindArray {
		return w.elements(s, i, v)
	}
	for name, member := range v.Members() {
		if !s.member(i+1, name, member) {
			return false
		}
	}
	return true
}

// elements passes over the elements in which the rest of the path is absent;
// members of objects get no such favour. What an element yielded before its
// path broke off stays found.
func (wildcardStep) elements(s *search, i int, v jsonvalue.Value) bool {
	here := len(s.trail)
	for index, element := range v.Elements() {
		if !s.tracing {
			if end, value := s.follow(i+1, element); end == len(s.steps) && s.spend(1) && s.find(value) {
				continue
			}
		}
		if s.element(i+1, index, element) {
			continue
		}
		if !s.failure.problem.absent {
			return false
		}
		s.trail = s.trail[:here]
	}
	return true
}

func (wildcardStep) wants(*search, jsonvalue.Value) (yes, ok bool) { return true, true }
func (wildcardStep) definite() bool                                { return false }
func (wildcardStep) text() string                                  { return "[*]" }
