package interp

import (
	"cmp"
	"fmt"

	"github.com/statemill/statemill/asl"
)

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
	if f.phase == phaseMapping || f.phase == phaseWriting {
		if f.fork.run.children.Running > 0 {
			x.stopRun(f)
		}
		x.endRun(f)
	}
	f.stopped, f.phase = f.phase, phaseStopped
	f.until = 0
	if f.fork != nil {
		for _, child := range f.fork.children {
			x.stopTree(child, failedAt, events)
		}
	}
}

// end ends the execution without success. Its frames stay, for Redrive.
func (x *Execution) end(status Status, fl *failure) {
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
	x.scratch.ready.clear()
	x.scratch.first.clear()
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

// endIfFull ends an execution whose history had no room for an event.
func (x *Execution) endIfFull() {
	if x.overflow && x.header.Status == Running {
		x.end(Failed, x.historyFull())
	}
}

// historyFull is the failure of an execution whose history may not grow any
// more.
func (x *Execution) historyFull() *failure {
	return newFailure(asl.StatesRuntime, fmt.Sprintf("The execution reached the maximum number of history events (%d).", x.limits.History))
}

// stopAfterFailure stops a strand that has failed. A redrive attempts its state
// again, or makes the input of the iteration again.
func (f *frame) stopAfterFailure() {
	switch f.phase {
	case phaseStopped:
	case phaseSelecting:
		f.stopped, f.phase = phaseSelecting, phaseStopped
	default:
		f.stopped, f.phase = phaseAttempting, phaseStopped
	}
}
