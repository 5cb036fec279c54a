package runtime_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// An Express execution has five minutes, or less if its state machine or the Runner says so.
func TestExpressTime(t *testing.T) {
	for _, c := range []struct {
		kind    runtime.WorkflowType
		machine string
		limits  runtime.Limits
		want    time.Duration
	}{
		{runtime.Standard, ``, runtime.Limits{}, time.Hour},
		{runtime.Standard, ``, runtime.Limits{Seconds: 7}, 7 * time.Second},
		{runtime.SyncExpress, ``, runtime.Limits{}, 300 * time.Second},
		{runtime.AsyncExpress, `"TimeoutSeconds": 400,`, runtime.Limits{Seconds: 1000}, 300 * time.Second},
		{runtime.AsyncExpress, `"TimeoutSeconds": 200,`, runtime.Limits{Seconds: -1}, 200 * time.Second},
		{runtime.AsyncExpress, ``, runtime.Limits{Seconds: 100}, 100 * time.Second},
	} {
		start := time.Unix(0, 0)
		clock := runtime.NewVirtualClock(start)
		r := runtime.Runner{Type: c.kind, Clock: clock, Limits: c.limits}
		_, err := r.Run(t.Context(), compile(t, `{`+c.machine+`"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}`), null)
		if c.want < time.Hour {
			require.ErrorIs(t, err, &runtime.TaskError{Name: asl.StatesTimeout})
		}
		require.Equal(t, c.want, clock.Now().Sub(start))
	}
}

// The Context Object of a synchronous one has no RedriveCount, and the ARN is that of an
// Express execution (both recorded).
func TestExpressContext(t *testing.T) {
	p := compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}, "End": true}}}`)
	for kind, want := range map[runtime.WorkflowType]struct {
		arn   string
		count bool
	}{
		runtime.Standard:     {":execution:StateMachine:", true},
		runtime.AsyncExpress: {":express:StateMachine:", true},
		runtime.SyncExpress:  {":express:StateMachine:", false},
	} {
		out, err := runtime.Runner{Type: kind, Seed: runtime.Seed{1}}.Run(t.Context(), p, null)
		require.NoError(t, err)
		execution, _ := out.Get("execution")
		require.Contains(t, field(t, execution, "Id"), want.arn)
		_, count := execution.Get("RedriveCount")
		require.Equal(t, want.count, count)
	}
}

// Nobody can answer its tasks, and it may have any number of events.
func TestExpressTasks(t *testing.T) {
	for _, resource := range []string{
		"arn:aws:states:::sqs:sendMessage.waitForTaskToken", "arn:aws:states:::states:startExecution.sync:2", "arn:aws:states:us-east-1:1:activity:a",
	} {
		p := compile(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+resource+`", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token", "StateMachineArn": "m"}, "End": true}}}`)
		_, err := runtime.Runner{Type: runtime.AsyncExpress, Tasks: invoke(never), Callbacks: new(runtime.Callbacks)}.Run(t.Context(), p, null)
		require.ErrorIs(t, err, runtime.ErrRefused)
		require.ErrorContains(t, err, `state "T" (1:`)
	}
	events := 0
	r := runtime.Runner{Type: runtime.AsyncExpress, Observe: func(history.Event) { events++ }}
	_, err := r.Run(t.Context(), compile(t, `{"StartAt": "P", "States": {
		"P": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "C"},
		"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 7000, "Next": "P"}], "Default": "S"}, "S": {"Type": "Succeed"}}}`), jsonvalue.MustParse(`{"n": 0}`))
	require.NoError(t, err)
	require.Greater(t, events, 25_000)
}

// An execution that the Engine does not keep is started all the same, but not waited for.
func TestEngineStartsElsewhere(t *testing.T) {
	var began []runtime.Identity
	find := func(_ context.Context, arn string) (runtime.Machine, error) {
		return runtime.Machine{
			Identity: runtime.Identity{StateMachine: arn, StateMachineName: "quick"},
			Express: func(_ context.Context, who runtime.Identity, input jsonvalue.Value) (string, time.Time, error) {
				if input.String() != `{"n":21}` {
					return "", time.Time{}, &runtime.TaskError{Name: "Input", Cause: input.String()}
				}
				began = append(began, who)
				return "arn:express", time.UnixMilli(1234), nil
			},
		}, nil
	}
	bubble(t, store.Memory(), runtime.EngineConfig{StateMachine: find}, func(t *testing.T, e *runtime.Engine) {
		_, out := ended(t, e, starts("", "quick", `, "Name": "child"`))
		require.Equal(t, "arn:express", field(t, out, "ExecutionArn"))
		date, _ := out.Get("StartDate")
		require.Equal(t, "1234", date.String())
		require.Equal(t, "child", began[0].ExecutionName)
		id := start(t, e, starts(".sync", "quick", ""), `{}`)
		_, err := e.Wait(t.Context(), id)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "StepFunctions.StateMachineTypeNotSupportedException"})
		require.Len(t, began, 1)
	})
}

// A Runner's executions start those of an Engine.
func TestEngineStartNested(t *testing.T) {
	bubble(t, store.Memory(), runtime.EngineConfig{StateMachine: machine(t)}, func(t *testing.T, e *runtime.Engine) {
		r := runtime.Runner{Tasks: runtime.InvokerFunc(e.StartNested)}
		out, err := r.Run(t.Context(), compile(t, starts("", "quick", "")), null)
		require.NoError(t, err)
		child, err := e.Wait(t.Context(), field(t, out, "ExecutionArn"))
		require.NoError(t, err)
		require.Equal(t, `{"twice":42}`, child.String())
		_, err = r.Run(t.Context(), compile(t, starts("", "unknown", "")), null)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "StepFunctions.StateMachineDoesNotExistException"})
		_, err = r.Run(t.Context(), compile(t, starts("", "quick", `, "Name": "n"`)), null)
		require.NoError(t, err)
		_, err = r.Run(t.Context(), compile(t, strings.Replace(starts("", "quick", `, "Name": "n"`), "21", "22", 1)), null)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "StepFunctions.ExecutionAlreadyExistsException"})
	})
	bubble(t, store.Memory(), runtime.EngineConfig{}, func(t *testing.T, e *runtime.Engine) {
		_, err := runtime.Runner{Tasks: runtime.InvokerFunc(e.StartNested)}.Run(t.Context(), compile(t, starts("", "quick", "")), null)
		require.ErrorIs(t, err, runtime.ErrNoTask)
	})
}

// Commits are shown once each, with the record of their execution.
func TestEngineCommitted(t *testing.T) {
	var kinds []string
	var last store.Record
	c := runtime.EngineConfig{Committed: func(r store.Record, events []history.Event) {
		for _, e := range events {
			kinds = append(kinds, e.Type)
		}
		last = r
	}}
	bubble(t, store.Memory(), c, func(t *testing.T, e *runtime.Engine) {
		p := compile(t, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`)
		record, err := e.Start(t.Context(), p, runtime.Identity{}, null, []byte("meta"))
		require.NoError(t, err)
		_, err = e.Wait(t.Context(), record.Execution)
		require.NoError(t, err)
	})
	require.Equal(t, []string{"ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"}, kinds)
	require.Equal(t, "meta", string(last.Meta))
	require.Equal(t, interp.Succeeded, last.Status)
}
