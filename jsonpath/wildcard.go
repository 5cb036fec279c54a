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
	if !s.spend(v.Len()) {
		return false
	}
	here := len(s.trail)
	name, short := s.leaf(i + 1)
	for index, element := range v.Elements() {
		if short {
			if member, ok := element.Get(name); ok {
				s.found = append(s.found, member)
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
	return len(s.found) <= maxResults || s.fail(tooMuch, i, v)
}

// leaf returns the name if step i is one and the last: $.orders[*].id is what
// most wildcards are for, and worth a loop without calls.
func (s *search) leaf(i int) (name string, ok bool) {
	if i != len(s.hops)-1 || s.tracing {
		return "", false
	}
	return s.hops[i].name, s.hops[i].kind == byName
}

func (wildcardStep) wants(*search, jsonvalue.Value) (yes, ok bool) { return true, true }
func (wildcardStep) definite() bool                                { return false }
func (wildcardStep) text() string                                  { return "[*]" }
