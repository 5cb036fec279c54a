package asltemporal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// activity performs a task of any Resource.
func (w *Worker) activity(ctx context.Context, args converter.EncodedValues) (converter.RawValue, error) {
	var input converter.RawValue
	var what about
	if err := args.Get(&input, &what); err != nil {
		return nothing(), unreadable(err)
	}
	info := activity.GetInfo(ctx)
	what.Task, what.Resource = info.ActivityID, info.ActivityType.Name
	beat := func() { activity.RecordHeartbeat(ctx) }
	if !what.Beats && info.HeartbeatTimeout > 0 {
		defer beating(info.HeartbeatTimeout/3, beat)()
	}
	return w.perform(ctx, input, &what, beat)
}

// localActivity performs a task of any Resource in the worker that runs the workflow.
func (w *Worker) localActivity(ctx context.Context, input converter.RawValue, what about) (converter.RawValue, error) {
	return w.perform(ctx, input, &what, nil)
}

// unreadable is the failure of an activity whose arguments cannot be decoded. It is tried again:
// a worker with the right codec can.
func unreadable(err error) error {
	return temporal.NewApplicationErrorWithCause("the arguments of the task cannot be read: "+err.Error(), unreadableError, err)
}

// beating shows the server that the process lives, until stop is called.
func beating(every time.Duration, beat func()) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				beat()
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

// perform has the task performed, and makes of its result what the workflow reads.
func (w *Worker) perform(ctx context.Context, input converter.RawValue, what *about, beat func()) (converter.RawValue, error) {
	info := activity.GetInfo(ctx)
	v, err := value(input)
	if err != nil {
		return nothing(), unreadable(err)
	}
	execution := info.WorkflowExecution.ID
	fields := runtime.Task{
		Resource: what.Resource, Input: v, State: what.State, Execution: execution, RetryCount: what.Retry,
		RoleARN: what.Role, ExecutionRoleARN: what.RunsAs,
	}
	if info.Deadline.Sub(info.StartedTime) < never/2 {
		fields.Deadline = info.Deadline
	}
	if what.Beats {
		fields.HeartbeatTimeout = info.HeartbeatTimeout
	}
	var submitted response
	task := runtime.NewTask(fields, runtime.TaskLink{ID: execution + "#" + what.Task, Token: what.Token, Heartbeat: beat, Submitted: submitted.set})
	out, err := w.invoke(ctx, task)
	switch {
	case errors.Is(err, runtime.ErrPending):
		return nothing(), temporal.NewNonRetryableApplicationError("", pendingError, nil)
	case err != nil && ctx.Err() != nil:
		return nothing(), ctx.Err() // what a task returns because its context ended is no answer
	case err != nil:
		name, cause := runtime.Failure(err)
		return nothing(), temporal.NewNonRetryableApplicationError(cause, name, nil, submitted.details()...)
	case out.Size() > maxPayload:
		return nothing(), temporal.NewNonRetryableApplicationError(fmt.Sprintf("The result of the task has %d bytes, and Temporal takes %d.", out.Size(), maxPayload), largeError, nil)
	}
	result := payload(out)
	if text := submitted.get(); text != nil {
		result.Payload().Metadata[submittedMetadata] = text
	}
	return result, nil
}

// invoke calls the user's code, on a goroutine of its own: it may end that. A panic is its error.
func (w *Worker) invoke(ctx context.Context, task *runtime.Task) (out jsonvalue.Value, err error) {
	ended := make(chan struct{})
	err = &runtime.PanicError{} // stays if the task ends its goroutine
	go func() {
		defer close(ended)
		defer func() {
			if value := recover(); value != nil {
				stack := debug.Stack()
				err = &runtime.PanicError{Value: value, Stack: stack}
				if w.Logger != nil {
					w.Logger.Error("a task panicked", "state", task.State, "task", task.ID(), "panic", value, "stack", string(stack))
				}
			}
		}()
		out, err = w.Tasks.InvokeTask(ctx, task)
	}()
	<-ended
	return out, err
}

// response is what the service has answered to the request of a Sync task.
type response struct {
	mu   sync.Mutex
	text json.RawMessage // nil: nothing yet
}

func (r *response) set(v jsonvalue.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.text == nil {
		r.text = v.AppendJSON(nil)
	}
}

func (r *response) get() json.RawMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text
}

func (r *response) details() []any {
	if text := r.get(); text != nil {
		return []any{text}
	}
	return nil
}
