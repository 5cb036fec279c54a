package interp

import "slices"

// carryOut begins what a Task, Parallel or Map state then waits for.
func (x *Execution) carryOut(t *turn) {
	switch t.f.node.kind {
	case kindTask, kindStub:
		x.scheduleTask(t)
	case kindParallel:
		x.fork(t)
	case kindMap:
		if t.plan.run != nil {
			x.beginRun(t)
			return
		}
		x.iterate(t)
	}
}

// fork begins the branches of a Parallel state.
func (x *Execution) fork(t *turn) {
	f := t.f
	if e := x.emit(f, f.node.started); e == nil && x.overflow {
		return
	}
	branches := f.node.state.(*parallelState).branches
	f.phase = phaseForked
	f.fork = &fork{children: make([]*frame, len(branches)), open: len(branches)}
	f.setPayload(&f.fork.input, t.plan.input, t.plan.unchanged)
	for i, branch := range branches {
		child := x.newFrame(f, branch.start)
		child.index, child.last = int32(i), f.last
		child.borrowInput(t.plan.input)
		f.fork.children[i] = child
		x.becomeReady(child)
	}
}

// iterate begins the first iterations of a Map state.
func (x *Execution) iterate(t *turn) {
	f := t.f
	items := t.plan.items.value.Len()
	x.emitIterating(t)
	f.fork = &fork{items: t.plan.items, open: items, concurrency: t.plan.concurrency}
	f.renew(slotItems)
	f.setPayload(&f.fork.input, t.plan.input, t.plan.unchanged)
	if items == 0 {
		f.phase = phaseJoining
		f.failedAt = f.last
		x.becomeReady(f)
		return
	}
	f.phase = phaseForked
	f.fork.children = make([]*frame, 0, items)
	started := f.last
	for range min(items, f.fork.concurrency) {
		x.nextIteration(f, started)
	}
}

// nextIteration begins the next iteration of a Map state. previous is the event
// that its first event points to.
func (x *Execution) nextIteration(f *frame, previous int64) {
	child := x.newFrame(f, f.node.state.(*mapState).processor.start)
	child.index, child.last, child.phase = int32(len(f.fork.children)), previous, phaseSelecting
	f.fork.children = append(f.fork.children, child)
	x.goesNext(child)
}

// childDone counts a child that has reached the end of its graph, and lets the
// next iteration take its slot.
func (x *Execution) childDone(child *frame) {
	f := child.parent
	x.touch(f)
	f.fork.open--
	last := child.last
	if f.node.kind == kindMap {
		if e := x.emit(child, "MapIterationSucceeded"); e != nil {
			e.Name, e.Index = f.node.name, int(child.index)
		}
		if len(f.fork.children) < f.fork.items.value.Len() {
			x.nextIteration(f, last)
		}
	}
	if f.fork.open == 0 {
		f.failedAt = child.last
		f.phase = phaseJoining
		x.becomeReady(f)
	}
}

// breakParent tells the Parallel or Map state around f that f has failed, and
// stops the other children at once.
func (x *Execution) breakParent(f *frame, fl *failure) {
	p := f.parent
	x.touch(p)
	p.failedAt = f.last
	if f.phase != phaseSelecting { // then it is the Map state that failed
		fl.within(f)
	}
	for _, child := range p.fork.children {
		if child == f {
			x.emitChildFailed(p, f)
			f.stopAfterFailure()
			continue
		}
		x.stopTree(child, p.failedAt, true)
	}
	p.phase, p.fork.broken, p.last = phaseBroken, fl, p.failedAt
	x.becomeReady(p)
}

// removeChildren deletes the frames below f, after a join, a retry or a catch.
func (x *Execution) removeChildren(f *frame) {
	if f.fork == nil {
		return
	}
	for _, child := range f.fork.children {
		x.markRemoved(child)
	}
	x.frames = slices.DeleteFunc(x.frames, func(g *frame) bool { return g.node == nil })
	f.fork = nil
	f.drop(slotItems)
	f.drop(slotPayload)
}

func (x *Execution) markRemoved(f *frame) {
	if f.fork != nil {
		for _, child := range f.fork.children {
			x.markRemoved(child)
		}
	}
	if !f.fresh && !x.forget {
		x.effects.removed = append(x.effects.removed, f.id)
	}
	x.variables -= f.assigned
	f.node, f.until, f.fork = nil, 0, nil
}
