package asltest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/statemill/statemill/internal/mocking"
)

// FaultMode says how long a fault lasts.
type FaultMode uint8

const (
	Once   FaultMode = iota // in one attempt
	Always                  // in all attempts of the state from then on, so that Retriers are exhausted
)

// Effect says what a fault does to an execution.
type Effect uint8

// The effects, from the best to the worst.
const (
	Recovered    = Effect(mocking.Recovered)    // the output is that without the fault
	Diverted     = Effect(mocking.Diverted)     // the execution succeeds with another output
	FailedByName = Effect(mocking.FailedByName) // it ends in a Fail state
	Unhandled    = Effect(mocking.Unhandled)    // anything else
)

// String returns the effect in words: "failed by name".
func (e Effect) String() string { return mocking.Effect(e).String() }

// Faults are runs of a definition in each of which one thing goes wrong.
type Faults struct {
	Cases   []Fault
	machine *Machine
}

// Fault is something that goes wrong in an attempt at a task.
type Fault struct {
	State   string
	Attempt int    // of the state, from 0
	Error   string // the error name; "{}" and "null" are empty results
	Effect  Effect
	Run     *Run
}

// Faults runs the definition once as it is mocked, and then again with each fault of each
// attempt at a task: each error name that the Retriers and Catchers around it know, one
// that nobody knows, States.Timeout and States.HeartbeatTimeout where the state has such a
// time, and the empty results {} and null. Functions are not called again: what they
// returned in the first run is used. There are at most 2,000 runs.
func (m *Machine) Faults(input string, mode FaultMode) *Faults {
	m.t.Helper()
	base := m.Run(input)
	base.looked = true
	f := &Faults{machine: m}
	for _, c := range mocking.Faults(base.planned, base.result, mode == Always) {
		f.Cases = append(f.Cases, Fault{
			State: c.State, Attempt: c.Attempt, Error: c.Error, Effect: Effect(c.Effect),
			Run: &Run{machine: m, result: c.Result, at: base.at, looked: true},
		})
	}
	return f
}

// WantHandled wants no fault to be Unhandled. An exception is "State:Error"; one that does
// not occur fails the test.
func (f *Faults) WantHandled(except ...string) {
	f.machine.t.Helper()
	used := make(map[string]bool)
	var worst []string
	for _, c := range f.Cases {
		name := c.State + ":" + c.Error
		switch {
		case c.Effect != Unhandled:
		case slices.Contains(except, name):
			used[name] = true
		default:
			worst = append(worst, fmt.Sprintf("  %s, attempt %d: %v\n%s", name, c.Attempt, c.Run.result.Err, c.Run.story()))
		}
	}
	for _, name := range except {
		if !used[name] {
			f.machine.t.Errorf("the exception %q does not occur", name)
		}
	}
	if len(worst) > 0 {
		f.machine.t.Errorf("%d of %d faults are not handled\n%s\n%s", len(worst), len(f.Cases), f.table(), strings.Join(worst, "\n"))
	}
}

// table shows the faults by effect, the worst first.
func (f *Faults) table() string {
	cases := slices.Clone(f.Cases)
	slices.SortStableFunc(cases, func(a, b Fault) int { return int(b.Effect) - int(a.Effect) })
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "  %-15s %-20s %d  %s\n", c.Effect, c.State, c.Attempt, c.Error)
	}
	return strings.TrimRight(b.String(), "\n")
}
