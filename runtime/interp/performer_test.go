package interp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

const someTasks = `{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "a", "Next": "B"},
	"B": {"Type": "Parallel", "Next": "C", "Branches": [
		{"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": "a", "End": true}}},
		{"StartAt": "Right", "States": {"Right": {"Type": "Task", "Resource": "a", "End": true}}}
	]},
	"C": {"Type": "Task", "Resource": "a", "TimeoutSeconds": 5, "Next": "D"},
	"D": {"Type": "Task", "Resource": "a", "Catch": [{"ErrorEquals": ["No"], "Next": "E"}], "End": true},
	"E": {"Type": "Task", "Resource": "a", "ResultSelector": {"at.$": "$$.State.EnteredTime"}, "End": true}
}}`

// performer performs tasks in a Step: that of D fails.
type performer struct {
	x         *interp.Execution
	now       time.Time
	events    []history.Event
	performed []string
	asked     int
	silent    bool // nobody wants events
}

func (p *performer) Perform(events []history.Event, task *interp.StartTask) {
	p.events = append(p.events, events...)
	p.performed = append(p.performed, task.Task.Name)
	p.answer(task)
}

func (p *performer) Now() time.Time {
	p.asked++
	p.now = p.now.Add(time.Second)
	return p.now
}

func (p *performer) answer(task *interp.StartTask) {
	if task.Task.Name == "D" {
		p.x.Fail(task.ID, "No", "")
		return
	}
	p.x.Succeed(task.ID, jsonvalue.Int(1))
}

// run runs an execution to its end, and returns its outcome and all events in the order in which they are told.
func (p *performer) run(t *testing.T, definition string, here bool) (*interp.Outcome, []history.Event) {
	t.Helper()
	program, err := compileText(definition)
	require.NoError(t, err)
	config := interp.Config{History: !p.silent, Forget: true}
	if here {
		config.Here = p
	}
	p.now = time.Unix(0, 0)
	p.x = program.New(interp.Header{}, config)
	p.x.Begin(jsonvalue.MustParse(`{"b": 10}`))
	for {
		ready := p.x.Step(p.now)
		p.events = append(p.events, ready.History...)
		if ready.Outcome != nil {
			return ready.Outcome, p.events
		}
		for i := range ready.Start {
			p.answer(&ready.Start[i])
		}
		if len(ready.Start) == 1 {
			p.now = p.now.Add(time.Second)
		}
	}
}

// Tasks that nothing can happen beside are performed within a Step, and the execution is the same.
func TestPerformer(t *testing.T) {
	var within, between performer
	want, events := between.run(t, someTasks, false)
	got, others := within.run(t, someTasks, true)
	require.Equal(t, want.Output.String(), got.Output.String())
	require.Equal(t, []string{"A", "D", "E"}, within.performed, "B has two tasks, C a deadline")
	require.Equal(t, events, others)
	require.Contains(t, got.Output.String(), "00:00:03", "when E was entered")
	require.Equal(t, 3, within.asked)
}

// The time is not asked for if nothing depends on it.
func TestPerformerWithoutTime(t *testing.T) {
	for _, c := range []struct {
		fields string
		want   int
	}{
		{`"ResultPath": "$.b"`, 0},
		{`"ResultSelector": {"at.$": "$$.State.EnteredTime"}`, 1},
		{`"ResultSelector": {"at.$": "\u0024$.State.EnteredTime"}`, 1},
		{`"QueryLanguage": "JSONata", "Output": "{% $now() %}"`, 1},
		{`"Retry": [{"ErrorEquals": ["States.ALL"]}]`, 1},
		{`"HeartbeatSecondsPath": "$.b"`, 0}, // it is not performed within the Step
	} {
		p := performer{silent: true}
		outcome, _ := p.run(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", `+c.fields+`, "End": true}}}`, true)
		require.Equal(t, interp.Succeeded, outcome.Status, c.fields)
		require.Equal(t, c.want, p.asked, c.fields)
	}
}
