package jsonpath

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// nameStep is one member: .name or ['name'].
type nameStep string

func (n nameStep) from(s *search, i int, v jsonvalue.Value) bool {
	if v.Kind() != jsonvalue.KindObject {
		return s.fail(noObject, i, v)
	}
	name := string(n)
	if member, ok := v.Get(name); ok {
		return s.member(i+1, name, member)
	}
	switch {
	case s.last(i):
		return s.missing(noLeaf, i, name)
	case s.strict(i):
		return s.missing(noParent, i, name)
	}
	return true
}

// missing fails at a member that is not there.
func (s *search) missing(p *problem, i int, name string) bool {
	if s.tracing {
		s.location = append(s.location, locationStep{name: name, member: true})
	}
	return s.fail(p, i, jsonvalue.Value{})
}

func (n nameStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) {
	_, yes = v.Get(string(n))
	return yes, true
}

func (n nameStep) definite() bool { return true }
func (n nameStep) text() string   { return "['" + string(n) + "']" }

// namesStep is any other number of members, ['a','b']: a new object of those
// that exist. Jayway reads ["it's"] as a list of no names.
type namesStep []string

func (n namesStep) from(s *search, i int, v jsonvalue.Value) bool {
	if v.Kind() != jsonvalue.KindObject {
		return s.fail(noObject, i, v)
	}
	if !s.last(i) {
		return s.fail(notLast, i, v)
	}
	if !s.spend(len(n)) {
		return false
	}
	var members []jsonvalue.Member
	for _, name := range n {
		if member, ok := v.Get(name); ok {
			members = append(members, jsonvalue.Member{Name: name, Value: member})
		} else if s.wantsAll {
			return s.missing(noLeaf, i, name)
		}
	}
	return s.next(i+1, jsonvalue.Object(members...))
}

func (n namesStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) {
	for _, name := range n {
		if _, ok := v.Get(name); !ok {
			return false, true
		}
	}
	return v.Kind() == jsonvalue.KindObject, true
}

func (n namesStep) definite() bool { return true }

func (n namesStep) text() string {
	if len(n) == 0 {
		return "[]"
	}
	return "['" + strings.Join(n, "', '") + "']"
}
