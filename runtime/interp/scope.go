package interp

import (
	"math/rand/v2"

	"github.com/statemill/statemill/jsonvalue"
)

// scope holds all that an expression can reach while it is evaluated.
type scope struct {
	turn *turn

	document jsonvalue.Value // $ in JSONPath
	size     int             // bound of the document; 0: not known

	// extra is $states.result or $states.errorOutput, whichever hasResult or
	// hasError tells.
	extra               jsonvalue.Value
	hasResult, hasError bool

	// states is the whole of $states, once an expression has asked for it.
	states    jsonvalue.Value
	hasStates bool
}

// over returns the scope in which $ is d.
func (t *turn) over(d datum) *scope {
	s := &t.scope
	s.turn, s.document, s.size = t, d.value, d.size
	s.hasResult, s.hasError, s.hasStates = false, false, false
	return s
}

func (s *scope) whole() datum { return datum{s.document, s.size} }

// Lookup returns a variable: the nearest scope that has it, from the frame
// outwards. It serves the expression engines. In JSONPath nothing is called
// $states, a name that nobody can assign.
func (s *scope) Lookup(name string) (jsonvalue.Value, bool) {
	if name == "states" && s.turn.at.node.jsonata {
		return s.wholeStates(), true
	}
	for f := s.turn.at; f != nil; f = f.parent {
		if v, ok := f.variables.Get(name); ok {
			return v, true
		}
	}
	return jsonvalue.Value{}, false
}

// Member returns a member of a variable, so that reading $states.input builds
// no $states.
func (s *scope) Member(name, member string) (jsonvalue.Value, bool) {
	if name != "states" {
		v, _ := s.Lookup(name)
		return v.Get(member)
	}
	switch {
	case member == "input":
		return s.turn.at.input.value, true
	case member == "context":
		return s.context(), true
	case member == "result" && s.hasResult, member == "errorOutput" && s.hasError:
		return s.extra, true
	}
	return jsonvalue.Value{}, false
}

// wholeStates builds the whole of $states, for the rare expression that wants
// it.
func (s *scope) wholeStates() jsonvalue.Value {
	if s.hasStates {
		return s.states
	}
	members := make([]jsonvalue.Member, 0, 4)
	for _, name := range []string{"input", "context", "result", "errorOutput"} {
		if v, ok := s.Member("states", name); ok {
			members = append(members, jsonvalue.Member{Name: name, Value: v})
		}
	}
	s.states, s.hasStates = jsonvalue.Object(members...), true
	return s.states
}

// context returns the Context Object.
func (s *scope) context() jsonvalue.Value { return s.turn.contextObject() }

// Uint64 makes the scope a source of randomness, which is prepared when the
// first number is drawn.
func (s *scope) Uint64() uint64 { return s.turn.source().Uint64() }

// source returns the randomness of the turn.
func (t *turn) source() rand.Source {
	if t.random == nil {
		t.random = t.env.seed.source(t.f.id, t.f.draws)
	}
	return t.random
}
