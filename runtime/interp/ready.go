package interp

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Ready says what must happen after a Step. Package documentation has the
// order.
type Ready struct {
	Header  *Header         // to be stored; nil with Config.Forget
	Changed []Frame         // insert or replace
	Values  []FrameValue    // insert; a value is never changed
	Removed []FrameID       // delete, with their values
	Dropped []ValueID       // delete: values of frames that stay
	History []history.Event // append; empty unless Config.History

	Cancel []TaskID    // cancel these first
	Start  []StartTask // then start these, in this order
	Open   []StartTask // of Pending alone: tasks that are answered by token. Nothing is to be started

	// Mapping is what distributed Map states want; nil: nothing. A driver that sets
	// Config.Children does it after the commit, in the order of the fields.
	Mapping *Mapping

	// Wake is when the next Step is due; zero: only after an answer.
	Wake time.Time

	// Outcome is set when the execution is over.
	Outcome *Outcome
}

// ValueID names a value of a frame.
type ValueID struct {
	Frame  FrameID
	Number uint32
}

// FrameValue is a value that a frame refers to: input, items, variables, the
// output of a branch that is done. It is written once.
type FrameValue struct {
	ID    ValueID
	Value jsonvalue.Value
}

// clearEffects makes room for what the next Step says.
func (x *Execution) clearEffects() {
	if x.effects == nil {
		x.effects = effectsPool.Get().(*effects)
	}
	e := x.effects
	e.changed, e.values = e.changed[:0], e.values[:0]
	e.removed, e.dropped = e.removed[:0], e.dropped[:0]
	e.history = e.history[:0]
	e.cancel, e.start = e.cancel[:0], e.start[:0]
	e.outcome, e.mapping = nil, nil
}

// mapping returns the place for what distributed Map states want.
func (x *Execution) mapping() *Mapping {
	if x.effects.mapping == nil {
		x.effects.mapping = new(Mapping)
	}
	return x.effects.mapping
}

// effects collects the content of a Ready while a Step runs.
type effects struct {
	changed []Frame
	values  []FrameValue
	removed []FrameID
	dropped []ValueID
	history []history.Event
	cancel  []TaskID
	start   []StartTask
	outcome *Outcome
	mapping *Mapping // nil: nothing is wanted
}

var effectsPool = sync.Pool{New: func() any { return new(effects) }}

// keptEffects is how many places of each kind are worth keeping.
const keptEffects = 512

// release gives the memory back, empty.
func (e *effects) release() {
	*e = effects{
		emptied(e.changed), emptied(e.values), emptied(e.removed), emptied(e.dropped),
		emptied(e.history), emptied(e.cancel), emptied(e.start), nil, nil,
	}
	effectsPool.Put(e)
}

// emptied returns the room of a slice, unless it is large.
func emptied[T any](s []T) []T {
	if cap(s) > keptEffects {
		return nil
	}
	clear(s)
	return s[:0]
}

// collect fills in the Ready of a Step.
func (x *Execution) collect(r *Ready) {
	w, e := x.scratch, x.effects
	for _, f := range w.dirty { // nothing if the driver forgets
		f.changed = false
		if f.node != nil && x.header.Status != Succeeded {
			x.collectFrame(f)
		}
	}
	if x.touched {
		x.header.Revision++
	}
	clear(w.dirty)
	w.dirty = w.dirty[:0]
	x.header.now = x.now
	x.touched = false
	if len(e.start) > 0 && len(e.cancel) > 0 {
		x.dropCancelled()
	}
	if !x.forget {
		r.Header = x.storedAs()
		r.Changed, r.Values, r.Removed, r.Dropped = e.changed, e.values, e.removed, e.dropped
	}
	r.History, r.Cancel, r.Start, r.Mapping = e.history, e.cancel, e.start, e.mapping
	r.Wake, r.Outcome = x.nextWake(), e.outcome
}

func (x *Execution) collectFrame(f *frame) {
	f.fresh = false
	e := x.effects
	e.changed = append(e.changed, Frame{ID: f.id, frame: f, owner: x})
	if f.numbers == f.kept {
		return
	}
	before := f.inline
	f.inline = x.collectValues(f)
	for slot, number := range f.kept {
		if number != 0 && before&(1<<slot) == 0 && !slices.Contains(f.numbers[:], number) && !slices.Contains(f.kept[:slot], number) {
			e.dropped = append(e.dropped, ValueID{f.id, number})
		}
	}
	f.kept = f.numbers
}

// collectValues decides where each value of a frame is stored: in the frame if it
// is small, else apart, where it stays. It returns the slots of the former.
func (x *Execution) collectValues(f *frame) (inline uint8) {
	for slot, number := range f.numbers {
		if number == 0 {
			continue
		}
		small := false
		if at := slices.Index(f.kept[:], number); at >= 0 {
			small = f.isInline(at)
		} else if at := slices.Index(f.numbers[:slot], number); at >= 0 {
			small = inline&(1<<at) != 0
		} else if v := x.value(f, slot); x.inline > 0 && v.Size() <= x.inline {
			small = true
		} else {
			x.effects.values = append(x.effects.values, FrameValue{ValueID{f.id, number}, v})
		}
		if small {
			inline |= 1 << slot
		}
	}
	return inline
}

// dropCancelled takes out tasks that were started and cancelled in one Step.
func (x *Execution) dropCancelled() {
	e := x.effects
	e.start = slices.DeleteFunc(e.start, func(s StartTask) bool {
		i := slices.Index(e.cancel, s.ID)
		if i >= 0 {
			e.cancel = slices.Delete(e.cancel, i, i+1)
		}
		return i >= 0
	})
}

// value returns what is in a slot of a frame.
func (x *Execution) value(f *frame, slot int) jsonvalue.Value {
	switch slot {
	case slotVariables:
		return f.variables
	case slotOrigin:
		return x.input
	}
	return f.data()[slot].value
}

func byID(a, b *frame) int { return cmp.Compare(a.id, b.id) }
