package runtime_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// virtually runs f with an Engine in virtual time, and returns its clock.
func virtually(t *testing.T, c runtime.EngineConfig, f func(e *runtime.Engine, clock *runtime.VirtualClock)) {
	t.Helper()
	c.Clock = runtime.NewVirtualClock(epoch)
	e, err := runtime.Open(t.Context(), store.Memory(), c)
	require.NoError(t, err)
	f(e, c.Clock)
	require.NoError(t, e.Close(t.Context()))
}

const busy = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Next": "W", "Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", "End": true, "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 3, "JitterStrategy": "FULL"}]}}},
		{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "i", "End": true}}}}}},
		{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "slow", "TimeoutSeconds": 5, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "C"}], "End": true}, "C": {"Type": "Pass", "End": true}}}]},
	"W": {"Type": "Wait", "Seconds": 31536000, "End": true}}}`

// runBusy runs many executions and returns all their events in the order in which they were shown.
func runBusy(t *testing.T, workers int) (shown []string) {
	var mu sync.Mutex
	var clock *runtime.VirtualClock
	tasks := invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		switch {
		case task.Resource == "slow":
			return null, clock.Sleep(ctx, time.Hour)
		case task.Resource == "a" && task.RetryCount < 2:
			return null, &runtime.TaskError{Name: "Again"}
		}
		return task.Input, clock.Sleep(ctx, time.Second)
	})
	c := runtime.EngineConfig{Tasks: tasks, Workers: workers, Observe: func(e history.Event) {
		mu.Lock()
		defer mu.Unlock()
		shown = append(shown, fmt.Sprint(e.Time.Sub(epoch), e.Execution, e.ID, e.PreviousID, e.Type, e.Name, e.Output))
	}, Seed: runtime.Seed{7}}
	virtually(t, c, func(e *runtime.Engine, shared *runtime.VirtualClock) {
		clock = shared
		p := compile(t, busy)
		var ids []string
		ctx, release := shared.Hold(t.Context())
		defer release()
		for i := range 20 {
			record, err := e.Start(ctx, p, runtime.Identity{ExecutionName: fmt.Sprint("e", i)}, jsonvalue.MustParse(`{"items": [1, 2, 3, 4, 5]}`), nil)
			require.NoError(t, err)
			require.Equal(t, epoch, record.Start.UTC())
			ids = append(ids, record.Execution)
		}
		require.NoError(t, shared.Sleep(ctx, time.Hour))
		require.Equal(t, time.Hour, shared.Now().Sub(epoch))
		for _, id := range ids {
			_, err := e.Wait(ctx, id)
			require.NoError(t, err)
		}
		require.GreaterOrEqual(t, shared.Now().Sub(epoch), 365*24*time.Hour)
	})
	return shown
}

// Two runs of many executions at once show the same events in the same order, a year of waiting included.
func TestEngineVirtually(t *testing.T) {
	for _, workers := range []int{1000, 30} {
		first := runBusy(t, workers)
		for range 3 {
			require.Equal(t, first, runBusy(t, workers))
		}
	}
}

// Somebody who is no task acts in virtual time; and time moves no further than there is something to do.
func TestEngineVirtualAnswers(t *testing.T) {
	tokens := make(chan string, 1)
	c := runtime.EngineConfig{Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		tokens <- task.Token()
		return null, nil
	})}
	virtually(t, c, func(e *runtime.Engine, clock *runtime.VirtualClock) {
		id := start(t, e, awaitsWord, `{}`)
		token := <-tokens
		clock.AfterFunc(time.Minute, func() {
			require.NoError(t, e.SucceedTask(t.Context(), token, jsonvalue.String("after a minute")))
		})
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"after a minute"`, out.String())
		require.Equal(t, time.Minute, clock.Now().Sub(epoch))
		_, err = runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Clock: clock})
		require.Error(t, err, "the clock serves one Engine")
	})
}

// A clock that an Engine has given back serves another, which goes on.
func TestEngineVirtualClose(t *testing.T) {
	s := store.Memory()
	clock := runtime.NewVirtualClock(epoch)
	sleeps := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		return null, clock.Sleep(ctx, time.Hour)
	})
	first, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: sleeps, Clock: clock})
	require.NoError(t, err)
	ctx, release := clock.Hold(t.Context())
	record, err := first.Start(ctx, compile(t, lone), runtime.Identity{}, null, nil)
	require.NoError(t, err)
	require.NoError(t, first.Close(ctx))
	release()
	require.Equal(t, epoch, clock.Now())
	second, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: sleeps, Clock: clock})
	require.NoError(t, err)
	_, err = second.Wait(t.Context(), record.Execution)
	require.NoError(t, err)
	require.Equal(t, time.Hour, clock.Now().Sub(epoch))
	require.NoError(t, second.Close(t.Context()))
}

// A task that calls the Engine, with its context, does not keep the clock from moving.
func TestEngineVirtualTaskCalls(t *testing.T) {
	var e *runtime.Engine
	child := compile(t, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`)
	tasks := invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		record, err := e.Start(ctx, child, runtime.Identity{}, null, nil)
		if err == nil {
			_, err = e.Stop(ctx, record.Execution, "Stopped", "")
		}
		return jsonvalue.String("called"), err
	})
	virtually(t, runtime.EngineConfig{Tasks: tasks, Workers: 1}, func(opened *runtime.Engine, clock *runtime.VirtualClock) {
		e = opened
		out, err := e.Wait(t.Context(), start(t, e, pair, `{}`))
		require.NoError(t, err)
		require.Equal(t, `["called","called"]`, out.String())
		require.Equal(t, epoch, clock.Now(), "nothing waits any more")
	})
}

// Two executions are started at one instant; a year passes while the caller sleeps.
func ExampleVirtualClock_Hold() {
	machine, _ := asl.Parse([]byte(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}`))
	program, _ := runtime.Compile(machine)
	clock := runtime.NewVirtualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	engine, _ := runtime.Open(context.Background(), store.Memory(), runtime.EngineConfig{Clock: clock})
	ctx, release := clock.Hold(context.Background())
	for _, seconds := range []int64{60, 3600} {
		record, _ := engine.Start(ctx, program, runtime.Identity{}, jsonvalue.Int(seconds), nil)
		fmt.Println(record.Start.UTC())
	}
	_ = clock.Sleep(ctx, 365*24*time.Hour)
	running, _ := engine.List(ctx, store.Query{Status: "RUNNING"})
	fmt.Println(len(running), "run on", clock.Now())
	release()
	_ = engine.Close(context.Background())
	// Output:
	// 2030-01-01 00:00:00 +0000 UTC
	// 2030-01-01 00:00:00 +0000 UTC
	// 0 run on 2031-01-01 00:00:00 +0000 UTC
}
