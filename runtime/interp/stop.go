package interp

import (
	"cmp"
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Outcome is how an execution ended.
type Outcome struct {
	Status Status
	Output jsonvalue.Value // if it succeeded

	// If it did not succeed:
	history.ErrorInfo
	State string // the state that failed; "" if it was not a state
	Path  string // the way to it through Map and Parallel states: "M[1]/I"
	Task  TaskID // the task whose failure it was; zero: none
}

// stopTree stops a strand and what is below it: its tasks are cancelled, and
// nothing it notes counts any more. The frames stay, for Redrive. With events,
// the history tells of each state that was cut; such an event points to
// failedAt, the event of the failure that stopped it.
func (x *Execution) stopTree(f *frame, failedAt int64, events bool) {
	if f.phase == phaseDone || f.phase == phaseStopped {
		return
	}
	x.touch(f)
	if events {
		x.emitAborted(f, failedAt)
	}
	if f.phase == phaseWorking {
		x.out--
		if !f.task.answered {
			x.effects.cancel = append(x.effects.cancel, TaskID{f.id, f.attempt})
		}
	}
	f.stopped, f.phase = f.phase, phaseStopped
	f.until = 0
	if f.fork != nil {
		for _, child := range f.fork.children {
			x.stopTree(child, failedAt, events)
		}
	}
}

// finish ends the execution without success. Its frames stay, for Redrive.
func (x *Execution) finish(status Status, fl *failure) {
	if x.header.Status != Running {
		return
	}
	x.touched = true
	root := x.frames[0]
	x.emitFinished(status, fl, root)
	for _, f := range x.frames {
		if f.parent == nil {
			x.stopTree(f, 0, false)
		}
	}
	x.stopRest()
	x.header.Status = status
	x.work.ready.clear()
	x.work.first.clear()
	if x.rare != nil {
		x.rare.queue = nil
	}
	x.effects.outcome = &Outcome{Status: status, ErrorInfo: fl.ErrorInfo, State: fl.state, Path: cmp.Or(fl.path, fl.state), Task: fl.task}
	if status != Failed && x.effects.outcome.State == "" && len(x.frames) == 1 {
		x.effects.outcome.State, x.effects.outcome.Path = root.node.name, root.node.name
	}
}

// stopRest stops frames below one that had stopped already.
func (x *Execution) stopRest() {
	for _, f := range x.frames {
		x.stopTree(f, 0, false)
	}
}

// historyFull is the failure of an execution whose history may not grow any
// more.
func (x *Execution) historyFull() *failure {
	return newFailure(asl.StatesRuntime, fmt.Sprintf("The execution reached the maximum number of history events (%d).", x.limits.History))
}

// Redrive begins an execution again that ended without success, at the states
// that did not succeed. It returns false if there is nothing to redrive, or no
// room for it in the history.
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
	x.touched = true
	x.context.Store(nil)
	x.header.Status = Running
	x.redrives++
	x.redriven = x.now
	x.header.deadline = 0
	if limit := x.program.timeout; limit > 0 {
		x.header.deadline = addMillis(x.now, float64(limit)*1000)
	}
	x.emitRedriven()
	for _, f := range x.frames {
		if f.phase == phaseStopped {
			x.takeUp(f)
		}
	}
}

// takeUp lets a stopped strand go on: a Parallel or Map state with the children
// it has, any other state with another attempt, whose events follow that with
// which the state was entered. Those of a Fail state follow ExecutionRedriven.
func (x *Execution) takeUp(f *frame) {
	x.touch(f)
	f.retries, f.retried = nil, 0
	if f.task != nil && f.fork == nil {
		f.drop(slotWork) // with a fork, it is the input of the branches
	}
	f.task = nil
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

// sleepUntil makes the frame due at an instant.
func (x *Execution) sleepUntil(f *frame, until int64) {
	f.until = until
	x.wakes.push(f)
}

// Pending returns, after [Program.Restore], what the driver must take up
// again: the tasks that are out, in Start, and Wake. It changes nothing.
func (x *Execution) Pending() Ready {
	r := Ready{Header: x.storedAs(), Wake: x.nextWake()}
	for _, f := range x.frames {
		if f.phase == phaseWorking {
			r.Start = append(r.Start, x.startOf(f))
		}
	}
	return r
}

// nextWake returns when Step is due.
func (x *Execution) nextWake() time.Time {
	if x.header.Status != Running {
		return time.Time{}
	}
	until := x.wakes.next()
	if len(x.ready) > 0 {
		until = max(x.now, 1)
	}
	if d := x.header.deadline; d > 0 && (until == 0 || d < until) {
		until = d
	}
	if until == 0 {
		return time.Time{}
	}
	return time.UnixMilli(until).UTC()
}
