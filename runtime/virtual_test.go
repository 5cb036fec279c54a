package runtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// A Wait of a year and a chain of retries take virtual time only.
func TestVirtualYear(t *testing.T) {
	const year = `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 31536000, "Next": "T"}, "T": {"Type": "Task", "Resource": "work", "End": true,
		"Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 10}]}}}`
	clock := runtime.NewVirtualClock(generate.Start)
	r := runtime.Runner{Clock: clock, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if task.RetryCount < 10 {
			return null, &runtime.TaskError{Name: "Again"}
		}
		return jsonvalue.Int(int64(task.RetryCount)), nil
	})}
	out, err := r.Run(t.Context(), compile(t, year), null)
	require.NoError(t, err)
	require.Equal(t, "10", out.String())
	require.Equal(t, 31536000*time.Second+1023*time.Second, clock.Now().Sub(generate.Start))
}

// Of what falls on one instant the deadline comes first; of tasks that end
// then, the one with the smaller id.
func TestVirtualInstant(t *testing.T) {
	const limited = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "TimeoutSeconds": 2, "End": true}}}`
	clock := runtime.NewVirtualClock(generate.Start)
	slow := func(d time.Duration) runtime.TaskInvoker {
		return invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if err := clock.Sleep(ctx, d); err != nil {
				return null, err
			}
			return null, &runtime.TaskError{Name: task.Resource}
		})
	}
	for range 200 {
		_, err := runtime.Runner{Clock: clock, Tasks: slow(2 * time.Second)}.Run(t.Context(), compile(t, limited), null)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "States.Timeout"})
		// The task that timed out may still be ending: it does not count here.
		_, err = runtime.Runner{Clock: clock, Tasks: slow(time.Second)}.Run(t.Context(), compile(t, pair), null)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "a"})
	}
}

// Wait states are scaled; the pauses of retries are not.
func TestScaleWait(t *testing.T) {
	const waits = `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "Next": "U"},
		"U": {"Type": "Wait", "TimestampPath": "$.past", "Next": "T"},
		"T": {"Type": "Task", "Resource": "work", "End": true, "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 7, "MaxAttempts": 1}]}}}`
	tasks := invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if task.RetryCount == 0 {
			return null, &runtime.TaskError{Name: "Again"}
		}
		return null, nil
	})
	past := jsonvalue.MustParse(`{"past": "1969-01-01T00:00:00Z"}`)
	for share, want := range map[float64]time.Duration{0: 7 * time.Second, 0.001: 10600 * time.Millisecond, 2: 7207 * time.Second} {
		scale := func(d time.Duration) time.Duration { return time.Duration(share * float64(d)) }
		clock := runtime.NewVirtualClock(generate.Start)
		_, err := runtime.Runner{Clock: clock, Tasks: tasks, ScaleWait: scale}.Run(t.Context(), compile(t, waits), past)
		require.NoError(t, err)
		require.Equal(t, want, clock.Now().Sub(generate.Start))
		virtually(t, runtime.EngineConfig{Tasks: tasks, ScaleWait: scale}, func(e *runtime.Engine, clock *runtime.VirtualClock) {
			ctx, release := clock.Hold(t.Context())
			defer release()
			begun := clock.Now()
			r, err := e.Start(ctx, compile(t, waits), runtime.Identity{}, past, nil)
			require.NoError(t, err)
			_, err = e.Wait(ctx, r.Execution)
			require.NoError(t, err)
			require.Equal(t, want, clock.Now().Sub(begun))
		})
	}
}

// The children of a distributed Map state have Wait states of their own.
func TestScaleWaitOfChildren(t *testing.T) {
	const spread = `{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}}`
	clock := runtime.NewVirtualClock(generate.Start)
	none := func(time.Duration) time.Duration { return 0 }
	_, err := runtime.Runner{Clock: clock, ScaleWait: none}.Run(t.Context(), compile(t, spread), jsonvalue.MustParse(`{"items": [1, 2]}`))
	require.NoError(t, err)
	require.Less(t, clock.Now().Sub(generate.Start), time.Hour)
}
