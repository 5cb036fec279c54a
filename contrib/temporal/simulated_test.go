package asltemporal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// simulated is an execution in the test environment of the SDK: a chain of runs, in virtual
// time, with mocked tasks. What is to come goes on from run to run.
type simulated struct {
	t       *testing.T
	worker  *Worker
	header  interp.Header
	program *runtime.Program
	input   jsonvalue.Value
	in      start // more of the first argument
	begins  time.Time
	stop    time.Duration // after which the workflow is cancelled; 0: never
	answer  func(state string, id interp.TaskID, input jsonvalue.Value) replay.Answer
	length  func(run int) int // the length of the history that a run sees; nil: 0

	env    *testsuite.TestWorkflowEnvironment
	now    time.Time
	mu     sync.Mutex // of what follows: activities plan, too
	coming []*coming
	events []history.Event
	seen   watch
	runs   int
	local  int // local activities

	children map[string]store.Record // those that are over
}

// coming is something that will happen to the execution.
type coming struct {
	at time.Time
	do func()
}

// ran is how an execution went.
type ran struct {
	status      interp.Status
	output      jsonvalue.Value
	name, cause string
	end         ending
}

// run runs the execution to its end.
func (s *simulated) run() ran {
	s.t.Helper()
	var err error
	in := s.in
	in.Semantics, in.Definition = Semantics, string(s.program.StateMachine().Source())
	in.Header, err = s.header.MarshalBinary()
	require.NoError(s.t, err)
	s.now = s.begins
	if s.stop > 0 {
		s.plan(s.stop, func() { s.env.CancelWorkflow() })
	}
	out, err := s.chain(in, payload(s.input))
	return s.result(out, err)
}

// chain runs runs until one does not continue as new.
func (s *simulated) chain(args ...any) (converter.RawValue, error) {
	for {
		s.runs++
		require.Less(s.t, s.runs, 5000, "there is no end of runs")
		s.begin()
		s.env.ExecuteWorkflow("Machine", args...)
		s.now = s.env.Now()
		err := s.env.GetWorkflowError()
		var next *workflow.ContinueAsNewError
		if errors.As(err, &next) {
			var in start
			var data converter.RawValue
			require.NoError(s.t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in, &data))
			args = []any{in, data}
			continue
		}
		var out converter.RawValue
		if err == nil {
			require.NoError(s.t, s.env.GetWorkflowResult(&out))
		}
		return out, err
	}
}

// begin makes the environment of a run.
func (s *simulated) begin() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(discard))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(s.now)
	env.SetTestTimeout(time.Minute)
	env.SetWorkflowRunTimeout(200 * 365 * 24 * time.Hour)                            // longer than any Wait
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: 30 * time.Second}) // with the race detector, on a busy machine
	env.SetStartWorkflowOptions(workflowOptions(s.header.Execution))
	if s.length != nil {
		env.SetCurrentHistoryLength(s.length(s.runs))
	}
	env.RegisterDynamicWorkflow(func(ctx workflow.Context, args converter.EncodedValues) (converter.RawValue, error) {
		if id := workflow.GetInfo(ctx).WorkflowExecution.ID; s.header.Execution != "" && id != s.header.Execution {
			return s.child(ctx, args)
		}
		s.seen.events = func(e history.Event) { s.events = append(s.events, e) }
		return s.worker.run(ctx, args, &s.seen)
	}, workflow.DynamicRegisterOptions{})
	env.RegisterDynamicActivity(s.activity, activity.DynamicRegisterOptions{})
	env.RegisterActivityWithOptions(s.localActivity, activity.RegisterOptions{Name: localActivity})
	env.RegisterActivityWithOptions(s.worker.read, activity.RegisterOptions{Name: readActivity})
	env.RegisterActivityWithOptions(s.worker.write, activity.RegisterOptions{Name: writeActivity})
	env.RegisterActivityWithOptions(s.worker.redrive, activity.RegisterOptions{Name: redriveActivity})
	env.RegisterActivityWithOptions(s.worker.collect, activity.RegisterOptions{Name: collectActivity})
	s.env = env
	s.mu.Lock()
	coming := slices.Clone(s.coming)
	s.mu.Unlock()
	for _, c := range coming {
		env.RegisterDelayedCallback(func() { s.happen(c) }, max(c.at.Sub(s.now), 0))
	}
}

