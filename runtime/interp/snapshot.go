package interp

import "time"

// Snapshot returns the whole execution as of the last Step: Header, and in Changed and Values
// all frames with their values. It is for drivers that store seldom, and works with
// Config.Forget. Call it when nothing is noted. What it returns is valid until the next Step.
func (x *Execution) Snapshot() Ready {
	r := Ready{Header: x.storedAs(), Wake: x.nextWake()}
	if x.header.Status == Succeeded {
		return r // nothing can happen to it any more
	}
	for _, f := range x.frames {
		if f.node == nil {
			continue // it is done, and its parent goes on
		}
		r.Changed = append(r.Changed, Frame{ID: f.id, frame: f, owner: x})
		for slot, number := range f.numbers {
			if number != 0 && !f.isInline(slot) && !f.repeats(slot) {
				r.Values = append(r.Values, FrameValue{ValueID{f.id, number}, x.value(f, slot)})
			}
		}
	}
	return r
}

// repeats reports whether an earlier slot holds the same value.
func (f *frame) repeats(slot int) bool {
	for _, number := range f.numbers[:slot] {
		if number == f.numbers[slot] {
			return true
		}
	}
	return false
}

// Events returns how many events the execution has had, which are counted also while no
// history is made. A Step that adds none has made no transition.
func (x *Execution) Events() int64 { return x.header.lastEvent }

// Strand tells where one strand of an execution is.
type Strand struct {
	Frame FrameID   `json:"frame"`
	State string    `json:"state"`
	Phase string    `json:"phase"` // "working", "waiting", "delayed", ... as in ARCHITECTURE.md
	Since time.Time `json:"since"` // when the state was entered
}

// Strands returns where the execution is: its strands that have a state, in the order in
// which they began. A Parallel or Map state has one of its own, beside those of its children.
func (x *Execution) Strands() []Strand {
	var all []Strand
	for _, f := range x.frames {
		if f.node != nil && f.phase != phaseDone {
			all = append(all, Strand{f.id, f.node.name, f.phase.String(), time.UnixMilli(f.enteredAt).UTC()})
		}
	}
	return all
}
