package runtime

import (
	"fmt"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime/interp"
)

// ExecutionError reports an execution that ended without success, as
// exec.ExitError does for a process.
//
// errors.Is matches a *[TaskError] by its name, and by its cause unless that
// is empty: errors.Is(err, &TaskError{Name: "CardDeclined"}).
type ExecutionError struct {
	Status interp.Status // FAILED, TIMED_OUT or ABORTED
	Name   string        // the error name: "CardDeclined", asl.StatesTimeout; may be empty
	Cause  string        // may be empty
	State  string        // the state that failed; "" if it was not a state

	Path     string       // the way to the state through Map and Parallel states: "M[1]/I"
	Location string       // the state in the definition: "/States/M/ItemProcessor/States/I"
	Position asl.Position // line and column of that; zero if no state failed

	Err error // what the task returned, or context.Cause of Run's context, or nil
}

// Error returns `execution failed in state "Charge" (12:5): CardDeclined: no funds`,
// and inside Map and Parallel states the way: `in state "Charge" (M[1]/Charge, 12:5)`.
func (e *ExecutionError) Error() string {
	text := "execution failed"
	switch e.Status {
	case interp.TimedOut:
		text = "execution timed out"
	case interp.Aborted:
		text = "execution aborted"
	}
	if e.State != "" {
		text += fmt.Sprintf(" in state %q", e.State) + e.where()
	}
	why := nameAndCause(e.Name, e.Cause)
	if why == "" && e.Err != nil {
		why = e.Err.Error()
	}
	if why != "" {
		text += ": " + why
	}
	return text
}

// where returns the way to the state and its place, as far as they are known.
func (e *ExecutionError) where() string {
	var parts []string
	if e.Path != "" && e.Path != e.State {
		parts = append(parts, e.Path)
	}
	if e.Position != (asl.Position{}) {
		parts = append(parts, e.Position.String())
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// locate fills in where the state is in the definition.
func (e *ExecutionError) locate(m *asl.StateMachine) {
	for s := range m.All() {
		if info := s.Info(); info.Name == e.State {
			e.Location = info.Location
			e.Position, _ = m.Position(info.Location)
			return
		}
	}
}

// Unwrap returns Err: errors.Is and errors.As see what a task returned through
// the state machine.
func (e *ExecutionError) Unwrap() error { return e.Err }

// ErrorName returns Name: a task that runs a state machine, and returns its
// error as it is, fails with the same name and cause.
func (e *ExecutionError) ErrorName() string { return e.Name }

// Is implements the matching described above.
func (e *ExecutionError) Is(target error) bool { return sameFailure(e.Name, e.Cause, target) }
