package runtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// TaskInvoker performs tasks. It is called for each attempt of each task, from
// many goroutines.
//
// Its result is the result of the task, with two exceptions:
//
//   - A task with the pattern asl.WaitForTaskToken is answered by whoever got
//     task.Token(). InvokeTask returns the service's response to the request, which
//     only the history shows; an error fails the task.
//   - If the error is [ErrPending], the task goes on elsewhere, and its answer
//     will come by token.
//
// Any other error fails the task; package documentation says with which name
// and cause. An answer by token counts whenever it comes, also before
// InvokeTask has returned. ctx ends when the answer is no longer wanted.
type TaskInvoker interface {
	InvokeTask(ctx context.Context, task *Task) (jsonvalue.Value, error)
}

// InvokerFunc is a function that is a [TaskInvoker].
type InvokerFunc func(ctx context.Context, task *Task) (jsonvalue.Value, error)

// InvokeTask calls f.
func (f InvokerFunc) InvokeTask(ctx context.Context, task *Task) (jsonvalue.Value, error) {
	return f(ctx, task)
}

// Function makes a TaskInvoker of a function from one Go type to another. The
// input is decoded and the result encoded by the rules of encoding/json; an
// input that does not fit fails the task with States.TaskFailed.
func Function[In, Out any](f func(context.Context, In) (Out, error)) TaskInvoker {
	return InvokerFunc(func(ctx context.Context, task *Task) (jsonvalue.Value, error) {
		var in In
		if err := task.Input.Decode(&in); err != nil {
			return jsonvalue.Value{}, fmt.Errorf("input does not fit %T: %w", in, err)
		}
		out, err := f(ctx, in)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		v, err := jsonvalue.Of(out)
		if err != nil {
			return v, fmt.Errorf("result is no JSON: %w", err)
		}
		return v, nil
	})
}

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

var (
	// ErrPending is returned by a TaskInvoker whose answer will come by token.
	// Where no answer by token can arrive (a Runner without Callbacks) it fails
	// the execution with States.Runtime.
	ErrPending = errors.New("runtime: the task's answer will come by token")

	// ErrNoTask is behind the error of Run if nobody performs a task, and behind the
	// ExecutionError of an execution that meets such a task nevertheless.
	ErrNoTask = errors.New("runtime: no task for resource")
)

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
