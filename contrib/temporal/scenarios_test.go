package asltemporal

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// scenarios are executions that show, each, one thing that a history has to say. Their outcomes
// are those of a Runner, and their histories are kept.
var scenarios = map[string]struct{ definition, input string }{
	"Parallel": {`{"StartAt": "P", "States": {
		"P": {"Type": "Parallel", "Next": "Z", "Catch": [{"ErrorEquals": ["Boom"], "Next": "Caught"}], "Branches": [
			{"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": "fail", "End": true}}},
			{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "slow", "End": true}}},
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 30, "End": true}}}]},
		"Caught": {"Type": "Pass", "Next": "Z"},
		"Z": {"Type": "Succeed"}}}`, `{"n": 1}`},
	"Map": {`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 10, "End": true, "ResultPath": "$.done",
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`,
		`{"list": [` + numbers(100) + `]}`},
	"Retry": {`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "fail", "End": true,
		"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2}]}}}`, `{}`},
	"Timeout": {`{"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "slow", "TimeoutSeconds": 1, "End": true, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "H"}]},
		"H": {"Type": "Task", "Resource": "slow", "TimeoutSeconds": 60, "HeartbeatSeconds": 1, "End": true, "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Z"}]},
		"Z": {"Type": "Succeed"}}}`, `{}`},
	"JSONata": {`{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
		"A": {"Type": "Pass", "Assign": {"id": "{% $uuid() %}", "n": "{% $random() %}"}, "Next": "W"},
		"W": {"Type": "Wait", "Seconds": "{% 1 %}", "Next": "T"},
		"T": {"Type": "Task", "Resource": "item", "Arguments": {"id": "{% $id %}", "big": "{% $n > 0.5 %}"}, "Output": "{% $id = $states.context.nothing %}", "End": true}}}`, `{}`},
	"MachineTimeout": {`{"TimeoutSeconds": 1, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`, `{}`},
	"Activity":       {`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:QUEUE", "TimeoutSeconds": 60, "End": true}}}`, `{"n": 2}`},
	"Sync":           {`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "Parameters": {"JobName": "j"}, "End": true}}}`, `{}`},
}

func numbers(n int) string {
	list := "0"
	for i := 1; i < n; i++ {
		list += "," + jsonvalue.Int(int64(i)).String()
	}
	return list
}

// scenarioTasks perform what scenarios ask for.
func scenarioTasks() runtime.Mux {
	return runtime.Mux{
		"fail": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Boom", Cause: "no"}
		}),
		"slow": runtime.InvokerFunc(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
			select {
			case <-ctx.Done():
				return jsonvalue.Value{}, ctx.Err()
			case <-time.After(20 * time.Second):
				return jsonvalue.Value{}, errors.New("nobody has ended the task")
			}
		}),
		"signed":       new(unmended),
		"item":         runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }),
		"*:activity:*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }),
		"*:batch:*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			task.Submitted(jsonvalue.MustParse(`{"JobId": "j-1"}`))
			return jsonvalue.MustParse(`{"JobId": "j-1", "Status": "SUCCEEDED"}`), nil
		}),
	}
}

// TestServerScenarios runs the scenarios as Temporal workflows and in this process.
func TestServerScenarios(t *testing.T) {
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, scenarioTasks())
			s.work("QUEUE")
			program := compiled(t, scenario.definition)
			input := jsonvalue.MustParse(scenario.input)
			seed := interp.Seed{1}
			who := runtime.CompleteIdentity(s.names(), seed)
			record, err := s.Client.begin(s.context(), program, interp.Header{Identity: who, Seed: seed}, input, nil)
			require.NoError(t, err)
			got, failure := s.Wait(s.context(), record.Execution)
			var want []history.Event
			r := runtime.Runner{Tasks: scenarioTasks(), Identity: who, Seed: seed, Observe: func(e history.Event) { want = append(want, e) }}
			expected, expectedFailure := r.Run(s.context(), program, input)
			assert.Equal(t, expected.String(), got.String())
			assert.Equal(t, text(expectedFailure), text(failure))
			assert.Equal(t, sorted(want), sorted(s.strictly(record.Execution)))
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
