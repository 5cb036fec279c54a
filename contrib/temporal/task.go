package asltemporal

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/pattern"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// flight is a task that an activity performs.
type flight struct {
	start   interp.StartTask
	future  workflow.Future
	cancel  workflow.CancelFunc
	expires time.Time // the server ends it by then; zero: never
}

// about is the second argument of an activity, which people's own workers may ignore. The first
// is the input of the task.
type about struct {
	State    string `json:"state"`
	Retry    int    `json:"retry,omitempty"`
	Role     string `json:"role,omitempty"`
	RunsAs   string `json:"runsAs,omitempty"` // the role of the execution
	Token    string `json:"token"`
	Beats    bool   `json:"beats,omitempty"`    // the task has to send heartbeats itself
	Task     string `json:"task,omitempty"`     // of a local activity: its TaskID
	Resource string `json:"resource,omitempty"` // likewise
}

// never is the time of an activity that has no TimeoutSeconds.
const never = 10 * 365 * 24 * time.Hour

// act does what a Step says. As much of the inputs as a message to the server holds is sent
// now, and the rest with the next workflow task.
func (r *run) act(ready *interp.Ready) {
	for _, id := range ready.Cancel {
		r.cancel(id)
	}
	all := ready.Start
	if !r.drain.on {
		all = append(r.held, all...)
		r.held = nil
	}
	room := maxInputs
	r.soon = false
	for i := range all {
		room -= all[i].Bound + len(all[i].RoleARN) + 1000
		switch {
		case r.drain.on:
			r.held = append(r.held, all[i])
		case room < 0 && i > 0:
			r.held = append(r.held, all[i])
			r.soon = true
		default:
			r.start(all[i])
		}
	}
	r.mapping(ready.Mapping, room)
}

func (r *run) start(s interp.StartTask) {
	now := workflow.Now(r.ctx)
	f := &flight{start: s}
	switch {
	case !s.Deadline.IsZero() && !s.Deadline.After(now):
		r.noted = r.x.Expire(s.ID, false) || r.noted
		return
	case s.Bound > maxPayload && s.Input.Size() > maxPayload:
		r.noted = r.x.Fail(s.ID, asl.StatesDataLimitExceeded, fmt.Sprintf("The input of the task has %d bytes, and Temporal takes %d.", s.Input.Size(), maxPayload)) || r.noted
		return
	}
	var ctx workflow.Context
	ctx, f.cancel = workflow.WithCancel(r.ctx)
	what := about{State: s.Task.Name, Retry: s.RetryCount, Role: s.RoleARN, RunsAs: r.x.RoleARN(), Token: r.x.Token(s.ID), Beats: s.Heartbeat > 0}
	input := payload(s.Input)
	if r.isLocal(&s) {
		what.Task, what.Resource = s.ID.String(), s.Task.Resource.Text
		o := workflow.LocalActivityOptions{ScheduleToCloseTimeout: r.timeLeft(f, now), RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}}
		f.future = workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, o), localActivity, input, what)
	} else {
		o := r.options(f, now)
		f.future = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, o), s.Task.Resource.Text, input, what)
		r.watch.activity(&o, s.Task.Resource.Text, input, &what)
	}
	r.flights = append(r.flights, f)
	r.byTask[s.ID] = f
}

// timeLeft returns how long the server, or the worker, lets the task run, and notes when it ends it.
func (r *run) timeLeft(f *flight, now time.Time) time.Duration {
	if f.start.Deadline.IsZero() {
		return never
	}
	f.expires = f.start.Deadline
	return f.expires.Sub(now.Truncate(time.Millisecond))
}

// isLocal reports whether the worker that runs the workflow performs the task at once: a
// pattern says so, and nobody waits for heartbeats or for the answer of somebody else.
func (r *run) isLocal(s *interp.StartTask) bool {
	if s.Task.Resource.Pattern != asl.RequestResponse || s.Heartbeat > 0 {
		return false
	}
	return slices.ContainsFunc(r.in.Local, func(p string) bool { return pattern.Match(p, s.Task.Resource.Text) })
}

// defaultLiveness is that of a Worker that says nothing.
const defaultLiveness = 30 * time.Second

// options say how the server has the task performed. A task whose worker has died is
// performed again: its wrapper sends heartbeats. If the state machine wants heartbeats, those of
// the task count, and one that is missing is its failure.
func (r *run) options(f *flight, now time.Time) workflow.ActivityOptions {
	s := &f.start
	o := workflow.ActivityOptions{
		ActivityID: s.ID.String(), Summary: s.Task.Name, TaskQueue: r.queue(&s.Task.Resource),
		HeartbeatTimeout: r.worker.liveness(),
		RetryPolicy:      &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	}
	if s.Task.Resource.Pattern == asl.Activity { // its clock starts when a worker has it
		o.StartToCloseTimeout = cmp.Or(s.Timeout, never)
		o.HeartbeatTimeout = s.Heartbeat
		o.RetryPolicy = &temporal.RetryPolicy{MaximumAttempts: 1}
		return o
	}
	if o.ScheduleToCloseTimeout = r.timeLeft(f, now); s.Heartbeat > 0 {
		o.HeartbeatTimeout = s.Heartbeat
		o.RetryPolicy = &temporal.RetryPolicy{MaximumAttempts: 1}
	}
	return o
}

