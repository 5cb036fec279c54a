package runtime

import (
	"context"
	"errors"
	"fmt"

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
// InvokeTask has returned. ctx ends when the answer is no longer wanted, and then its
// context.Cause is [ErrUnwanted]; or when the process gives the execution up. See there.
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

var (
	// ErrPending is returned by a TaskInvoker whose answer will come by token.
	// Where no answer by token can arrive (a Runner without Callbacks) it fails
	// the execution with States.Runtime.
	ErrPending = errors.New("runtime: the task's answer will come by token")

	// ErrUnwanted is the context.Cause of the context of a task whose answer nobody wants any more: its
	// time is up, or its execution has ended or goes on without it. What the task has begun can be
	// stopped. Every other cause says that the process gives the execution up, and that the task may be
	// performed again: ErrClosed and ErrLost of an Engine, the cause of the context of Run.
	ErrUnwanted = errors.New("runtime: the answer of the task is not wanted any more")

	// ErrNoTask is behind the error of Run if nobody performs a task, and behind the
	// ExecutionError of an execution that meets such a task nevertheless.
	ErrNoTask = errors.New("runtime: no task for resource")
)
