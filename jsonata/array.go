package jsonata

import (
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// array is an array that the engine made. Its items never change, except
// in the copy that a transform works on.
type array struct {
	self   reference
	items  []value
	tuples []tuple // of a stream of tuples; then items is empty

	growing *growing // of what $append returns: what it can add to

	first, count int64 // a range that nobody has looked into yet

	depth         int32 // of the values that the engine made, one inside the other
	sequence      bool  // collapses: nothing if empty, its member if it has one
	keepSingleton bool  // a sequence that does not collapse to its one member
	cons          bool  // a member of the path's result, whatever surrounds it
	outerWrapper  bool  // around an input that is an array
}

// maxNesting is how deeply values that the engine makes may nest.
const maxNesting = jsonvalue.MaxDepth

func (a *array) len() int {
	switch {
	case a.tuples != nil:
		return len(a.tuples)
	case a.count > 0:
		return int(a.count)
	}
	return len(a.items)
}

func (a *array) at(i int) value {
	switch {
	case a.tuples != nil:
		return a.tuples[i].context
	case a.count > 0:
		return integer(a.first + int64(i))
	}
	return a.items[i]
}

// nesting returns how deeply what the engine made nests in v.
func (v *value) nesting() int32 {
	switch ref := v.made().(type) {
	case *array:
		return ref.depth
	case *object:
		return ref.depth
	}
	return 0
}

// array returns a new array of items, which it keeps.
func (ev *evaluation) array(items []value) (value, error) {
	a := &array{items: items}
	return arrayValue(a), ev.admit(a)
}

// sequence returns a new sequence of items, which it keeps.
func (ev *evaluation) sequence(items []value) (value, error) {
	a := &array{items: items, sequence: true}
	return arrayValue(a), ev.admit(a)
}

// resultOf returns a sequence of items that lie on the stack, which is the
// result of the evaluation and needs no place of its own.
func (ev *evaluation) resultOf(items []value) (value, error) {
	ev.result = array{items: items, sequence: true}
	return arrayValue(&ev.result), ev.admit(&ev.result)
}

// sequenceOf returns a new sequence with copies of items. A short one is
// allocated in one piece.
func (ev *evaluation) sequenceOf(items []value) (value, error) {
	if len(items) > 4 {
		return ev.sequence(slices.Clone(items))
	}
	short := &struct {
		array
		room [4]value
	}{}
	short.items = short.room[:copy(short.room[:], items)]
	short.sequence = true
	return arrayValue(&short.array), ev.admit(&short.array)
}

// admit counts a new array against the limits.
func (ev *evaluation) admit(a *array) error {
	for i := range a.items {
		a.depth = max(a.depth, a.items[i].nesting())
	}
	a.depth++
	if a.depth > maxNesting {
		return errNesting
	}
	if err := ev.checkLength(len(a.items)); err != nil {
		return err
	}
	return ev.charge(arraySteps + itemSteps*len(a.items))
}

// collapse unwraps the result of every evaluation: a sequence of one becomes its
// member, an empty one becomes nothing.
func collapse(v value) value {
	a, ok := v.array()
	if !ok || !a.sequence || a.tuples != nil {
		return v
	}
	switch {
	case a.len() == 0:
		return value{}
	case a.len() == 1 && !a.keepSingleton:
		return a.at(0)
	}
	return v
}

// keep returns v as a sequence that does not collapse to its one member.
func (ev *evaluation) keep(v value) (value, error) {
	a, ok := v.array()
	if !ok || !a.sequence {
		return v, nil
	}
	kept := *a
	kept.keepSingleton = true
	return arrayValue(&kept), ev.charge(arraySteps)
}

// items returns the members of an array, or v alone.
func (v value) items() []value {
	if !v.isArray() {
		return []value{v}
	}
	if a, ok := v.array(); ok && a.tuples == nil && a.count == 0 {
		return a.items
	}
	items := make([]value, v.len())
	for i := range items {
		items[i] = v.at(i)
	}
	return items
}

// spread appends the members of an array, or v if it is none.
func spread(to []value, v value) []value {
	if !v.isArray() {
		return append(to, v)
	}
	if a, ok := v.array(); ok && a.tuples == nil && a.count == 0 {
		return append(to, a.items...)
	}
	for i, n := 0, v.len(); i < n; i++ {
		to = append(to, v.at(i))
	}
	return to
}