// child runs a child of a Map Run.
func (s *simulated) child(ctx workflow.Context, args converter.EncodedValues) (converter.RawValue, error) {
	out, err := s.worker.run(ctx, args, nil)
	var in start
	var input converter.RawValue
	var h interp.Header
	require.NoError(s.t, args.Get(&in, &input))
	require.NoError(s.t, h.UnmarshalBinary(in.Header))
	r := store.Record{Identity: h.Identity, Status: interp.Succeeded, Start: time.UnixMilli(in.Began), Stop: workflow.Now(ctx)}
	r.Input, _ = value(input)
	if err == nil {
		r.Output, err = value(out)
	} else if end, ended := endOf(err); ended {
		r.Status, r.ErrorInfo = end.Status, history.ErrorInfo{Error: end.Error, Cause: end.Cause, HasError: end.HasError, HasCause: end.HasCause}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.children == nil {
		s.children = make(map[string]store.Record)
	}
	s.children[h.Execution] = r
	return out, err
}

// ended implements siblings.
func (s *simulated) ended(_ context.Context, id string) (store.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.children[id]; ok {
		return r, nil
	}
	return store.Record{}, &unreached{errors.New("it runs")}
}

// redriveChild and stopRedriven are those of siblings: a run that is simulated is not redriven.
func (s *simulated) redriveChild(context.Context, string, int) (againOf, error) {
	return againOf{}, errors.New("not here")
}

func (s *simulated) stopRedriven(context.Context, string, int, string) error {
	return errors.New("not here")
}

// plan lets something happen after a time.
func (s *simulated) plan(after time.Duration, do func()) {
	now := s.now
	if s.env != nil {
		now = s.env.Now()
	}
	c := &coming{now.Add(after), do}
	s.mu.Lock()
	s.coming = append(s.coming, c)
	s.mu.Unlock()
	if s.env != nil {
		s.env.RegisterDelayedCallback(func() { s.happen(c) }, after)
	}
}

func (s *simulated) happen(c *coming) {
	s.mu.Lock()
	s.coming = slices.DeleteFunc(s.coming, func(d *coming) bool { return d == c })
	s.mu.Unlock()
	c.do()
}

// activity performs a task in the time that its answer takes.
func (s *simulated) activity(ctx context.Context, args converter.EncodedValues) (converter.RawValue, error) {
	info := activity.GetInfo(ctx)
	var input converter.RawValue
	var what about
	if err := args.Get(&input, &what); err != nil {
		return input, err
	}
	id, err := interp.ParseTaskID(info.ActivityID)
	require.NoError(s.t, err)
	v, err := value(input)
	require.NoError(s.t, err)
	a := s.answer(what.State, id, v)
	w := Worker{Liveness: s.worker.Liveness}
	w.Tasks = s.invoker(&a)
	out, err := w.activity(ctx, args)
	after, kind := fate(&a, &info, &what)
	if kind != enumspb.TIMEOUT_TYPE_UNSPECIFIED {
		out, err = converter.RawValue{}, temporal.NewTimeoutError(kind, nil)
	}
	if after == 0 {
		return out, err
	}
	token := info.TaskToken
	env := s.env
	after += time.Duration(id.Frame) // what happens at one instant happens in the order of the frames
	env.RegisterDelayedCallback(func() {
		require.NoError(s.t, env.CompleteActivity(token, result(out, err), err))
		if child := info.WorkflowExecution.ID; child != s.header.Execution {
			_ = env.SignalWorkflowByID(child, "wake", nil) // the environment forgets to
		}
	}, after)
	return converter.RawValue{}, activity.ErrResultPending
}

func result(out converter.RawValue, err error) any {
	if err != nil {
		return nil
	}
	return out
}

// fate tells when an activity ends, and whether because its time is up: the server ends it then.
func fate(a *replay.Answer, info *activity.Info, what *about) (after time.Duration, kind enumspb.TimeoutType) {
	if after = a.After; a.Never {
		after = never
	}
	began, beats := time.Duration(0), a.Beats
	switch asl.ParseResource(info.ActivityType.Name).Pattern {
	case asl.WaitForTaskToken:
		after, beats = a.SubmittedAfter, nil // the rest is by token
	case asl.Activity:
		if a.Worker == nil {
			return after, kind // nobody has it, so its time does not run
		}
		began = a.StartedAfter
	}
	for _, limit := range []time.Duration{info.ScheduleToCloseTimeout, info.StartToCloseTimeout} {
		if limit > 0 && after >= began+limit {
			after, kind = began+limit, enumspb.TIMEOUT_TYPE_START_TO_CLOSE
		}
	}
	if info.HeartbeatTimeout == 0 || !what.Beats {
		return after, kind
	}
	last := began
	for _, beat := range append(slices.Clone(beats), after) {
		if missed := last + info.HeartbeatTimeout; beat > last && beat >= missed && missed <= after && (missed < after || kind == enumspb.TIMEOUT_TYPE_UNSPECIFIED) {
			return missed, enumspb.TIMEOUT_TYPE_HEARTBEAT
		}
		last = beat
	}
	return after, kind
}

func (s *simulated) localActivity(ctx context.Context, input converter.RawValue, what about) (converter.RawValue, error) {
	id, err := interp.ParseTaskID(what.Task)
	require.NoError(s.t, err)
	s.local++
	v, err := value(input)
	require.NoError(s.t, err)
	a := s.answer(what.State, id, v)
	w := Worker{Liveness: s.worker.Liveness}
	w.Tasks = s.invoker(&a)
	return w.localActivity(ctx, input, what)
}

// invoker does at once what an answer says.
func (s *simulated) invoker(a *replay.Answer) runtime.TaskInvoker {
	return runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		require.Equal(s.t, s.header.RoleARN, task.ExecutionRoleARN)
		if task.Pattern == asl.WaitForTaskToken {
			s.planAnswer(a, task.Token())
			if a.Submitted == nil {
				return jsonvalue.Value{}, runtime.ErrPending
			}
			return *a.Submitted, nil
		}
		if a.Submitted != nil {
			task.Submitted(*a.Submitted)
		}
		if a.Err != nil {
			return jsonvalue.Value{}, a.Err
		}
		return a.Output, nil
	})
}

