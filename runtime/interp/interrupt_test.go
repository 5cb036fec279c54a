package interp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// slow has states of several long expressions, which fail with the id of an event in
// their message, in branches that are worked out side by side.
const slow = `{"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": "{% $sum([1..60000]) %}", "y": "{% $sum([1..70000]) %}"}, "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Condition": "{% $sum([1..60000]) = 1 %}", "Next": "A"}, {"Condition": "{% $sum([1..60000]) = $x %}", "Next": "C"}]},
		"C": {"Type": "Task", "Resource": "c", "Arguments": ["{% $sum([1..60000]) %}", "{% $error('no') %}"],
			"Catch": [{"ErrorEquals": ["States.ALL"], "Output": ["{% $sum([1..60000]) %}", "{% $states.errorOutput %}", "{% $random() %}"], "Next": "D"}], "End": true},
		"D": {"Type": "Map", "Items": [1, 2], "ItemSelector": ["{% $sum([1..60000]) %}", "{% $sum([1..60000]) %}"],
			"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}, "End": true}}},
	{"StartAt": "E", "States": {"E": {"Type": "Pass", "Output": ["{% $sum([1..60000]) %}", "{% $sum([1..60000]) %}"], "Next": "F"},
		"F": {"Type": "Wait", "Seconds": "{% $sum([1..60000]) * 0 %}", "Next": "G"}, "G": {"Type": "Pass", "Output": "{% $states.context.State.Name %}", "End": true}}}]}}}`

// interrupted runs slow to its end, and returns its outcome and its history. Of the questions whether to interrupt, those that ask says yes to
// are answered so.
func interrupted(t *testing.T, c interp.Config, ask func(n int) bool) (*interp.Outcome, []history.Event) {
	t.Helper()
	program, err := compileText(slow)
	require.NoError(t, err)
	asked := 0
	if ask != nil {
		c.Interrupted = func() bool { asked++; return ask(asked) }
	}
	c.History = true
	x := program.New(interp.Header{Seed: interp.Seed{1}}, c)
	x.Begin(jsonvalue.Object())
	var events []history.Event
	for range 1000 {
		ready := x.Step(time.Unix(9, 0))
		events = append(events, ready.History...)
		if ready.Outcome != nil {
			return ready.Outcome, events
		}
		require.Equal(t, time.Unix(9, 0).UTC(), ready.Wake)
	}
	t.Fatal("no end")
	return nil, nil
}

// A Step that is interrupted returns early, and the next one goes on: nothing of it
// is to be seen in what comes.
func TestInterruption(t *testing.T) {
	want, events := interrupted(t, interp.Config{}, nil)
	require.Equal(t, interp.Succeeded, want.Status)
	inTurn := func(n int, f func(int)) {
		for i := range n {
			f(n - 1 - i)
		}
	}
	for _, c := range []interp.Config{{}, {Each: inTurn}} {
		for _, every := range []int{2, 3, 5} {
			interruptions := 0
			got, seen := interrupted(t, c, func(n int) bool {
				yes := n < 40 && n%every == 0
				if yes {
					interruptions++
				}
				return yes
			})
			assert.Equal(t, want.Output.String(), got.Output.String())
			assert.Equal(t, events, seen)
			assert.Positive(t, interruptions)
		}
	}
}

// Who interrupts for ever gets nowhere, and can abort.
func TestInterruptionForEver(t *testing.T) {
	program, err := compileText(slow)
	require.NoError(t, err)
	x := program.New(interp.Header{}, interp.Config{Interrupted: func() bool { return true }})
	x.Begin(jsonvalue.Object())
	for range 3 {
		require.Nil(t, x.Step(time.Unix(9, 0)).Outcome)
	}
	x.Abort("Stop", "")
	require.Equal(t, interp.Aborted, x.Step(time.Unix(9, 0)).Outcome.Status)
}

// What the expressions of one state make together is bounded.
func TestStateMakesTooMuch(t *testing.T) {
	program, err := compileText(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "ResultPath": null, "End": true, "Parameters": {"l": [` +
		strings.Repeat(`{"a.$": "States.ArrayPartition($, 1)"},`, 500) + `1]}}}}`)
	require.NoError(t, err)
	x := program.New(interp.Header{}, interp.Config{})
	x.Begin(jsonvalue.MustParse("[" + strings.Repeat("1,", 30_000) + "1]"))
	outcome := x.Step(time.Unix(9, 0)).Outcome
	require.Equal(t, "States.DataLimitExceeded", outcome.Error)
}
