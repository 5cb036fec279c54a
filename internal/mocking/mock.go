// Package mocking runs executions in virtual time with mocks in the place of tasks, and
// finds out what the runs reached. It is the part of a test kit that knows nothing of the
// standard package testing: package asltest and the command are built on it.
//
// # How it works
//
// mock.go says what a mock is, session.go is the TaskInvoker of one run: it finds the mock
// of each task and gives its answers. run.go runs. mockfile.go reads the mock files of AWS
// Step Functions Local. contract.go holds inputs and results to JSON Schemas. coverage.go
// counts what runs reached.
package mocking

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/pattern"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Mock stands for those who perform a task. It is a sequence of outcomes.
type Mock struct {
	State    string // the name of the state that it mocks; "": Pattern tells
	Pattern  string // of a Resource, or of the function of lambda:invoke
	When     []Condition
	Outcomes []Outcome
	Optional bool   // it may stay unused
	At       string // where it was made: "order_test.go:12"
}

// Condition wants a value in the input of a task.
type Condition struct {
	Path *jsonpath.Path
	Want jsonvalue.Value
}

// Outcome says what comes of one attempt. Exactly one of Result, Failure, Do, Performer
// and Hangs tells; a Result of null is one if nothing else is set.
type Outcome struct {
	Result    jsonvalue.Value
	Failure   *runtime.TaskError
	Do        func(context.Context, *runtime.Task) (jsonvalue.Value, error)
	Performer runtime.TaskInvoker
	Hangs     bool

	After      time.Duration   // from the attempt to the answer
	Heartbeats time.Duration   // between the heartbeats until the answer; 0: none
	Submits    jsonvalue.Value // the response to a request whose answer comes later; null: an empty object
	Function   bool            // of a mock of a state: it is the outcome of the function that lambda:invoke calls
	Times      int             // how many attempts it is for. Default: 1, and of the last outcome: all that follow
}

// holds reports whether the mock takes tasks with an input.
func (m *Mock) holds(input jsonvalue.Value) bool {
	for _, c := range m.When {
		found, err := c.Path.Get(input)
		if err != nil || !found.Equal(c.Want) {
			return false
		}
	}
	return true
}

// Matches reports whether the pattern names a resource, with its qualifier or without.
func (m *Mock) Matches(resource string) bool {
	if pattern.Match(m.Pattern, resource) {
		return true
	}
	function, qualified := pattern.WithoutQualifier(resource)
	return qualified && pattern.Match(m.Pattern, function)
}

// CalledFunction returns the ARN of the function that lambda:invoke calls; "": the definition does not
// tell it, but an execution.
func CalledFunction(task *asl.Task) string {
	name, _ := task.Parameters.Value.Get("FunctionName")
	function, _ := name.AsString()
	if !strings.HasPrefix(function, "arn:") {
		return ""
	}
	for member := range task.Parameters.Value.Members() {
		if strings.HasPrefix(member, "Qualifier") {
			return ""
		}
	}
	return function
}

// Unknown says that no state of a program calls what the mock is of, as far as the definition
// tells; "": a state does.
func (m *Mock) Unknown(p *runtime.Program) string {
	var resources, ends []string
	for _, task := range p.Tasks() {
		resources = append(resources, task.Resource.Text)
		if task.Resource.Action != "invoke" {
			continue
		}
		function := CalledFunction(task)
		if function == "" {
			return ""
		}
		resources = append(resources, function)
	}
	for _, r := range resources {
		if m.State != "" || m.Matches(r) {
			return ""
		}
		ends = append(ends, EndOf(r))
	}
	return "\n  no state has such a resource" + Meant(EndOf(m.Pattern), ends)
}

// outcome returns what comes of the attempt with a number, from 0; nil: the mock has no
// outcome left.
func (m *Mock) outcome(attempt int) *Outcome {
	for i := range m.Outcomes {
		o := &m.Outcomes[i]
		times := max(o.Times, 1)
		if attempt < times || o.Times == 0 && i == len(m.Outcomes)-1 {
			return o
		}
		attempt -= times
	}
	return nil
}

// byPrecedence orders mocks: those of a state first, then those with conditions, then by
// the exactness of the pattern; of equals, the later goes first.
func byPrecedence(mocks []*Mock) []*Mock {
	ordered := slices.Clone(mocks)
	slices.Reverse(ordered)
	slices.SortStableFunc(ordered, func(a, b *Mock) int {
		switch {
		case (a.State != "") != (b.State != ""):
			return first(a.State != "")
		case (len(a.When) > 0) != (len(b.When) > 0):
			return first(len(a.When) > 0)
		case a.Pattern == b.Pattern:
			return 0
		}
		return first(pattern.MoreExact(a.Pattern, b.Pattern))
	})
	return ordered
}

func first(a bool) int {
	if a {
		return -1
	}
	return 1
}