// queue returns the task queue of a Resource; "": that of the workflow.
func (r *run) queue(resource *asl.Resource) string {
	if r.worker.Route != nil {
		if queue := r.worker.Route(*resource); queue != "" {
			return queue
		}
	}
	if resource.Pattern == asl.Activity {
		return resource.Action
	}
	return ""
}

// cancel ends a task whose answer is not wanted any more.
func (r *run) cancel(id interp.TaskID) {
	if f := r.byTask[id]; f != nil {
		f.cancel()
		r.land(f)
	}
	r.held = slices.DeleteFunc(r.held, func(s interp.StartTask) bool { return s.ID == id })
}

// land forgets a task that nobody waits for any more.
func (r *run) land(f *flight) {
	delete(r.byTask, f.start.ID)
	if i := slices.Index(r.flights, f); i >= 0 {
		r.flights = slices.Delete(r.flights, i, i+1)
	}
}

// take tells the machine what has come of tasks, in the order of their starts.
func (r *run) take() {
	kept := r.flights[:0]
	for _, f := range r.flights {
		if !f.future.IsReady() {
			kept = append(kept, f)
			continue
		}
		delete(r.byTask, f.start.ID)
		r.returned(f)
		r.noted = true
	}
	clear(r.flights[len(kept):])
	r.flights = kept
}

// returned tells the machine what an activity returned.
func (r *run) returned(f *flight) {
	var out converter.RawValue
	id, err := f.start.ID, f.future.Get(r.ctx, &out)
	if f.start.Task.Resource.Pattern == asl.Activity {
		r.x.Started(id, "") // only the end of the activity tells
	}
	if err != nil {
		r.failed(f, err)
		return
	}
	v, err := value(out)
	if err != nil {
		r.x.Fail(id, asl.StatesTaskFailed, "the result is no JSON: "+err.Error())
		return
	}
	if f.start.Task.Resource.Pattern == asl.WaitForTaskToken {
		r.x.Submitted(id, v)
		return
	}
	if response, ok := submission(out.Payload().GetMetadata()[submittedMetadata]); ok {
		r.x.Submitted(id, response)
	}
	r.x.Succeed(id, v)
}

// submittedMetadata is where the result of a Sync task, and its heartbeats, have what the service answered to the
// request.
const submittedMetadata = "statemill-submitted"

func submission(text []byte) (jsonvalue.Value, bool) {
	if len(text) == 0 {
		return jsonvalue.Value{}, false
	}
	v, err := jsonvalue.Parse(text)
	return v, err == nil
}

// failed tells the machine how an activity has failed.
func (r *run) failed(f *flight, err error) {
	id := f.start.ID
	var app *temporal.ApplicationError
	var late *temporal.TimeoutError
	var server *temporal.ServerError
	var activity *temporal.ActivityError
	switch {
	case errors.As(err, &app):
		r.failedItself(f, app)
	case errors.As(err, &late):
		r.x.Expire(id, f.start.Heartbeat > 0 && late.TimeoutType() == heartbeatTimeout)
	case errors.As(err, &server):
		r.x.Fail(id, asl.StatesDataLimitExceeded, "Temporal has refused the result: "+server.Error())
	case errors.As(err, &activity):
		r.x.Fail(id, asl.StatesTaskFailed, errors.Unwrap(activity).Error())
	case temporal.IsCanceledError(err):
		r.x.Fail(id, asl.StatesTaskFailed, err.Error())
	default: // a worker with the right codec can read the result
		panic(fmt.Sprintf("statemill: the result of the task %v cannot be read: %v", id, err))
	}
}

// failedItself tells the machine what an error says that an activity returned.
func (r *run) failedItself(f *flight, app *temporal.ApplicationError) {
	id := f.start.ID
	switch app.Type() {
	case pendingError:
		r.x.Parked(id)
		return
	case largeError:
		r.x.Fail(id, asl.StatesDataLimitExceeded, app.Message())
		return
	case unreadableError:
		r.x.Fail(id, asl.StatesTaskFailed, app.Message())
		return
	}
	var response json.RawMessage
	if app.HasDetails() && f.start.Task.Resource.Pattern == asl.Sync && app.Details(&response) == nil {
		if v, ok := submission(response); ok {
			r.x.Submitted(id, v)
		}
	}
	r.x.Fail(id, app.Type(), app.Message())
}
