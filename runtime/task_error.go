package runtime

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/statemill/statemill/asl"
)

// TaskError is an error with a name and a cause of its own. Return one from a
// task to fail it with exactly these, or wrap one to keep the name and let the
// whole text be the cause.
type TaskError struct {
	Name  string // "CardDeclined". Names that begin with States. are the language's
	Cause string
}

// Error returns "CardDeclined: no funds".
func (e *TaskError) Error() string { return nameAndCause(e.Name, e.Cause) }

// ErrorName returns Name.
func (e *TaskError) ErrorName() string { return e.Name }

// Is reports whether target is a *TaskError with the same name, and the same
// cause unless target has none.
func (e *TaskError) Is(target error) bool {
	return e != nil && sameFailure(e.Name, e.Cause, target)
}

func nameAndCause(name, cause string) string {
	switch {
	case name == "":
		return cause
	case cause == "":
		return name
	}
	return name + ": " + cause
}

func sameFailure(name, cause string, target error) bool {
	t, ok := target.(*TaskError)
	return ok && t != nil && t.Name == name && (t.Cause == "" || t.Cause == cause)
}

// PanicError is the error of a task that panicked or ended its goroutine. It
// fails the task with States.TaskFailed; the stack is not part of the cause.
type PanicError struct {
	Value any // nil if the task called Goexit of the standard package runtime
	Stack []byte
}

// Error returns "panic: " and the value.
func (e *PanicError) Error() string {
	if e.Value == nil {
		return "the task ended its goroutine"
	}
	return fmt.Sprint("panic: ", e.Value)
}

// Failure returns the error name and the cause with which an error that a TaskInvoker
// returns fails its task. It is for drivers that are not of this package.
func Failure(err error) (name, cause string) {
	name, cause, _ = taskFailure(err)
	return name, cause
}

// taskFailure returns the error name and the cause with which an error fails a
// task, and the error itself. The methods of an error are the user's code: if
// one of them panics, that is the error.
func taskFailure(err error) (name, cause string, told error) {
	defer func() {
		if value := recover(); value != nil {
			told = &PanicError{value, debug.Stack()}
			name, cause = asl.StatesTaskFailed, told.Error()
		}
	}()
	switch e := err.(type) {
	case *TaskError:
		if e != nil {
			return e.Name, e.Cause, err
		}
		told = errors.New("the task returned a nil *runtime.TaskError, which is an error that is not nil")
		return asl.StatesTaskFailed, told.Error(), told
	case *ExecutionError:
		return e.Name, e.Cause, err
	}
	name, cause = errorNameOf(err), err.Error()
	switch {
	case errors.Is(err, ErrNoTask) || errors.Is(err, ErrPending):
		name = asl.StatesRuntime
	case name == "":
		name = asl.StatesTaskFailed
	}
	var caused interface{ ErrorCause() string }
	if errors.As(err, &caused) {
		cause = caused.ErrorCause()
	}
	return name, cause, err
}

// errorNameOf returns the name that an error gives itself, or nothing.
func errorNameOf(err error) string {
	var named interface{ ErrorName() string }
	if errors.As(err, &named) {
		return named.ErrorName()
	}
	return ""
}

// abortion returns the error name and the cause with which an execution is
// aborted because its context ended.
func abortion(reason error) (name, cause string) {
	name, cause, reason = taskFailure(reason)
	if name == asl.StatesTaskFailed && errorNameOf(reason) != name {
		name = ""
	}
	return name, cause
}
