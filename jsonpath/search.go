package jsonpath

import (
	"math"
	"sync"

	"github.com/statemill/statemill/jsonvalue"
)

// step is one component of a path.
type step interface {
	// from goes on from v, to which the steps before i led; s.steps[i] is the
	// step itself. It reports false after s.fail.
	from(s *search, i int, v jsonvalue.Value) bool

	// wants reports whether a deep scan in front of the step stops at v, an
	// array or object. ok is false after s.fail.
	wants(s *search, v jsonvalue.Value) (yes, ok bool)

	definite() bool
	text() string // as messages show it: ['name'], [0], [*], [?]
}

// search is one evaluation of a path, depth first and in document order.
type search struct {
	*Path
	root    jsonvalue.Value
	found   []jsonvalue.Value
	budget  int // of work
	depth   int // of deep scans
	failure failure

	wantsAll bool // a list of names leads to nothing if one of them is missing

	// Where the search is only matters to messages. So a search that fails is
	// repeated with tracing on, and location is where it ended.
	tracing  bool
	location []locationStep
}

// locationStep is a step of a location: the way from the root to a value.
type locationStep struct {
	name   string
	index  int
	member bool // into the member name, else into the element index
}

var searches = sync.Pool{New: func() any { return new(search) }}

// search evaluates the steps from i on, at v.
func (p *Path) search(i int, v, root jsonvalue.Value) (jsonvalue.Value, error) {
	s := searches.Get().(*search)
	defer s.release()
	s.Path, s.root, s.budget = p, root, maxWork
	if !s.next(i, v) {
		return jsonvalue.Value{}, s.explain()
	}
	if p.Definite() {
		return s.found[0], nil
	}
	return jsonvalue.Array(s.found...), nil
}

// release keeps the room for results, but nothing of a document.
func (s *search) release() {
	clear(s.found)
	*s = search{found: s.found[:0]}
	if cap(s.found) <= maxPooled {
		searches.Put(s)
	}
}

const maxPooled = 64 << 10 // results

// explain returns the error of a search that has failed. The search with
// tracing takes the same way, so it needs no budget.
func (s *search) explain() *Error {
	if s.failure.problem != tooMuch {
		again := &search{Path: s.Path, root: s.root, budget: math.MaxInt, tracing: true}
		again.next(0, s.root)
		s = again
	}
	p := s.failure.problem
	return &Error{Path: s.Path.text, Message: p.message(s), Err: p.err, absent: p.absent}
}

// next evaluates step i on v, or records v as a result if the path has no step i.
func (s *search) next(i int, v jsonvalue.Value) bool {
	if s.budget--; s.budget < 0 {
		return s.fail(tooMuch, i, v)
	}
	if !s.tracing {
		i, v = s.follow(i, v)
	}
	if i < len(s.steps) {
		return s.steps[i].from(s, i, v)
	}
	return s.find(v)
}

// find adds v to the results.
func (s *search) find(v jsonvalue.Value) bool {
	if len(s.found) == maxResults {
		return s.fail(tooMuch, len(s.steps), v)
	}
	s.found = append(s.found, v)
	return true
}

// follow goes from v at step i as far as hops lead.
func (p *Path) follow(i int, v jsonvalue.Value) (int, jsonvalue.Value) {
	for ; i < len(p.hops); i++ {
		var next jsonvalue.Value
		var ok bool
		switch h := &p.hops[i]; h.kind {
		case byName:
			next, ok = v.Get(h.name)
		case byIndex:
			next, ok = v.Index(h.index)
		}
		if !ok {
			break
		}
		v = next
	}
	return i, v
}

// member goes to step i with the member name of the value at hand.
func (s *search) member(i int, name string, v jsonvalue.Value) bool {
	if !s.tracing {
		return s.next(i, v)
	}
	return s.trace(locationStep{name: name, member: true}, func() bool { return s.next(i, v) })
}

// element goes to step i with an element of the array at hand.
func (s *search) element(i, index int, v jsonvalue.Value) bool {
	if !s.tracing {
		return s.next(i, v)
	}
	return s.trace(locationStep{index: index}, func() bool { return s.next(i, v) })
}

// trace goes one step down for the search below, and back if that succeeds.
func (s *search) trace(c locationStep, below func() bool) bool {
	s.location = append(s.location, c)
	if !below() {
		return false
	}
	s.location = s.location[:len(s.location)-1]
	return true
}

// spend takes note of work and fails if it becomes too much.
func (s *search) spend(work int) bool {
	s.budget -= work
	return s.budget >= 0 || s.fail(tooMuch, 0, s.root)
}

func (s *search) last(i int) bool { return i == len(s.steps)-1 }

// strict reports whether a name that is missing at step i is an error although
// more steps follow: all steps from the one before i on are definite.
func (s *search) strict(i int) bool { return max(i-1, 0) >= s.strictFrom }

// at returns the location as messages show it: $['orders'][0]['id'].
func (s *search) at() string {
	text := []byte("$")
	for _, c := range s.location {
		if c.member {
			text = append(text, nameStep(c.name).text()...)
		} else {
			text = append(text, indexStep(c.index).text()...)
		}
	}
	return string(text)
}

// textFrom returns the steps from i on as messages show them.
func (p *Path) textFrom(i int) string {
	var text []byte
	for _, step := range p.steps[i:] {
		text = append(text, step.text()...)
	}
	return string(text)
}
