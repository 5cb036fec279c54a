// Package scripted reads the cases of folder conformance: executions with the outcome and
// the whole history that come of them, whichever way they are run.
package scripted

import (
	"strings"
	"testing"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Case is a case of conformance/testdata/cases: a definition, an input and mocked tasks,
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
type Case struct {
	Title   string
	Program *interp.Program
	Input   jsonvalue.Value
	Stop    time.Duration // when the execution is aborted; 0: never

	tasks map[string][]replay.Answer
}

// Start is when the executions of all cases begin.
var Start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Names are those of all executions.
var Names = interp.Identity{
	Execution: "arn:aws:states:us-east-1:123456789012:execution:Machine:run", ExecutionName: "run",
	StateMachine: "arn:aws:states:us-east-1:123456789012:stateMachine:Machine", StateMachineName: "Machine",
	RoleARN: "arn:aws:iam::123456789012:role/Role",
}

// Parse reads a case.
func Parse(t *testing.T, g *golden.Case) *Case {
	t.Helper()
	c := &Case{Title: g.Name, tasks: make(map[string][]replay.Answer)}
	definition, script, _ := strings.Cut(g.Setup, "\ninput ")
	machine, err := asl.Parse([]byte(definition))
	noError(t, err)
	c.Program, err = interp.Compile(machine)
	noError(t, err)
	input, script, _ := strings.Cut(script, "\n")
	c.Input, err = jsonvalue.Parse([]byte(input))
	noError(t, err)
	for line := range strings.Lines(script) {
		c.directive(t, strings.TrimSpace(line))
	}
	return c
}

func (c *Case) directive(t *testing.T, line string) {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
	case "stop":
		stop, err := time.ParseDuration(rest)
		noError(t, err)
		c.Stop = stop
	case "task":
		state, does, _ := strings.Cut(rest, " ")
		c.tasks[state] = append(c.tasks[state], parseAnswer(t, does))
	default:
		t.Fatalf("%s: no directive %q", c.Title, word)
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
			noError(t, err)
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

// Answer says what an attempt of a task does. Every answer takes a time of its
// own, so that no two fall on one instant.
func (c *Case) Answer(state string, id interp.TaskID) replay.Answer {
	script := c.tasks[state]
	if len(script) == 0 {
		return replay.Answer{Err: &runtime.TaskError{Name: "NoMock", Cause: state}}
	}
	a := script[min(int(id.Attempt), len(script))-1]
	a.After += time.Duration(uint64(id.Frame)%97*7+uint64(id.Attempt)%7+1) * time.Millisecond
	return a
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
