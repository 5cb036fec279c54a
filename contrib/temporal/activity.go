package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

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
	job, err := responseBefore(ctx)
	if err != nil {
		return nothing(), unreadable(err)
	}
	task, end := w.whileWanted(ctx)
	defer end(nil)
	link, stop := w.linkOf(ctx, what.Beats, job, end)
	defer stop()
	return w.perform(task, input, &what, job, link)
}

// localActivity performs a task of any Resource in the worker that runs the workflow.
func (w *Worker) localActivity(ctx context.Context, input converter.RawValue, what about) (converter.RawValue, error) {
	task, end := w.whileWanted(ctx)
	defer end(nil)
	job := new(response)
	return w.perform(task, input, &what, job, runtime.TaskLink{Submitted: job.set})
}

// unreadable is the failure of an activity whose arguments cannot be decoded. It is tried again:
// a worker with the right codec can.
func unreadable(err error) error {
	return temporal.NewApplicationErrorWithCause("the arguments of the task cannot be read: "+err.Error(), unreadableError, err)
}

// perform has the task performed, and makes of its result what the workflow reads.
func (w *Worker) perform(ctx context.Context, input converter.RawValue, what *about, job *response, link runtime.TaskLink) (converter.RawValue, error) {
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
	fields.Submission, _ = submission(job.get())
	link.ID, link.Token = execution+"#"+what.Task, what.Token
	out, err := w.invoke(ctx, runtime.NewTask(fields, link))
	switch {
	case errors.Is(err, runtime.ErrPending):
		return nothing(), temporal.NewNonRetryableApplicationError("", pendingError, nil)
	case err != nil && ctx.Err() != nil && what.Beats && errors.Is(context.Cause(ctx), worker.ErrWorkerShutdown):
		return nothing(), activity.ErrResultPending // it has one attempt: as after the death of the worker its heartbeats are missing
	case err != nil && ctx.Err() != nil:
		return nothing(), ctx.Err() // what a task returns because its context ended is no answer
	case err != nil:
		name, cause := runtime.Failure(err)
		return nothing(), temporal.NewNonRetryableApplicationError(cause, name, nil, job.details()...)
	case out.Size() > maxPayload:
		return nothing(), temporal.NewNonRetryableApplicationError(fmt.Sprintf("The result of the task has %d bytes, and Temporal takes %d.", out.Size(), maxPayload), largeError, nil)
	}
	result := payload(out)
	if text := job.get(); text != nil {
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
