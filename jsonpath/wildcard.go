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
// members of objects are not passed over. The values that an element yielded before
// its path broke off remain in the result.
func (wildcardStep) elements(s *search, i int, v jsonvalue.Value) bool {
	if !s.spend(v.Len()) {
		return false
	}
	next := s.branch(i + 1)
	here := len(s.location)
	for index, element := range v.Elements() {
		if next.take(index, element) {
			continue
		}
		if !s.failure.problem.absent {
			return false
		}
		s.location = s.location[:here]
	}
	return len(s.found) <= maxResults || s.fail(tooMuch, i, v)
}

// each ends a path like $.orders[*] or $.orders[*].id at the array list; i is the
// step after the wildcard. Most wildcards stand so, and need no search: nothing
// can fail, and what lacks the name is passed over.
func (p *Path) each(i int, list jsonvalue.Value) jsonvalue.Value {
	if i == len(p.hops) {
		return list
	}
	return list.Pluck(p.hops[i].name)
}

func (wildcardStep) wants(*search, jsonvalue.Value) (yes, ok bool) { return true, true }
func (wildcardStep) definite() bool                                { return false }
func (wildcardStep) text() string                                  { return "[*]" }
