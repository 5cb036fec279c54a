package runtime_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// open opens an Engine that is closed when the test ends.
func open(t *testing.T, s store.Store, c runtime.EngineConfig) *runtime.Engine {
	t.Helper()
	e, err := runtime.Open(t.Context(), s, c)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Close(context.Background())) })
	return e
}

func start(t *testing.T, e *runtime.Engine, definition, input string) string {
	t.Helper()
	record, err := e.Start(t.Context(), compile(t, definition), runtime.Identity{}, jsonvalue.MustParse(input), nil)
	require.NoError(t, err)
	return record.Execution
}

func TestEngineRuns(t *testing.T) {
	e := open(t, store.Memory(), runtime.EngineConfig{Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		return jsonvalue.String(task.State), nil
	})})
	id := start(t, e, pair, `{}`)
	out, err := e.Wait(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, `["A","B"]`, out.String())
	record, err := e.Describe(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, interp.Succeeded, record.Status)
	events, err := e.History(t.Context(), id, 0, 100)
	require.NoError(t, err)
	for i, event := range events {
		require.Equal(t, int64(i+1), event.ID)
	}
	require.Equal(t, "ExecutionSucceeded", events[len(events)-1].Type)
}

// Many executions at once, with waits, tokens and failures.
func TestEngineManyAtOnce(t *testing.T) {
	const definition = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "Next": "A"}, "A": {"Type": "Task", "Resource": "a", "End": true, "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 0}]}}},
		{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.n"}, "End": true}}}]}}}`
	var e *runtime.Engine
	var failed sync.Map
	var invoked atomic.Int64
	tasks := runtime.Mux{
		"a": invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if _, again := failed.LoadOrStore(task.Execution, true); !again {
				return null, &runtime.TaskError{Name: "Again"}
			}
			return jsonvalue.String("a"), nil
		}),
		"*": invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			invoked.Add(1)
			token := task.Token()
			go func() { assert.NoError(t, e.SucceedTask(context.Background(), token, jsonvalue.String("b"))) }()
			return jsonvalue.Object(), nil
		}),
	}
	e = open(t, store.Memory(), runtime.EngineConfig{Tasks: tasks})
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			id := start(t, e, definition, fmt.Sprintf(`{"s": %d, "n": %d}`, i%2, i))
			out, err := e.Wait(t.Context(), id)
			assert.NoError(t, err)
			assert.Equal(t, `["a","b"]`, out.String())
		})
	}
	all.Wait()
	require.Equal(t, int64(200), invoked.Load())
}

// An execution that waits is given back to the store; stop, redrive, delete.
func TestEngineVerbs(t *testing.T) {
	s := store.Memory()
	e := open(t, s, runtime.EngineConfig{Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		return jsonvalue.String("done"), nil
	})})
	id := start(t, e, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "Next": "T"}, "T": {"Type": "Task", "Resource": "t", "End": true}}}`, `{}`)
	stored, err := s.Load(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, stored.Owner, "it waits for an hour")
	stopped, err := e.Stop(t.Context(), id, "E", "why")
	require.NoError(t, err)
	again, err := e.Stop(t.Context(), id, "F", "other")
	require.NoError(t, err)
	require.Equal(t, stopped, again)
	_, err = e.Wait(t.Context(), id)
	var failed *runtime.ExecutionError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "E why", failed.Name+" "+failed.Cause)
	record, err := e.Redrive(t.Context(), id, []byte("noted"))
	require.NoError(t, err)
	require.Equal(t, "noted", string(record.Meta))
	require.Equal(t, interp.Running, record.Status)
	require.Equal(t, 1, record.Redrives)
	_, err = e.Redrive(t.Context(), id, []byte("too late"))
	require.ErrorIs(t, err, runtime.ErrNotRedrivable)
	require.Error(t, e.Delete(t.Context(), id), "it runs")
	_, err = e.Stop(t.Context(), id, "", "")
	require.NoError(t, err)
	record, err = e.Describe(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "noted", string(record.Meta), "what was refused leaves no trace")
	require.NoError(t, e.Delete(t.Context(), id))
	_, err = e.Describe(t.Context(), id)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = e.Stop(t.Context(), "nobody", "", "")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.EqualError(t, err, `execution "nobody": not found`)
	require.ErrorIs(t, e.SucceedTask(t.Context(), "no token", null), runtime.ErrInvalidToken)
}

// An Engine that is closed gives its executions back; the next one goes on.
func TestEngineReopens(t *testing.T) {
	s := store.Memory()
	started := make(chan string, 10)
	var calls atomic.Int64
	tasks := invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		started <- task.ID()
		if calls.Add(1) == 1 {
			<-ctx.Done()
			return null, ctx.Err()
		}
		return jsonvalue.String("second"), nil
	})
	first, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: tasks})
	require.NoError(t, err)
	id := start(t, first, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}, "C": {"Type": "Fail"}}}`, `{}`)
	task := <-started
	require.NoError(t, first.Close(t.Context()))
	_, err = first.Start(t.Context(), compile(t, lone), runtime.Identity{}, null, nil)
	require.ErrorIs(t, err, runtime.ErrClosed)
	second := open(t, s, runtime.EngineConfig{Tasks: tasks})
	out, err := second.Wait(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, `"second"`, out.String())
	require.Equal(t, task, <-started, "the same task")
}

// With FailRunning, a task whose process died fails, and Catch may name the error.
func TestEngineFailsRunning(t *testing.T) {
	const definition = `{"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "t", "End": true, "Catch": [{"ErrorEquals": ["Runtime.Interrupted"], "Next": "C"}]}, "C": {"Type": "Pass", "End": true}}}`
	s := store.Memory()
	hangs := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		<-ctx.Done()
		return null, ctx.Err()
	})
	first, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: hangs})
	require.NoError(t, err)
	id := start(t, first, definition, `{}`)
	require.NoError(t, first.Close(t.Context()))
	second := open(t, s, runtime.EngineConfig{Tasks: hangs, Recovery: runtime.FailRunning})
	out, err := second.Wait(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, `{"Error":"Runtime.Interrupted","Cause":"The process that performed the task has ended."}`, out.String())
}

// A name can be given again as soon as its execution is deleted, which may still be leaving memory.
func TestEngineNameAgain(t *testing.T) {
	e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: answers})
	require.NoError(t, err)
	defer e.Close(context.Background())
	program := compile(t, lone)
	for range 500 {
		_, err := e.Start(t.Context(), program, who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		_, err = e.Wait(t.Context(), who.Execution)
		require.NoError(t, err)
		require.NoError(t, e.Delete(t.Context(), who.Execution))
	}
}
