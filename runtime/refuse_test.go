package runtime_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

func never(context.Context, *runtime.Task) (jsonvalue.Value, error) { panic("it was begun") }

// A program that cannot be run to its end is refused before the first state. The
// error names the state and its place.
func TestRefused(t *testing.T) {
	const waits = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true}}}`
	const reads = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}}, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "X", "States": {"X": {"Type": "Pass", "End": true}}}}}}`
	for _, c := range []struct {
		name, definition, want string
		tasks                  runtime.TaskInvoker
	}{
		{"no invoker", lone, `state "T" (1:`, nil},
		{"unknown resource", lone, `runtime: no task for resource "work"`, runtime.Mux{"other": invoke(never)}},
		{"token", waits, "Runner.Callbacks is nil", invoke(never)},
		{"reader", reads, `state "M" (1:`, invoke(never)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := runtime.Runner{Tasks: c.tasks, Observe: func(history.Event) { t.Error("it was begun") }}
			_, err := r.Run(t.Context(), compile(t, c.definition), null)
			require.ErrorContains(t, err, c.want)
			require.ErrorIs(t, err, runtime.ErrRefused)
			var e *runtime.ExecutionError
			require.NotErrorAs(t, err, &e)
		})
	}
	_, err := runtime.Runner{}.Run(t.Context(), nil, null)
	require.Error(t, err)
	_, err = runtime.Run(t.Context(), compile(t, lone), null, runtime.Mux{})
	require.ErrorIs(t, err, runtime.ErrNoTask)
}

// Results that are no JSON, too large or too deep fail the task.
func TestResults(t *testing.T) {
	for _, c := range []struct {
		name, failure string
		result        func() any
	}{
		{"NaN", asl.StatesTaskFailed, func() any { return math.NaN() }},
		{"channel", asl.StatesTaskFailed, func() any { return make(chan int) }},
		{"large", asl.StatesDataLimitExceeded, func() any { return strings.Repeat("x", 262_143) }},
		{"just fits", "", func() any { return strings.Repeat("x", 262_142) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			work := runtime.Function(func(context.Context, any) (any, error) { return c.result(), nil })
			_, err := runtime.Run(t.Context(), compile(t, lone), null, work)
			if c.failure == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, &runtime.TaskError{Name: c.failure})
		})
	}
}

// Data that nests deeply is refused or carried, and exhausts no stack.
func TestDeepData(t *testing.T) {
	deep := null
	for range 10_000 {
		deep = jsonvalue.Array(deep)
	}
	p := compile(t, lone)
	echo := invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })
	_, err := runtime.Run(t.Context(), p, deep, echo)
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
	_, err = runtime.Run(t.Context(), p, null, invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return deep, nil }))
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
}

// Data whose parts are in it again and again is small in memory and without end as
// text. It is too large, and nothing walks through it.
func TestSharedData(t *testing.T) {
	shared := null
	for range 60 {
		shared = jsonvalue.Array(shared, shared)
	}
	p := compile(t, lone)
	gives := func(v jsonvalue.Value) runtime.TaskInvoker {
		return invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return v, nil })
	}
	_, err := runtime.Run(t.Context(), p, null, gives(shared))
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
	_, err = runtime.Run(t.Context(), compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`), shared, nil)
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
	_, err = runtime.Run(t.Context(), compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"x.$": "$.none"}, "End": true}}}`), shared, nil)
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
	_, err = runtime.TestState(t.Context(), p, runtime.StateTest{State: "T", Input: shared, Work: gives(null)})
	require.ErrorContains(t, err, "StateTest.Input has")
	picks := compile(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "ResultSelector": {"x.$": "$[0]"}, "End": true}}}`)
	_, err = runtime.Run(t.Context(), picks, null, gives(shared))
	require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesDataLimitExceeded})
}

// A Mux in a Mux is asked, too.
func TestMuxInMux(t *testing.T) {
	outer := runtime.Mux{"arn:*": runtime.Mux{"arn:aws:states:::sqs:*": invoke(never)}}
	_, err := outer.Resolve("arn:aws:states:::sqs:sendMessage")
	require.NoError(t, err)
	_, err = outer.Resolve("arn:aws:states:::sns:publish")
	require.ErrorIs(t, err, runtime.ErrNoTask)
}

// The most exact pattern of a Mux performs the task.
func TestMuxPrecedence(t *testing.T) {
	says := func(s string) runtime.TaskInvoker {
		return invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return jsonvalue.String(s), nil })
	}
	mux := runtime.Mux{"*": says("any"), "w*": says("w*"), "*k": says("*k"), "wo*k": says("wo*k"), "exact": says("exact"), "ex*": says("ex*"), "nil": nil}
	for resource, want := range map[string]string{"work": "wo*k", "exact": "exact", "task": "*k", "wk": "*k", "way": "w*", "nil": "any"} {
		inv, err := mux.Resolve(resource)
		require.NoError(t, err)
		out, err := inv.InvokeTask(t.Context(), &runtime.Task{})
		require.NoError(t, err)
		require.Equal(t, `"`+want+`"`, out.String(), resource)
	}
}
