package jsonpath

import "github.com/statemill/statemill/jsonvalue"

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
	start jsonvalue.Value
	found []jsonvalue.Value
	work  int

	// trail leads from start to the value at hand. After a failure it stays as
	// it is, so that the message can show it; whoever goes on cuts it back.
	trail []crumb
	room  [16]crumb

	failure failure
}

// crumb is one turn of a trail.
type crumb struct {
	name   string
	index  int
	member bool // into the member name, else into the element index
}

// search evaluates any path.
func (p *Path) search(root jsonvalue.Value) (jsonvalue.Value, error) {
	s := &search{Path: p, start: root}
	s.trail = s.room[:0]
	if !s.next(0, root) {
		return jsonvalue.Value{}, s.err()
	}
	if p.definite {
		return s.found[0], nil
	}
	return jsonvalue.Array(s.found...), nil
}

// next takes v to step i, or home if the path ends before it.
func (s *search) next(i int, v jsonvalue.Value) bool {
	if !s.spend(1) {
		return false
	}
	if i < len(s.steps) {
		return s.steps[i].from(s, i, v)
	}
	if len(s.found) == maxResults {
		return s.fail(tooMuch, i, v)
	}
	s.found = append(s.found, v)
	return true
}

// member goes to step i with the member name of the value at hand.
func (s *search) member(i int, name string, v jsonvalue.Value) bool {
	return s.turn(i, crumb{name: name, member: true}, v)
}

// element goes to step i with an element of the array at hand.
func (s *search) element(i, index int, v jsonvalue.Value) bool {
	return s.turn(i, crumb{index: index}, v)
}

func (s *search) turn(i int, c crumb, v jsonvalue.Value) bool {
	s.trail = append(s.trail, c)
	if !s.next(i, v) {
		return false
	}
	s.trail = s.trail[:len(s.trail)-1]
	return true
}

// spend takes note of work and fails if it becomes too much.
func (s *search) spend(work int) bool {
	s.work += work
	return s.work <= maxWork || s.fail(tooMuch, len(s.steps), s.start)
}

func (s *search) last(i int) bool { return i == len(s.steps)-1 }

// strict reports whether a name that is missing at step i is an error although
// more steps follow: all steps from the one before i on are definite.
func (s *search) strict(i int) bool { return max(i-1, 0) >= s.strictFrom }

// at returns the trail as messages show it: $['orders'][0]['id'].
func (s *search) at() string {
	text := []byte("$")
	for _, c := range s.trail {
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
