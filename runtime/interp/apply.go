package interp

// apply makes a transition happen that was worked out.
func (x *Execution) apply(t *turn, s *share) {
	f := t.f
	x.touch(f)
	if t.drew || t.random != nil {
		f.draws++
	}
	if t.assigned.Len() > 0 {
		x.limitVariables(t)
	}
	if x.reach != nil {
		x.tellReached(t)
	}
	if f.phase == phaseAnswered || f.phase == phaseJoining {
		x.endAwaited(t)
	}
	if t.begun {
		x.emitIterating(t)
	}
	if len(t.evaluations) > 0 {
		x.emitEvaluations(t)
	}
	switch t.verdict {
	case exits:
		x.exitState(t)
	case begins:
		x.carryOut(t)
	case maps:
		x.mapOn(f, s)
	case waits:
		f.phase = phaseWaiting
		x.sleepUntil(f, t.until)
	case retries:
		x.applyRetry(t)
	case fails:
		x.applyFailure(t)
	case selects:
		x.emitIterationStarted(f)
		f.phase = phaseEntering
		if t.borrows {
			f.borrowInput(t.output)
		} else {
			f.setInput(t.output)
		}
		x.becomeReady(f)
	}
	if x.overflow {
		x.endIfFull()
	}
}

// endAwaited ends what the state was waiting for and tells the history so.
func (x *Execution) endAwaited(t *turn) {
	if t.f.phase == phaseAnswered {
		x.endTask(t)
		return
	}
	x.emitJoined(t)
	x.removeChildren(t.f)
}

// exitState leaves the state for the next one or for the end of its graph.
func (x *Execution) exitState(t *turn) {
	f := t.f
	if t.caught != nil {
		x.emitContainerFailed(f)
		x.removeChildren(f)
	}
	assigns := t.assigned.Len() > 0
	if assigns {
		x.commit(f, t.assigned)
	}
	if e := x.emit(f, f.node.exited); e != nil {
		e.Name, e.Output = f.node.name, t.output.value
		if assigns {
			e.Variables = t.assigned
		}
	}
	atOnce := f.node.kind == kindWait && f.phase == phaseEntering
	f.forgetVisit()
	if t.next == nil {
		x.endGraph(f, t.output)
		return
	}
	f.moveTo(t.next, t.output)
	if atOnce {
		x.goesNext(f)
		return
	}
	x.becomeReady(f)
}

// onlyExits reports whether a turn changes nothing but the place of a strand and its input:
// the state is entered and left at once, or its task has succeeded.
func (t *turn) onlyExits() bool {
	if t.verdict != exits || t.drew || t.random != nil || t.caught != nil || len(t.evaluations) > 0 || !t.assigned.IsNull() {
		return false
	}
	switch f := t.f; f.phase {
	case phaseEntering:
		return f.node.kind != kindWait
	case phaseAnswered:
		return f.node.kind == kindTask && f.task.started
	}
	return false
}

// mayPassOn reports whether there is room for two more events, and no task waits for a slot.
func (x *Execution) mayPassOn() bool {
	return x.header.lastEvent+2 < int64(x.limits.History) && !x.queued()
}

// passOn is transition for a turn that only exits, while nobody wants to see events: it
// counts two of them. Most states of most executions are left in this way, and most of what is done
// for others would be for nothing.
func (x *Execution) passOn(t *turn, s *share) {
	f := t.f
	x.touch(f)
	s.transitions--
	s.work -= t.cost
	x.header.lastEvent += 2
	f.last = x.header.lastEvent
	if f.phase == phaseEntering {
		f.entered, f.enteredAt = f.last-1, x.now
	} else {
		f.forgetVisit()
		*f.task = task{}
		f.drop(slotPayload)
	}
	if t.next == nil {
		x.endGraph(f, t.output)
		if x.overflow { // the parent has an event, too
			x.endIfFull()
		}
		return
	}
	f.moveTo(t.next, t.output)
	x.becomeReady(f)
}

// moveTo has a strand enter another state next.
func (f *frame) moveTo(next *node, input datum) {
	f.node, f.phase = next, phaseEntering
	f.setInput(input)
}

// forgetVisit forgets what belonged to one visit of a state.
func (f *frame) forgetVisit() {
	f.retried, f.until = 0, 0
	if f.retries != nil {
		f.retries = nil
	}
	f.forgetTask()
}

// forgetTask forgets that the last attempt of a task failed.
func (f *frame) forgetTask() {
	if f.task != nil && f.task.failed {
		f.task.failed = false
	}
}

// endGraph ends the strand: the execution, a branch or an iteration.
func (x *Execution) endGraph(f *frame, output datum) {
	if f.parent == nil {
		f.input = output
		x.succeed(output)
		return
	}
	f.phase = phaseDone
	f.setInput(output)
	x.forgetVariables(f)
	x.childDone(f)
}

func (x *Execution) succeed(output datum) {
	if e := x.emit(x.frames[0], "ExecutionSucceeded"); e != nil {
		e.Output = output.value
	}
	if x.overflow {
		x.failExecution(x.frames[0], x.historyFull())
		return
	}
	x.header.Status = Succeeded
	x.effects.outcome = &Outcome{Status: Succeeded, Output: output.value}
	for _, f := range x.frames {
		if !f.fresh && !x.forget {
			x.effects.removed = append(x.effects.removed, f.id)
		}
	}
	x.frames = x.frames[:0]
}

// applyRetry sends the state into another attempt.
func (x *Execution) applyRetry(t *turn) {
	f := t.f
	x.removeChildren(f)
	if f.retries == nil {
		made := make([]uint32, len(f.node.retry))
		f.retries = &made
	}
	(*f.retries)[t.retrier]++
	f.retried++
	f.forgetTask()
	f.phase = phaseDelayed
	if t.until <= x.now {
		f.phase = phaseAttempting
		x.becomeReady(f)
		return
	}
	x.sleepUntil(f, t.until)
}

// applyFailure ends the strand without success: nobody caught the failure.
func (x *Execution) applyFailure(t *turn) {
	f, fl := t.f, t.failure
	if fl.uncatchable() {
		x.failExecution(f, fl)
		return
	}
	if f.phase == phaseBroken || t.failedCatch || t.evaluationOfContainer() || f.node.kind == kindStub && t.failure.task != (TaskID{}) {
		x.emitContainerFailed(f)
	}
	if f.parent == nil {
		x.failExecution(f, fl)
		return
	}
	x.breakParent(f, fl)
}

// evaluationOfContainer reports whether the state of a Parallel or Map itself
// failed by an expression: AWS then says that the state has failed.
func (t *turn) evaluationOfContainer() bool {
	return t.failure.kind == failedEvaluation && t.f == t.at && t.f.node.failed != ""
}

// failExecution ends the execution with a failure of the strand f.
func (x *Execution) failExecution(f *frame, fl *failure) {
	x.frames[0].last = f.last
	inner := f
	if f.phase == phaseSelecting {
		inner = f.parent
	}
	for ; inner.parent != nil; inner = inner.parent {
		fl.within(inner)
	}
	f.stopAfterFailure()
	x.end(Failed, fl)
}
