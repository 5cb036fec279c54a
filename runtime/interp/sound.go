package interp

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

// sound checks restored frames for states that no execution produces. A store that
// mixed up, lost or invented records gets an error from Restore, and no later Step
// meets them.
func (x *Execution) sound() error {
	switch x.header.Status {
	case Running, Failed, TimedOut, Aborted:
	default:
		return fmt.Errorf("interp: an execution with frames has the status %q", x.header.Status)
	}
	for i, f := range x.frames {
		if (f.parent == nil) != (i == 0) || f.parent != nil && f.parent.id >= f.id || f.id == 0 || f.id > x.header.lastFrame {
			return fmt.Errorf("interp: frame %d has no place in the execution", f.id)
		}
	}
	for _, f := range x.frames {
		if problem := f.unsound(); problem != "" {
			return fmt.Errorf("interp: frame %d in state %q, phase %q: %s", f.id, f.node.name, f.phase, problem)
		}
	}
	return nil
}

// unsound says what is wrong with a frame that is linked with its parent and
// its children; "" is nothing.
func (f *frame) unsound() string {
	switch k := f.variables.Kind(); {
	case k != jsonvalue.KindNull && k != jsonvalue.KindObject:
		return "its variables are no object"
	case f.phase == phaseStopped && f.stopped == phaseStopped:
		return "it was stopped twice"
	case f.fork != nil && !f.mayFork():
		return "it has branches or iterations"
	case f.parent == nil && f.phase == phaseDone:
		return "it is done, and the execution is not"
	case f.fork != nil && f.fork.run != nil:
		return f.fork.run.unsound(f)
	case f.fork != nil:
		return f.fork.unsound(f)
	}
	return f.lacks(f.interrupted())
}

// interrupted returns the phase that the frame is in, or was in when it was
// stopped.
func (f *frame) interrupted() phase {
	if f.phase == phaseStopped {
		return f.stopped
	}
	return f.phase
}

// mayFork reports whether the state and the phase are such that there may be
// children.
func (f *frame) mayFork() bool {
	switch f.interrupted() {
	case phaseForked, phaseJoining, phaseBroken, phaseMapping, phaseWriting:
		return f.node.kind == kindParallel || f.node.kind == kindMap
	}
	return f.phase == phaseStopped && (f.node.kind == kindParallel || f.node.kind == kindMap)
}

// lacks says what a frame without children lacks for its phase.
func (f *frame) lacks(p phase) string {
	switch p {
	case phaseQueued, phaseWorking, phaseAnswered:
		if f.node.task == nil || f.task == nil {
			return "there is no task"
		}
	case phaseWaiting, phaseElapsed:
		if f.node.kind != kindWait {
			return "the state does not wait"
		}
	case phaseSelecting:
		if f.parent == nil || f.parent.node.kind != kindMap {
			return "it is no iteration"
		}
	case phaseForked, phaseJoining, phaseBroken, phaseMapping, phaseWriting:
		return "there are no branches or iterations"
	}
	return ""
}

// unsound compares the children of a Parallel or Map state with its record.
func (k *fork) unsound(f *frame) string {
	total := k.items.value.Len()
	if s, ok := f.node.state.(*parallelState); ok {
		total = len(s.branches)
	} else if k.items.value.Kind() != jsonvalue.KindArray {
		return "its items are no array"
	}
	open := total
	for i, child := range k.children {
		if int(child.index) != i {
			return fmt.Sprintf("branch or iteration %d is missing", i)
		}
		if child.phase == phaseDone {
			open--
		}
	}
	switch p := f.interrupted(); {
	case len(k.children) > total || f.node.kind == kindParallel && len(k.children) < total:
		return "branches or iterations are missing, or too many"
	case k.open != open || p == phaseJoining && open > 0:
		return "it miscounts its branches or iterations"
	case f.phase == phaseBroken && k.broken == nil:
		return "the failure is missing"
	}
	return ""
}
