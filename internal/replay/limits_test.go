package replay

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// beginning is when the executions begin.
var beginning = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func loop(t *testing.T) *interp.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}}`))
	require.NoError(t, err)
	program, err := interp.Compile(machine)
	require.NoError(t, err)
	return program
}

// The failure of an execution that reaches the limit is itself the last event
// that the history has room for.
func TestHistoryLimit(t *testing.T) {
	for _, restore := range []bool{false, true} {
		for limit, last := range map[int]int64{0: 25000, 101: 101, 4: 4} {
			result, err := Replay{Program: loop(t), Input: jsonvalue.Object(), Start: beginning, Limits: interp.Limits{History: limit}, Restore: restore}.Run()
			require.NoError(t, err)
			end := result.History[len(result.History)-1]
			assert.Equal(t, interp.Failed, result.Status)
			assert.Equal(t, asl.StatesRuntime, result.Error)
			assert.Equal(t, last, end.ID)
			assert.Equal(t, "ExecutionFailed", end.Type)
			assert.Len(t, result.History, int(last))
			assert.Contains(t, result.Cause, "The execution reached the maximum number of history events (")
		}
	}
}

// Without a limit on the history a loop goes on; each step makes no more
// transitions than it may, so somebody can stop it.
func TestALoopCanBeStopped(t *testing.T) {
	steps := 0
	result, err := Replay{
		Program: loop(t), Input: jsonvalue.Object(), Start: beginning, Limits: interp.Limits{History: -1, Steps: 10},
		Watch: func(r interp.Ready) {
			steps++
			assert.LessOrEqual(t, len(r.History), 2*10+2)
			assert.False(t, r.Wake.IsZero())
		},
	}.Run()
	assert.ErrorContains(t, err, "did not end")
	assert.Empty(t, result.Status)
	assert.Equal(t, maxSteps, steps)
}

// A Step that has done its share of work leaves the rest to the next, in the
// middle of what happens at one instant; the history is the same.
func TestAStepEndsWhenItsWorkIsDone(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% [1..30] %}", "End": true,
		"ItemSelector": "{% $sum([1..$states.context.Map.Item.Value]) %}",
		"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $sum([1..2000]) %}", "End": true}}}}}}`))
	require.NoError(t, err)
	program, err := interp.Compile(machine)
	require.NoError(t, err)
	run := Replay{Program: program, Input: jsonvalue.Object(), Start: beginning}
	whole, err := run.Run()
	require.NoError(t, err)
	assert.Equal(t, 1, whole.Steps)
	for _, restore := range []bool{false, true} {
		run.Limits, run.Restore = interp.Limits{Work: 5000}, restore
		cut, err := run.Run()
		require.NoError(t, err)
		assert.Greater(t, cut.Steps, 10)
		assert.Equal(t, whole.History, cut.History)
		assert.Equal(t, whole.Output, cut.Output)
	}
}

// Variables have three limits. A state that exceeds one fails with an evaluation
// that failed, which a Catcher may take; none of its variables is assigned.
func TestVariableLimits(t *testing.T) {
	const first, second = `{"x": "0123456789", "y": "0123456789"}`, `{"y": "012345678901"}`
	for _, c := range []struct {
		limits interp.Limits
		cause  string
		state  string
	}{
		{interp.Limits{Payload: 11}, "Variable size limit exceeded. Variable 'x' in state 'A' was assigned 12 bytes.", "A"},
		{interp.Limits{Payload: 23}, "State total variable size limit exceeded. Variable 'y' in state 'A' was assigned 12 bytes, " +
			"which caused the size of variables assigned in the state to exceed its limit by 1 bytes.", "A"},
		{interp.Limits{Variables: 25}, "Execution total variable size limit exceeded. State 'B' assigned variables that exceed the total execution limit by 1 bytes.", "B"},
		{interp.Limits{Variables: 26, Payload: 24}, "", ""},
	} {
		for _, restore := range []bool{false, true} {
			machine, err := asl.Parse([]byte(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": ` + first + `, "Next": "B"},
				"B": {"Type": "Task", "Resource": "f", "Assign": ` + second + `, "End": true, "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "ResultPath": null, "Next": "C"}]},
				"C": {"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y"}, "End": true}}}`))
			require.NoError(t, err)
			program, err := interp.Compile(machine)
			require.NoError(t, err)
			result, err := Replay{
				Program: program, Input: jsonvalue.Object(), Start: beginning, Limits: c.limits, Restore: restore,
				Perform: func(*interp.StartTask) Answer { return Answer{} },
			}.Run()
			require.NoError(t, err)
			evaluation := slices.IndexFunc(result.History, func(e history.Event) bool { return e.Type == "EvaluationFailed" })
			if c.cause == "" {
				require.Equal(t, interp.Succeeded, result.Status)
				require.Equal(t, -1, evaluation)
				continue
			}
			failed := result.History[evaluation]
			assert.Equal(t, asl.StatesDataLimitExceeded, failed.Error)
			assert.Equal(t, c.cause, failed.Cause)
			assert.Equal(t, "Assign", failed.Location)
			assert.Equal(t, c.state, failed.Name)
			if c.state == "A" {
				assert.Equal(t, interp.Failed, result.Status)
				assert.Equal(t, c.cause, result.Cause)
			} else {
				assert.Equal(t, `{"x":"0123456789","y":"0123456789"}`, result.Output.String())
			}
		}
	}
}