// planAnswer plans what the holder of a token says.
func (s *simulated) planAnswer(a *replay.Answer, token string) {
	for _, after := range a.Beats {
		s.plan(after, func() { s.update(answerName, answer{Token: token, Kind: heartbeatKind}) })
	}
	if a.Never {
		return
	}
	said := answer{Token: token, Kind: succeedKind, Output: a.Output.AppendJSON(nil)}
	if a.Err != nil {
		said = answer{Token: token, Kind: failKind, Error: a.Err.Name, Cause: a.Err.Cause}
	}
	s.plan(a.After, func() { s.update(answerName, said) })
}

// update sends an update, whose failure is nobody's concern.
func (s *simulated) update(name string, arg any) *updated {
	u := new(updated)
	s.env.UpdateWorkflow(name, "", u, arg)
	return u
}

// updated is what came of an update.
type updated struct {
	rejected, failed error
	completed        bool
}

func (u *updated) Accept()          {}
func (u *updated) Reject(err error) { u.rejected = err }
func (u *updated) Complete(_ any, err error) {
	u.failed, u.completed = err, true
}

// result tells how the workflow has ended.
func (s *simulated) result(out converter.RawValue, err error) (r ran) {
	var app *temporal.ApplicationError
	var cancelled *temporal.CanceledError
	switch {
	case err == nil:
		r.status = interp.Succeeded
		r.output, err = value(out)
		require.NoError(s.t, err)
	case errors.As(err, &app):
		require.NoError(s.t, app.Details(&r.end), "%v", err)
		r.status, r.name, r.cause = r.end.Status, app.Type(), app.Message()
	case errors.As(err, &cancelled):
		require.NoError(s.t, cancelled.Details(&r.end))
		r.status, r.name, r.cause = r.end.Status, r.end.Error, r.end.Cause
	default:
		require.NoError(s.t, err)
	}
	return r
}
