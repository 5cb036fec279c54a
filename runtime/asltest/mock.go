package asltest

import (
	"context"
	"time"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Mock stands for those who perform a task. It is a sequence of outcomes, one for each
// attempt; the last one repeats, unless Times bounds it. A mock without outcomes returns
// an empty object.
type Mock struct {
	machine *Machine
	mock    *mocking.Mock
}

// When returns a mock of its own for those attempts whose input has a value at a
// JSONPath. The input is that which the mock sees: of a function, the Payload.
func (k *Mock) When(path, json string) *Mock {
	k.machine.t.Helper()
	p, err := jsonpath.Parse(path)
	if err != nil {
		k.machine.t.Fatalf("the path of When: %v", err)
	}
	c := mocking.Condition{Path: p, Want: k.machine.parsed("the value of When", json)}
	return k.machine.mock(&mocking.Mock{State: k.mock.State, Pattern: k.mock.Pattern, When: append(k.mock.When, c)})
}

// Returns adds an outcome: the task succeeds with a result.
func (k *Mock) Returns(json string) *Mock {
	k.machine.t.Helper()
	return k.add(mocking.Outcome{Result: k.machine.parsed("the result of a mock", json)})
}

// Fails adds an outcome: the task fails with an error name and a cause, which may be
// empty.
func (k *Mock) Fails(name, cause string) *Mock {
	return k.add(mocking.Outcome{Failure: &runtime.TaskError{Name: name, Cause: cause}})
}

// Does adds an outcome: the task is performed by a function. It takes no virtual time.
func (k *Mock) Does(f func(context.Context, *runtime.Task) (jsonvalue.Value, error)) *Mock {
	k.machine.t.Helper()
	if f == nil {
		k.machine.t.Fatalf("Does(nil): expected a function")
	}
	return k.add(mocking.Outcome{Do: f})
}

// Performs adds an outcome: the task is performed by a TaskInvoker, such as
// runtime.Function(charge).
func (k *Mock) Performs(t runtime.TaskInvoker) *Mock {
	k.machine.t.Helper()
	if t == nil {
		k.machine.t.Fatalf("Performs(nil): expected a TaskInvoker")
	}
	return k.add(mocking.Outcome{Performer: t})
}

// Hangs adds an outcome: no answer comes.
func (k *Mock) Hangs() *Mock { return k.add(mocking.Outcome{Hangs: true}) }

func (k *Mock) add(o mocking.Outcome) *Mock {
	k.mock.Outcomes = append(k.mock.Outcomes, o)
	return k
}

// last returns the outcome that is qualified.
func (k *Mock) last(method string) *mocking.Outcome {
	k.machine.t.Helper()
	if len(k.mock.Outcomes) == 0 {
		k.machine.t.Fatalf("%s qualifies an outcome, and the mock has none", method)
	}
	return &k.mock.Outcomes[len(k.mock.Outcomes)-1]
}

// After lets the answer of the last outcome come later, d after the attempt.
func (k *Mock) After(d time.Duration) *Mock {
	k.machine.t.Helper()
	if k.last("After").After = d; d < 0 {
		k.machine.t.Fatalf("After(%v): an answer does not come before the attempt", d)
	}
	return k
}

// Times sets for how many attempts the last outcome is used.
func (k *Mock) Times(n int) *Mock {
	k.machine.t.Helper()
	if k.last("Times").Times = n; n < 1 {
		k.machine.t.Fatalf("Times(%d): an outcome is for one attempt at least", n)
	}
	return k
}

// Heartbeats lets heartbeats come until the answer of the last outcome, the first one
// after a first interval. The interval is a millisecond or more. An attempt that has no answer
// after 200,000 heartbeats fails the test.
func (k *Mock) Heartbeats(every time.Duration) *Mock {
	k.machine.t.Helper()
	if k.last("Heartbeats").Heartbeats = every; every < time.Millisecond {
		k.machine.t.Fatalf("Heartbeats(%v): the interval is a millisecond or more", every)
	}
	return k
}

// Submits sets, for the last outcome, the response to the request of a .sync or
// .waitForTaskToken task. Default: {}.
func (k *Mock) Submits(json string) *Mock {
	k.machine.t.Helper()
	k.last("Submits").Submits = k.machine.parsed("the response of Submits", json)
	return k
}

// Optional lets the mock stay unused.
func (k *Mock) Optional() *Mock {
	k.mock.Optional = true
	return k
}

// Inputs returns the input of each attempt that the mock has taken, in order, over all
// runs of the Machine.
func (k *Mock) Inputs() (inputs []jsonvalue.Value) {
	for _, r := range k.machine.runs {
		inputs = append(inputs, r.result.Inputs[k.mock]...)
	}
	return inputs
}

// WantInput holds the input of an attempt, counted from 0 as Inputs has them, to a JSON
// text.
func (k *Mock) WantInput(attempt int, json string) {
	k.machine.t.Helper()
	inputs := k.Inputs()
	if attempt < 0 || attempt >= len(inputs) {
		k.machine.t.Errorf("no attempt %d of the mock: it was used %d times", attempt, len(inputs))
		return
	}
	want := k.machine.parsed("the wanted input", json)
	if different := mocking.Difference("$", inputs[attempt], want); different != "" {
		k.machine.t.Errorf("input of attempt %d differs\n%s", attempt, different)
	}
}
