package jsonata

import (
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// frame holds the variables of a block or a call. Names are found from the
// inside out; an expression has few, so a list is the quickest to search.
type frame struct {
	outer  *frame
	vars   []variable
	shared bool // vars belongs to a tuple
}

// variable is a name with its value, which may be nothing.
type variable struct {
	name  string
	value value
}

// variablesSeen is how many variables are looked at in a step.
const variablesSeen = 16

// bind gives a variable of the frame a value. It returns how many variables it
// has looked at; a long name counts more than once.
func (f *frame) bind(name string, v value) (seen int) {
	seen = len(f.vars) * (1 + len(name)/256)
	for i := range f.vars {
		if f.vars[i].name == name {
			if f.shared {
				f.vars, f.shared = slices.Clone(f.vars), false
			}
			f.vars[i].value = v
			return seen
		}
	}
	f.vars = append(f.vars, variable{name, v})
	return seen
}

// lookup finds a variable that the expression itself has bound. Seen counts the
// frames and variables that it has looked at, as bind does.
func (f *frame) lookup(name string) (v value, ok bool, seen int) {
	long := 1 + len(name)/256
	for ; f != nil; f = f.outer {
		seen += 1 + len(f.vars)*long
		for i := range f.vars {
			if f.vars[i].name == name {
				return f.vars[i].value, true, seen
			}
		}
	}
	return value{}, false, seen
}

// enter returns a frame for a call.
func (ev *evaluation) enter(outer *frame) *frame {
	f := ev.idle
	if f == nil {
		return newFrame(outer)
	}
	ev.idle, f.outer = f.outer, outer
	return f
}

// leave keeps a frame that nothing refers to any more for the next call.
func (ev *evaluation) leave(f *frame) {
	clear(f.vars)
	f.vars, f.outer = f.vars[:0], ev.idle
	ev.idle = f
}

// newFrame returns a frame with room for a few variables.
func newFrame(outer *frame) *frame {
	f := &struct {
		frame
		room [2]variable
	}{}
	f.outer, f.vars = outer, f.room[:0]
	return &f.frame
}

// tuple is one combination of the values that a path has bound so far.
type tuple struct {
	context value
	vars    []variable // shared; capacity ends with the length
}

// frame returns the frame in which the variables of a tuple are bound.
func (t *tuple) frame(outer *frame) *frame {
	return &frame{outer: outer, vars: t.vars[:len(t.vars):len(t.vars)], shared: true}
}

// with returns a tuple in which one more variable is bound.
func (t tuple) with(name string, v value) tuple {
	vars := make([]variable, 0, len(t.vars)+2)
	for _, old := range t.vars {
		if old.name != name {
			vars = append(vars, old)
		}
	}
	t.vars = append(vars, variable{name, v})
	return t
}

// merge returns a tuple with the variables and the context of another one.
func (t tuple) merge(other tuple) tuple {
	for _, v := range other.vars {
		t = t.with(v.name, v.value)
	}
	t.context = other.context
	return t
}

// Variables looks up variables by name, without the dollar sign.
type Variables interface {
	Lookup(name string) (jsonvalue.Value, bool)
}

// MemberVariables are Variables that can look into an object without building
// it. The value of $name.member is then the result of Member(name, member), unless
// the expression itself binds $name. So a host of Step Functions' $states need not
// put input, result, errorOutput and context together for an expression that reads
// one of them. Member returns false if there is no value.
type MemberVariables interface {
	Variables
	Member(name, member string) (jsonvalue.Value, bool)
}

// Vars are variables in a map.
type Vars map[string]jsonvalue.Value

// Lookup implements [Variables].
func (v Vars) Lookup(name string) (jsonvalue.Value, bool) {
	x, ok := v[name]
	return x, ok
}
