package interp

// Redrive notes that an execution that ended without success is to go on, at the
// states that did not succeed. It returns false, and notes nothing, if there is
// nothing to redrive, or if the history has no room for it.
func (x *Execution) Redrive() bool {
	switch x.header.Status {
	case Failed, TimedOut, Aborted:
		x.noted().redrive = len(x.frames) > 0 && x.header.lastEvent < int64(x.limits.History)-1
		return x.rare.redrive
	}
	return false
}

// goOn takes every strand up again that the end of the execution interrupted.
// Retry counters begin anew, and so does the time of the whole execution.
func (x *Execution) goOn() {
	if x.parent != nil && x.parent.Express {
		x.beginAgain()
		return
	}
	x.touched = true
	x.context.Store(nil)
	x.header.Status = Running
	x.redrives++
	x.redriven = x.now
	x.header.deadline = x.timeIsUp()
	x.emitRedriven()
	for _, f := range x.frames {
		if f.phase == phaseStopped {
			x.takeUp(f)
		}
	}
}

// beginAgain runs a child of the type EXPRESS again from its start (recorded).
func (x *Execution) beginAgain() {
	for _, f := range x.frames {
		if !f.fresh && !x.forget {
			x.effects.removed = append(x.effects.removed, f.id)
		}
	}
	x.frames, x.ready, x.wakes, x.variables, x.out = x.frames[:0], x.ready[:0], nil, 0, 0
	x.header.lastEvent = 0
	x.redrives++
	x.context.Store(nil)
	x.beginWith(measured(x.input))
}

// takeUp lets a stopped strand go on: a Parallel or Map state with the children
// it has, any other state with another attempt, whose events follow that with
// which the state was entered. Those of a Fail state follow ExecutionRedriven.
func (x *Execution) takeUp(f *frame) {
	x.touch(f)
	f.retries, f.retried = nil, 0
	if f.task != nil && f.fork == nil {
		f.drop(slotPayload) // with a fork, it is the input of the branches
		f.drop(slotSubmission)
	}
	f.task = nil
	if f.fork != nil && f.fork.run != nil {
		if f.stopped != phaseJoining && x.redriveRun(f) {
			return
		}
		x.removeChildren(f)
		f.stopped = phaseAttempting
	}
	switch {
	case f.stopped == phaseEntering || f.stopped == phaseSelecting || f.stopped == phaseJoining:
		f.phase = f.stopped
	case f.fork != nil && len(f.fork.children) > 0 && f.fork.open > 0:
		f.phase, f.fork.broken = phaseForked, nil
		return
	default:
		f.phase = phaseAttempting
		f.last = f.entered
		if f.node.kind == kindFail {
			f.last = x.header.lastEvent
		}
	}
	x.becomeReady(f)
}
