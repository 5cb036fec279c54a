package runtime_test

import (
	"context"
	"errors"
	stdruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

func compile(t testing.TB, definition string) *runtime.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	p, err := runtime.Compile(machine)
	require.NoError(t, err)
	return p
}

type invoke = runtime.InvokerFunc

var null jsonvalue.Value

const lone = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "End": true}}}`

const pair = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", "End": true}}},
	{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "b", "End": true}}}]}}}`

const loop = `{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": true, "Next": "P"}], "Default": "S"},
	"P": {"Type": "Pass", "Next": "C"}, "S": {"Type": "Succeed"}}}`

// A loop without a Wait ends within one Step's share of its context's end.
func TestCancelLoop(t *testing.T) {
	reason := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	entered, after := 0, 0
	r := runtime.Runner{Limits: runtime.Limits{History: -1}, Observe: func(e history.Event) {
		if _, ok := e.StateEntered(); ok {
			entered++
		}
		if entered == 1500 {
			cancel(reason)
		}
		if entered >= 1500 {
			after++
		}
	}}
	_, err := r.Run(ctx, compile(t, loop), jsonvalue.Object())
	requireAborted(t, err, reason)
	assert.LessOrEqual(t, after, 2001, "two events a transition, at most 1000 transitions")
}

// requireAborted checks that a shutdown is told as what it is, and not as a
// failure.
func requireAborted(t *testing.T, err, reason error) {
	t.Helper()
	var e *runtime.ExecutionError
	require.ErrorAs(t, err, &e)
	require.Equal(t, interp.Aborted, e.Status)
	require.Empty(t, e.Name)
	require.Equal(t, reason.Error(), e.Cause)
	require.ErrorIs(t, err, reason)
}

// The end of the context ends tasks, is no failure for Retry or Catch to see,
// and leaves no goroutine behind: the bubble would not end.
func TestCancelTask(t *testing.T) {
	const caught = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "Next": "S",
		"Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}]}, "S": {"Type": "Succeed"}}}`
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var types []string
		r := runtime.Runner{Tasks: invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
			<-ctx.Done()
			return null, ctx.Err()
		}), Observe: func(e history.Event) { types = append(types, e.Type) }}
		_, err := r.Run(ctx, compile(t, caught), null)
		requireAborted(t, err, context.DeadlineExceeded)
		require.Equal(t, []string{"ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "ExecutionAborted"}, types)
	})
}

// A branch that fails ends the contexts of its siblings at once.
func TestCancelSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ended time.Duration
		tasks := runtime.Mux{
			"a": invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
				time.Sleep(time.Second)
				return null, &runtime.TaskError{Name: "Boom", Cause: "a"}
			}),
			"b": invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
				<-ctx.Done()
				ended = time.Since(start)
				return null, ctx.Err()
			}),
		}
		_, err := runtime.Run(t.Context(), compile(t, pair), null, tasks)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "Boom"})
		require.ErrorIs(t, err, &runtime.TaskError{Name: "Boom", Cause: "a"})
		require.NotErrorIs(t, err, &runtime.TaskError{Name: "Boom", Cause: "b"})
		synctest.Wait()
		require.Equal(t, time.Second, ended)
	})
}

// A task that does not heed its context does not hold Run up, and what it says
// later changes nothing.
func TestCancelIgnored(t *testing.T) {
	const catching = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "TimeoutSeconds": 1, "End": true,
		"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "W"}]}, "W": {"Type": "Wait", "Seconds": 5, "Next": "S"}, "S": {"Type": "Succeed"}}}`
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		out, err := runtime.Run(t.Context(), compile(t, catching), null, invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			time.Sleep(3 * time.Second)
			return jsonvalue.String("late"), nil
		}))
		require.NoError(t, err)
		require.Equal(t, `{"Error":"States.Timeout","Cause":""}`, out.String())
		require.Equal(t, 6*time.Second, time.Since(start))
	})
}

// A panic and Goexit fail their task alone.
func TestPanicFailsTask(t *testing.T) {
	for name, end := range map[string]func(){"panic: oops": func() { panic("oops") }, "the task ended its goroutine": stdruntime.Goexit} {
		tasks := runtime.Mux{
			"a": invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { end(); return null, nil }),
			"b": invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) { return null, nil }),
		}
		_, err := runtime.Run(t.Context(), compile(t, pair), null, tasks)
		var e *runtime.ExecutionError
		require.ErrorAs(t, err, &e)
		require.Equal(t, asl.StatesTaskFailed+" "+name+" A", e.Name+" "+e.Cause+" "+e.State)
		var panicked *runtime.PanicError
		require.ErrorAs(t, err, &panicked)
	}
}

// A lone task runs on the goroutine of Run if its context cannot end.
func TestLoneTask(t *testing.T) {
	before := stdruntime.NumGoroutine()
	_, err := runtime.Run(context.Background(), compile(t, lone), null, invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
		assert.LessOrEqual(t, stdruntime.NumGoroutine(), before)
		return null, nil
	}))
	require.NoError(t, err)
}

// endingContext ends when it was asked so often whether it has.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A state of many long expressions is given up between two of them.
func TestCancelBetweenExpressions(t *testing.T) {
	const long = `{% $sum([1..700000]) %}`
	definition := `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": ["` + long + strings.Repeat(`", "`+long, 2000) + `"], "End": true}}}`
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := runtime.Run(&endingContext{ctx, 5}, compile(t, definition), null, nil)
	var failed *runtime.ExecutionError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, interp.Aborted, failed.Status)

	_, err = runtime.TestState(&endingContext{ctx, 5}, compile(t, definition), runtime.StateTest{State: "A"})
	require.ErrorContains(t, err, `the test of state "A" was stopped`)
}
