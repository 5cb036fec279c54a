package asltemporal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const aJob = "arn:aws:states:::batch:submitJob.sync"

// attempted makes one attempt of a task in the test environment of the SDK.
type attempted struct {
	tasks      runtime.InvokerFunc
	background context.Context // ends with the worker
	before     any             // what an attempt before this one has told
	pending    bool
	told       []json.RawMessage

	env *testsuite.TestActivityEnvironment
}

// begin makes the environment.
func (a *attempted) begin() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(discard))
	a.env = suite.NewTestActivityEnvironment()
	a.env.SetWorkerOptions(worker.Options{BackgroundActivityContext: a.background})
	if a.before != nil {
		a.env.SetHeartbeatDetails(a.before)
	}
	a.env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var text json.RawMessage
		if details.HasValues() {
			_ = details.Get(&text)
		}
		a.told = append(a.told, text)
	})
	w := &Worker{Tasks: a.tasks, waitedFor: func() bool { return a.pending }}
	a.env.RegisterDynamicActivity(w.activity, activity.DynamicRegisterOptions{})
	a.env.RegisterActivityWithOptions(w.localActivity, activity.RegisterOptions{Name: localActivity})
}

// TestAttemptContext: the cause of the context of a task tells whether the execution wants it no more, or the
// worker gives it up.
func TestAttemptContext(t *testing.T) {
	gone := serviceerror.NewNotFound("no such activity")
	away := serviceerror.NewUnavailable("the server is away")
	for name, c := range map[string]struct {
		attempted
		cause, want error // of the context of the activity, and of the task
		local       bool
	}{
		"the workflow has cancelled it":          {cause: temporal.NewCanceledError(), want: runtime.ErrUnwanted},
		"its time is up":                         {want: runtime.ErrUnwanted},
		"the server takes too long":              {cause: context.DeadlineExceeded, want: context.DeadlineExceeded},
		"the workflow has forgotten it":          {cause: gone, want: runtime.ErrUnwanted},
		"another worker has it":                  {cause: gone, attempted: attempted{pending: true}, want: gone},
		"the server is away":                     {cause: away, want: away},
		"the worker stops":                       {cause: worker.ErrWorkerShutdown, want: worker.ErrWorkerShutdown},
		"somebody pauses it":                     {cause: activity.ErrActivityPaused, want: activity.ErrActivityPaused},
		"the workflow has cancelled a local one": {cause: context.Canceled, local: true, want: runtime.ErrUnwanted},
		"the worker of a local one stops":        {cause: worker.ErrWorkerShutdown, local: true, want: worker.ErrWorkerShutdown},
	} {
		t.Run(name, func(t *testing.T) {
			a := &c.attempted
			var cancel context.CancelCauseFunc
			a.background, cancel = context.WithCancelCause(t.Context())
			if c.cause == nil {
				var late context.CancelFunc
				a.background, late = context.WithTimeout(a.background, 50*time.Millisecond)
				defer late()
			}
			cause := make(chan error, 1) // a local activity ends before its task does
			a.tasks = func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
				deadline, ok := ctx.Deadline()
				assert.True(t, ok && !deadline.IsZero())
				if c.cause != nil {
					cancel(c.cause)
				}
				<-ctx.Done()
				cause <- context.Cause(ctx)
				return jsonvalue.Value{}, ctx.Err()
			}
			a.begin()
			input := payload(jsonvalue.Object())
			var err error
			if c.local {
				_, err = a.env.ExecuteLocalActivity((&Worker{Tasks: a.tasks}).localActivity, input, about{Resource: "t"})
			} else {
				_, err = a.env.ExecuteActivity(aJob, input, about{})
			}
			require.Error(t, err)
			require.Equal(t, c.want, within(t, cause))
		})
	}
}

// TestAttemptSubmission: what a task tells of its job goes to the server with the next heartbeat, and the attempt after
// it knows that.
func TestAttemptSubmission(t *testing.T) {
	a := &attempted{tasks: func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		assert.True(t, task.Submission.IsNull())
		task.Submitted(jsonvalue.MustParse(`{"JobId": "j-1"}`))
		return jsonvalue.Value{}, errors.New("the worker dies")
	}}
	a.begin()
	_, err := a.env.ExecuteActivity(aJob, payload(jsonvalue.Object()), about{})
	require.Error(t, err)
	const told = `{"statemill-submitted":{"JobId":"j-1"}}`
	require.Equal(t, []json.RawMessage{json.RawMessage(told)}, a.told)

	a.before, a.told = a.told[0], nil
	a.tasks = func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		task.Submitted(jsonvalue.Int(2)) // it does not look
		return task.Submission, nil
	}
	a.begin()
	encoded, err := a.env.ExecuteActivity(aJob, payload(jsonvalue.Object()), about{})
	require.NoError(t, err)
	require.Equal(t, []json.RawMessage{json.RawMessage(told)}, a.told, "the server keeps what the last heartbeat had")
	var out converter.RawValue
	require.NoError(t, encoded.Get(&out))
	require.Equal(t, `{"JobId":"j-1"}`, string(out.Payload().GetData()))
	require.Equal(t, `{"JobId":"j-1"}`, string(out.Payload().GetMetadata()[submittedMetadata]))

	for resource, before := range map[string]any{"t": a.before, aJob: map[string]int{"percent": 50}} {
		a.before, a.tasks = before, func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			assert.True(t, task.Submission.IsNull(), "it has no job, or heartbeats of somebody else say nothing of one")
			return jsonvalue.Value{}, nil
		}
		a.begin()
		_, err = a.env.ExecuteActivity(resource, payload(jsonvalue.Object()), about{})
		require.NoError(t, err)
	}
}

