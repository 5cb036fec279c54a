package mocking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const parcel = `{"StartAt": "Weigh", "States": {
	"Weigh": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:weigh",
		"Retry": [{"ErrorEquals": ["Scale.Busy"], "MaxAttempts": 1}], "ResultPath": "$.kilos", "Next": "Heavy?"},
	"Heavy?": {"Type": "Choice", "Choices": [{"Variable": "$.kilos", "NumericGreaterThan": 30, "Next": "Refused"}], "Default": "Labels"},
	"Labels": {"Type": "Map", "ItemsPath": "$.labels", "ItemProcessor": {"StartAt": "Print", "States": {
		"Print": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "HeartbeatSeconds": 60,
			"Parameters": {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:print", "Payload": {"t.$": "$$.Task.Token"}},
			"Catch": [{"ErrorEquals": ["Printer.Jam"], "Next": "ByHand"}], "End": true},
		"ByHand": {"Type": "Pass", "End": true}}}, "End": true},
	"Refused": {"Type": "Fail", "Error": "Refused"}}}`

// suggested returns what is suggested for a run of parcel with mocks.
func suggested(t *testing.T, mocks ...*mocking.Mock) (found []mocking.Suggestion) {
	sm, err := asl.Parse([]byte(parcel))
	require.NoError(t, err)
	program, err := runtime.Compile(sm)
	require.NoError(t, err)
	missing := make(map[int]bool)
	for i := range program.Points() {
		missing[i] = true
	}
	r := mocking.Run{Program: program, Mocks: mocks, Input: jsonvalue.MustParse(`{"labels": ["a", "b"]}`),
		Reach: func(point int) { delete(missing, point) }}
	result := r.Do()
	require.Empty(t, result.Problems)
	found, _ = mocking.Suggest([]mocking.Recorded{{Run: &r, Result: result, Test: "TestSent"}}, missing)
	return found
}

func codes(found []mocking.Suggestion) (all string) {
	for _, s := range found {
		all += s.Code()
	}
	return all
}

func returns(text string) []mocking.Outcome {
	return []mocking.Outcome{{Result: jsonvalue.MustParse(text)}}
}

// A suggestion takes the place of the mock that answered before, where it can.
func TestSuggestTarget(t *testing.T) {
	weigh := &mocking.Mock{Pattern: "*:function:weigh", Outcomes: returns(`2`)}
	print := &mocking.Mock{Pattern: "*:function:print", Outcomes: returns(`"ok"`)}
	said := codes(suggested(t, weigh, print))
	require.Contains(t, said, "wf.Task(\"*:function:weigh\").Fails(\"Scale.Busy\", \"suggested\").Times(1).Returns(`2`) // Scale.Busy, once\n")
	require.Contains(t, said, "wf.Task(\"*:function:weigh\").Returns(`31`) // $: 31\n")

	said = codes(suggested(t, &mocking.Mock{Pattern: "*", Outcomes: returns(`2`)}))
	require.Contains(t, said, "wf.State(\"Weigh\").Returns(`31`) // $: 31\n", "the pattern is of other tasks, too")
}

// A suggestion has all that the outcomes of a mock have, for each attempt its own.
func TestSuggestOutcomes(t *testing.T) {
	slow := returns(`"a back` + "`" + `quote"`)
	slow[0].After, slow[0].Heartbeats, slow[0].Submits = 90*time.Second, 1500*time.Millisecond, jsonvalue.Int(7)
	found := suggested(t, &mocking.Mock{State: "Weigh", Outcomes: returns(`2`)}, &mocking.Mock{State: "Print", Outcomes: slow})
	require.Contains(t, codes(found), `wf.State("Print").Fails("Printer.Jam", "suggested").After(90*time.Second).Heartbeats(1500*time.Millisecond).Submits(`+"`7`"+`).Times(1)`+
		`.Returns("\"a back`+"`"+`quote\"").After(90*time.Second).Heartbeats(1500*time.Millisecond).Submits(`+"`7`"+`) // Printer.Jam, once`)
	said := ""
	for _, s := range found {
		said += s.Data()
	}
	require.Contains(t, said, `"state:Print": [{fails: "Printer.Jam", cause: "suggested", after: 1m30s, heartbeats: 1.5s, submits: 7, times: 1}, `+
		`{returns: "a back`+"`"+`quote", after: 1m30s, heartbeats: 1.5s, submits: 7}] # Printer.Jam, once`)
}

// A task that fails in each run is tried without its failure.
func TestSuggestNoFailure(t *testing.T) {
	busy := []mocking.Outcome{{Failure: &runtime.TaskError{Name: "Scale.Busy"}}}
	said := codes(suggested(t, &mocking.Mock{State: "Weigh", Outcomes: busy}))
	require.Contains(t, said, "wf.State(\"Weigh\").Returns(`{}`) // no failure\n")
}
