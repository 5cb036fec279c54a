package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// scripted is a case of testdata/cases: a definition, an input and mocked tasks,
// with the outcome and the whole history that come of them.
//
//	=== what the case shows
//	{the definition}
//	input {"a": 1}
//	task Charge fails Boom no funds
//	task Charge returns {"paid": true}
//
//	> run
//	SUCCEEDED {"paid":true}
//	1<-0 ExecutionStarted ...
//
// A task line says what the next attempt of that state's task does; the last one
// goes on. Other lines: "task T after 9s returns 1", "task T never", "task T
// submits {...} returns 1", "stop 5s" aborts the execution.
type scripted struct {
	title   string
	program *interp.Program
	input   jsonvalue.Value
	tasks   map[string][]replay.Answer
	stop    time.Duration
}

var scriptedStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

var scriptedNames = interp.Identity{
	Execution: "arn:aws:states:us-east-1:123456789012:execution:Machine:run", ExecutionName: "run",
	StateMachine: "arn:aws:states:us-east-1:123456789012:stateMachine:Machine", StateMachineName: "Machine",
	RoleARN: "arn:aws:iam::123456789012:role/Role",
}

const cases = "testdata/cases/*.txt"

// TestCases holds every case to its outcome and history, straight through and
// restored from what was stored after each step.
func TestCases(t *testing.T) {
	golden.Run(t, cases, func(t *testing.T, g *golden.Case) func(string) string {
		c := parseCase(t, g)
		return func(string) string {
			got := c.replay(t, false)
			require.Equal(t, got, c.replay(t, true), "%s, restored after each step", c.title)
			return got
		}
	})
}

func parseCase(t *testing.T, g *golden.Case) *scripted {
	t.Helper()
	c := &scripted{title: g.Name, tasks: make(map[string][]replay.Answer)}
	definition, script, _ := strings.Cut(g.Setup, "\ninput ")
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err, c.title)
	c.program, err = interp.Compile(machine)
	require.NoError(t, err, c.title)
	input, script, _ := strings.Cut(script, "\n")
	c.input, err = jsonvalue.Parse([]byte(input))
	require.NoError(t, err, c.title)
	for line := range strings.Lines(script) {
		c.directive(t, strings.TrimSpace(line))
	}
	return c
}

func (c *scripted) directive(t *testing.T, line string) {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
	case "stop":
		stop, err := time.ParseDuration(rest)
		require.NoError(t, err)
		c.stop = stop
	case "task":
		state, does, _ := strings.Cut(rest, " ")
		c.tasks[state] = append(c.tasks[state], parseAnswer(t, does))
	default:
		t.Fatalf("%s: no directive %q", c.title, word)
	}
}

func parseAnswer(t *testing.T, does string) (a replay.Answer) {
	t.Helper()
	for does != "" {
		word, rest, _ := strings.Cut(does, " ")
		switch word {
		case "after":
			d, more, _ := strings.Cut(rest, " ")
			after, err := time.ParseDuration(d)
			require.NoError(t, err)
			a.After, rest = after, more
		case "submits":
			v, more, _ := strings.Cut(rest, " then ")
			submitted := jsonvalue.MustParse(v)
			a.Submitted, rest = &submitted, more
		case "worker":
			name, more, _ := strings.Cut(rest, " ")
			a.Worker, rest = &name, more
		case "returns":
			a.Output, rest = jsonvalue.MustParse(rest), ""
		case "large":
			a.Output = jsonvalue.String(strings.Repeat("a", 262144))
		case "fails":
			name, cause, _ := strings.Cut(rest, " ")
			a.Err, rest = &runtime.TaskError{Name: name, Cause: cause}, ""
		case "never":
			a.Never = true
		default:
			t.Fatalf("a task cannot %q", does)
		}
		does = rest
	}
	return a
}

// answer says what an attempt of a task does. Every answer takes a time of its
// own, so that no two fall on one instant.
func (c *scripted) answer(state string, id interp.TaskID) replay.Answer {
	script := c.tasks[state]
	if len(script) == 0 {
		return replay.Answer{Err: &runtime.TaskError{Name: "NoMock", Cause: state}}
	}
	a := script[min(int(id.Attempt), len(script))-1]
	a.After += time.Duration(uint64(id.Frame)%97*7+uint64(id.Attempt)%7+1) * time.Millisecond
	return a
}

func (c *scripted) replay(t *testing.T, restore bool) string {
	t.Helper()
	result, err := replay.Replay{
		Program: c.program, Header: interp.Header{Identity: scriptedNames, Seed: interp.Seed{7}}, Input: c.input,
		Start: scriptedStart, Restore: restore, Stop: c.stop,
		Perform: func(s *interp.StartTask) replay.Answer { return c.answer(s.Task.Name, s.ID) },
	}.Run()
	require.NoError(t, err, c.title)
	return printed(string(result.Status), result.Output, result.Error, result.Cause, result.History)
}

// printed is the form of outcomes and histories in the files.
func printed(status string, output jsonvalue.Value, name, cause string, history []history.Event) string {
	var b strings.Builder
	if status == string(interp.Succeeded) {
		fmt.Fprintf(&b, "%s %s\n", status, output)
	} else {
		fmt.Fprintf(&b, "%s %q %q\n", status, name, cause)
	}
	for i := range history {
		e := &history[i]
		fmt.Fprintf(&b, "%d<-%d %s%s\n", e.ID, e.PreviousID, e.Type, detailsOf(e))
	}
	return b.String()
}

func detailsOf(e *history.Event) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, " "+format, args...) }
	if e.Name != "" {
		say("%s", e.Name)
	}
	if strings.HasPrefix(e.Type, "MapIteration") {
		say("[%d]", e.Index)
	}
	switch {
	case strings.HasSuffix(e.Type, "Entered"), strings.HasSuffix(e.Type, "Scheduled") && e.ResourceType == "", e.Type == "ExecutionStarted":
		say("%s", short(e.Input))
	case strings.HasSuffix(e.Type, "Exited"), strings.HasSuffix(e.Type, "Succeeded"), e.Type == "TaskSubmitted":
		if !e.Output.IsNull() {
			say("%s", short(e.Output))
		}
	case e.Type == "TaskScheduled":
		say("%s %s %s", e.ResourceType, e.Resource, short(e.Parameters))
	case e.Type == "MapStateStarted":
		say("%d", e.Length)
	}
	if e.Variables.Len() > 0 {
		say("assigns %s", e.Variables)
	}
	if e.WorkerName != "" {
		say("by %s", e.WorkerName)
	}
	if e.TimeoutSeconds+e.HeartbeatSeconds > 0 {
		say("timeout %d heartbeat %d", e.TimeoutSeconds, e.HeartbeatSeconds)
	}
	if e.HasError || e.HasCause {
		say("%q %q", e.Error, e.Cause)
	}
	if e.Location != "" {
		say("at %s", e.Location)
	}
	return b.String()
}

func short(v jsonvalue.Value) string {
	s := v.String()
	if len(s) > 500 {
		return fmt.Sprintf("(%d bytes)", len(s))
	}
	return s
}