// waiting is a task that waits until its context ends, and tells why.
type waiting struct {
	begun chan *runtime.Task
	ended chan error
	again chan struct{} // the attempt that knows of the job waits for its end; nil: it does not wait
}

func newWaiting() *waiting {
	return &waiting{begun: make(chan *runtime.Task, 10), ended: make(chan error, 10)}
}

func (w *waiting) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if !task.Submission.IsNull() {
		if w.again != nil {
			<-w.again
		}
		return task.Submission, nil
	}
	task.Submitted(jsonvalue.String("job 7"))
	w.begun <- task
	<-ctx.Done()
	w.ended <- context.Cause(ctx)
	return jsonvalue.Value{}, ctx.Err()
}

// within returns what comes within a minute.
func within[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
	}
	return v
}

// TestServerUnwanted: a task hears that its execution wants it no more, whether it sends heartbeats or not.
func TestServerUnwanted(t *testing.T) {
	const state = `"Type": "Task", "Resource": "` + aJob + `", "End": true`
	alone := func(more string) string { return `{"StartAt": "T", "States": {"T": {` + state + more + `}}}` }
	nothing := func(*testing.T, *served, string) {}
	stop := func(t *testing.T, s *served, id string) {
		_, err := s.Stop(s.context(), id, "", "")
		require.NoError(t, err)
	}
	for name, c := range map[string]struct {
		definition string
		act        func(t *testing.T, s *served, id string)
	}{
		"Stopped":    {alone(""), stop},
		"Heartbeats": {alone(`, "HeartbeatSeconds": 3`), stop},
		"NoBeat":     {alone(`, "HeartbeatSeconds": 2`), nothing},
		"Late":       {alone(`, "TimeoutSeconds": 2`), nothing},
		"Activity":   {strings.ReplaceAll(alone(""), aJob, "arn:aws:states:us-east-1:123456789012:activity:UNWANTED"), stop},
		"Beside": {`{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [` + alone("") + `,
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail"}}}]}}}`, nothing},
		"Terminated": {alone(""), func(t *testing.T, s *served, id string) {
			require.NoError(t, s.Temporal.TerminateWorkflow(s.context(), id, "", "no reason"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWaiting()
			s := serve(t, runtime.Mux{"*": w})
			if name == "Activity" {
				s.work("UNWANTED")
			}
			s.worker.Liveness = time.Second
			id := s.begin(c.definition, `{}`)
			within(t, w.begun)
			c.act(t, s, id)
			require.Equal(t, runtime.ErrUnwanted, within(t, w.ended))
			_, err := s.Wait(s.context(), id)
			require.Error(t, err)
			require.Empty(t, w.begun, "nobody performs it again")
		})
	}
}

// TestServerWorkerStops: a task whose worker stops is wanted, and the next worker knows of its job. One with HeartbeatSeconds, which
// has one attempt, misses its heartbeats, as after the death of the worker.
func TestServerWorkerStops(t *testing.T) {
	for _, c := range []struct{ name, rest, want string }{
		{"again", `}`, `"job 7"`},
		{"beating", `, "HeartbeatSeconds": 2, "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "P"}]},
			"P": {"Type": "Pass", "Result": "caught", "End": true}`, `"caught"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWaiting()
			queue := fmt.Sprintf("stops-%s-%d", c.name, time.Now().UnixNano())
			s := &served{t: t, Client: &Client{Temporal: connect(t), TaskQueue: queue}, worker: &Worker{Tasks: w}}
			first := worker.New(s.Temporal, queue, worker.Options{WorkerStopTimeout: 100 * time.Millisecond})
			s.worker.Register(first)
			require.NoError(t, first.Start())
			id := s.begin(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+aJob+`", "End": true`+c.rest+`}}`, `{}`)
			within(t, w.begun)
			first.Stop()
			require.Equal(t, worker.ErrWorkerShutdown, within(t, w.ended))
			s.work(queue)
			require.Equal(t, c.want, s.succeeds(id))
			s.strictly(id)
		})
	}
}

// TestServerWorkerAway: a task of a worker that the server takes for dead is wanted, and another attempt knows of its job.
func TestServerWorkerAway(t *testing.T) {
	var away atomic.Bool
	lost := func(ctx context.Context, method string, request, response any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if away.Load() && strings.HasSuffix(method, "/RecordActivityTaskHeartbeat") {
			return nil
		}
		return invoke(ctx, method, request, response, cc, options...)
	}
	w := newWaiting()
	w.again = make(chan struct{})
	queue := fmt.Sprintf("away-%d", time.Now().UnixNano())
	c := connect(t, grpc.WithChainUnaryInterceptor(lost))
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: queue}, worker: &Worker{Tasks: w, Liveness: time.Second}}
	s.work(queue)
	id := s.begin(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+aJob+`", "End": true}}}`, `{}`)
	within(t, w.begun)
	away.Store(true)
	require.Eventually(t, func() bool {
		d, err := c.DescribeWorkflow(s.context(), id, "")
		require.NoError(t, err)
		return len(d.RawResponse.GetPendingActivities()) == 1 && d.RawResponse.GetPendingActivities()[0].Attempt == 2
	}, time.Minute, 50*time.Millisecond)
	away.Store(false)
	cause := within(t, w.ended)
	var gone *serviceerror.NotFound
	require.ErrorAs(t, cause, &gone)
	require.NotErrorIs(t, cause, runtime.ErrUnwanted)
	close(w.again)
	require.Equal(t, `"job 7"`, s.succeeds(id))
}
