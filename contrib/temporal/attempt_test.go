package asltemporal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const aJob = "arn:aws:states:::batch:submitJob.sync"

// attempted makes one attempt of a task in the test environment of the SDK.
type attempted struct {
	tasks      runtime.InvokerFunc
	background context.Context // ends with the worker
	pending    bool

	env *testsuite.TestActivityEnvironment
}

// begin makes the environment.
func (a *attempted) begin() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(discard))
	a.env = suite.NewTestActivityEnvironment()
	a.env.SetWorkerOptions(worker.Options{BackgroundActivityContext: a.background})
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
			var cause error
			a.tasks = func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
				deadline, ok := ctx.Deadline()
				assert.True(t, ok && !deadline.IsZero())
				if c.cause != nil {
					cancel(c.cause)
				}
				<-ctx.Done()
				cause = context.Cause(ctx)
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
			require.Equal(t, c.want, cause)
		})
	}
}

// waiting is a task that waits until its context ends, and tells why.
type waiting struct {
	begun chan *runtime.Task
	ended chan error
}

func newWaiting() *waiting {
	return &waiting{begun: make(chan *runtime.Task, 10), ended: make(chan error, 10)}
}

func (w *waiting) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
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
