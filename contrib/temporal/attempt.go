package asltemporal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// taskContext is the context of a task. It ends after that of its activity, whose deadline it tells: a task that ended
// before would be one that has failed.
type taskContext struct {
	context.Context
	activity context.Context
}

func (c taskContext) Deadline() (time.Time, bool) { return c.activity.Deadline() }

// whileWanted returns the context of a task, which ends with that of its activity. Its cause is runtime.ErrUnwanted
// if the execution does not want the task any more, and that of the activity if the worker gives it up.
func (w *Worker) whileWanted(ctx context.Context) (task context.Context, end context.CancelCauseFunc) {
	task, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() { cancel(w.whyEnded(ctx)) })
	return taskContext{task, ctx}, func(cause error) {
		forget()
		cancel(cause)
	}
}

// whyEnded returns the cause of the context of a task whose activity has ended. The SDK tells apart what the server
// says from the end of the worker.
func (w *Worker) whyEnded(ctx context.Context) error {
	cause := context.Cause(ctx)
	var gone *serviceerror.NotFound
	switch {
	case ctx.Err() == context.DeadlineExceeded, temporal.IsCanceledError(cause): // the cause may be the deadline of a heartbeat
		return runtime.ErrUnwanted
	case activity.GetInfo(ctx).IsLocalActivity && errors.Is(cause, context.Canceled): // by the workflow
		return runtime.ErrUnwanted
	case errors.As(cause, &gone) && !w.isPending(ctx):
		return runtime.ErrUnwanted
	}
	return cause
}

// patience is how long an activity waits for the answer to a question about itself.
const patience = 10 * time.Second

// isPending reports whether the execution waits for the task. The server does not know an attempt any more that it has
// taken for dead, and another may be under way; it may also be that the execution is over (what was pending then is
// still listed), or goes on without the task. If the server does not tell, the task counts as pending: what it has begun is not to be stopped.
func (w *Worker) isPending(ctx context.Context) bool {
	if w.waitedFor != nil {
		return w.waitedFor()
	}
	info := activity.GetInfo(ctx)
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	told, err := activity.GetClient(ctx).DescribeWorkflow(asking, info.WorkflowExecution.ID, "")
	if err != nil {
		var unknown *serviceerror.NotFound
		return !errors.As(err, &unknown)
	}
	return told.WorkflowCloseTime == nil && slices.ContainsFunc(told.RawResponse.GetPendingActivities(), func(p *workflowpb.PendingActivityInfo) bool {
		return p.GetActivityId() == info.ActivityID && p.GetState() != enumspb.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
	})
}

// linkOf sends the heartbeats of an attempt, by which it also hears that the task is not wanted any more, until stop
// is called. If the task has to send heartbeats itself, there are no others, and it hears of that when one is missing.
func (w *Worker) linkOf(ctx context.Context, beats bool, job *response, end context.CancelCauseFunc) (link runtime.TaskLink, stop func()) {
	interval := cmp.Or(activity.GetInfo(ctx).HeartbeatTimeout, w.liveness())
	if beats {
		var beaten atomic.Bool
		link.Submitted = job.set
		link.Heartbeat = func() {
			beaten.Store(true)
			activity.RecordHeartbeat(ctx)
		}
		return link, beating(interval, func() {
			if !beaten.Swap(false) && !w.isPending(ctx) {
				end(runtime.ErrUnwanted)
			}
		})
	}
	beat := func() { job.heartbeat(ctx) }
	link.Submitted = func(v jsonvalue.Value) {
		job.set(v)
		beat()
	}
	return link, beating(interval/3, beat)
}

// beating calls beat again and again, until stop is called.
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

// response is what the service has answered to the request of a Sync task. Heartbeats carry it: the server
// keeps what the last one had for the attempt that comes after this one.
type response struct {
	mu      sync.Mutex
	text    json.RawMessage // nil: nothing yet
	sending sync.Mutex      // no heartbeat without the response comes after one with it
}

// responseBefore returns what the attempts before this one have told. Heartbeats of a worker in another language
// may have had something else.
func responseBefore(ctx context.Context) (*response, error) {
	r := new(response)
	if asl.ParseResource(activity.GetInfo(ctx).ActivityType.Name).Pattern != asl.Sync || !activity.HasHeartbeatDetails(ctx) {
		return r, nil
	}
	var details converter.RawValue
	if err := activity.GetHeartbeatDetails(ctx, &details); err != nil {
		return nil, fmt.Errorf("the heartbeat of the attempt before: %w", err)
	}
	told, err := value(details)
	if err != nil {
		return nil, fmt.Errorf("the heartbeat of the attempt before: %w", err)
	}
	if v, ok := told.Get(submittedMetadata); ok {
		r.set(v)
	}
	return r, nil
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

// heartbeat shows the server that the process lives. A response that Temporal would not take, or that the codec of the
// connection cannot encode, of which the SDK makes a panic, is left out.
func (r *response) heartbeat(ctx context.Context) {
	r.sending.Lock()
	defer r.sending.Unlock()
	text := r.get()
	if text == nil || len(text) > maxPayload {
		activity.RecordHeartbeat(ctx)
		return
	}
	defer func() {
		if recover() != nil {
			activity.RecordHeartbeat(ctx)
		}
	}()
	activity.RecordHeartbeat(ctx, map[string]json.RawMessage{submittedMetadata: text})
}
