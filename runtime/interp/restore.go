package interp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// Restore returns an execution as it was when the header, the frames and the
// values were committed. Their order does not matter. It fails if they do not
// belong together, or to another definition, or were written by a later
// version.
func (p *Program) Restore(h Header, frames []Frame, values []FrameValue, c Config) (*Execution, error) {
	if h.definition == nil || *h.definition != p.hash {
		return nil, fmt.Errorf("interp: the execution belongs to another definition")
	}
	x := p.New(h, c)
	x.continueFrom(&h)
	r := restorer{execution: x, frames: make(map[FrameID]*frame, len(frames)), values: make(map[ValueID]jsonvalue.Value, len(values))}
	for _, v := range values {
		r.values[v.ID] = v.Value
	}
	for _, stored := range frames {
		if err := r.frame(stored); err != nil {
			return nil, err
		}
	}
	if err := r.connect(frames); err != nil {
		return nil, err
	}
	return x, nil
}

// restorer rebuilds the frames of an execution.
type restorer struct {
	execution *Execution
	frames    map[FrameID]*frame
	values    map[ValueID]jsonvalue.Value
}

func (r *restorer) frame(stored Frame) error {
	s := stored.read
	if s == nil || r.frames[stored.ID] != nil {
		return fmt.Errorf("interp: frame %d is empty or there twice", stored.ID)
	}
	copied := s.frame
	f := &copied
	f.id, f.node = stored.ID, r.execution.program.states[s.state]
	if f.task != nil {
		task := *f.task
		f.task = &task
	}
	if f.fork != nil {
		fork := *f.fork
		if f.fork = &fork; fork.run != nil {
			run := *fork.run
			run.remote = r.execution.remote
			fork.run = &run
		}
	}
	if f.node == nil {
		return fmt.Errorf("interp: frame %d is in state %q, which the definition lacks", f.id, s.state)
	}
	if f.retries != nil {
		if len(*f.retries) != len(f.node.retry) {
			return fmt.Errorf("interp: frame %d counts retries of %d retriers, and the state has %d", f.id, len(*f.retries), len(f.node.retry))
		}
		retries := slices.Clone(*f.retries)
		f.retries = &retries
	}
	r.frames[f.id] = f
	return r.fill(f, s)
}

// fill puts the values into their places.
func (r *restorer) fill(f *frame, s *storedFrame) error {
	data := f.data()
	for slot, number := range f.numbers {
		if number == 0 {
			continue
		}
		v, ok := s.inline[slot], f.isInline(slot)
		if !ok {
			v, ok = r.values[ValueID{f.id, number}]
		}
		if !ok {
			return fmt.Errorf("interp: frame %d refers to value %d, which is missing", f.id, number)
		}
		switch {
		case slot == slotVariables:
			f.variables = v
		case slot == slotOrigin:
			r.execution.input = v
		case data[slot] != nil:
			data[slot].value = v
		}
	}
	return nil
}

// connect links frames with their parents and makes the rest of the execution.
func (r *restorer) connect(stored []Frame) error {
	x := r.execution
	for _, s := range stored {
		f := r.frames[s.ID]
		if parent := s.read.parent; parent != 0 {
			f.parent = r.frames[parent]
			if f.parent == nil || f.parent.fork == nil {
				return fmt.Errorf("interp: frame %d lacks its parent %d", f.id, parent)
			}
		}
		x.frames = append(x.frames, f)
	}
	slices.SortFunc(x.frames, byID)
	if x.program.graphOf(x.parent) == nil {
		return fmt.Errorf("interp: the execution is a child of the Map state %q, which the definition lacks", x.parent.Map)
	}
	if len(x.frames) == 0 && x.header.Status == Succeeded {
		return nil // nothing is left of it, and nothing can happen to it
	}
	if len(x.frames) == 0 || x.frames[0].parent != nil {
		return fmt.Errorf("interp: the execution lacks its first frame")
	}
	for _, f := range x.frames {
		r.enlist(f)
	}
	slices.SortFunc(x.ready, byPlace)
	if x.rare != nil {
		slices.SortFunc(x.rare.queue, byPlace)
	}
	return x.sound()
}

func (r *restorer) enlist(f *frame) {
	x := r.execution
	x.variables += f.assigned
	if f.parent != nil {
		f.parent.fork.children = append(f.parent.fork.children, f)
		f.borrow()
	}
	if f.until != 0 && x.watches(f) {
		x.wakes.push(f)
	}
	switch {
	case f.phase == phaseWorking:
		x.out++
	case f.phase == phaseQueued:
		r := x.noted()
		r.queue = append(r.queue, f)
	case f.phase == phaseMapping || f.phase == phaseWriting && f.drains():
		r.enlistRun(f)
	case f.phase.ready():
		x.ready = append(x.ready, f)
	}
}

// enlistRun takes a Map Run up. Items that were read and not started are read again. One that
// drains, or did, does so again: nobody else has what was pending.
func (r *restorer) enlistRun(f *frame) {
	run, s := f.fork.run, f.node.state.(*mapState)
	run.after = run.cursor
	if f.drains() {
		at := run.position(0)
		run.drained, run.ended, f.phase = &at, false, phaseMapping
		run.children.Pending, run.items.Pending = 0, 0
		if s.reader == nil {
			run.ready = true
			r.execution.ready = append(r.execution.ready, f)
			return
		}
	}
	if run.ready = f.place != 0; run.ready {
		r.execution.ready = append(r.execution.ready, f)
		return
	}
	run.reading = s.reader != nil && !run.ended && (run.free(r.execution.limits) > 0 && f.fork.broken == nil || f.drains())
}

// byPlace orders strands as they have their turns.
func byPlace(a, b *frame) int { return cmp.Or(cmp.Compare(a.place, b.place), byID(a, b)) }

// borrow takes the input of a child from its parent, which is complete.
func (f *frame) borrow() {
	switch k := f.parent.fork; {
	case !f.borrowed:
	case f.parent.node.kind == kindMap:
		item, _ := k.items.value.Index(int(f.index))
		f.input = datum{item, k.items.size}
	default:
		f.input = k.input
	}
}
