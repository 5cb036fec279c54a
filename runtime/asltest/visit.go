package asltest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Visit is one visit of a state.
type Visit struct {
	Input, Output jsonvalue.Value
	Variables     jsonvalue.Value // what the state assigned, an object; null: nothing
	Entered, Left time.Duration   // from the start of the run
	Attempts      int             // at the work of a Task, Parallel or Map state
	Retriers      []int           // which began each further attempt, by index
	Catcher       int             // which took the failure, by index; -1: none
	Rule          int             // of a Choice state: the index of the rule that held; the number of rules: Default; -1: none

	run   *Run
	visit *mocking.Visit
}

// Visits returns the visits of a state, at any depth, in order.
func (r *Run) Visits(state string) (visits []Visit) {
	r.machine.t.Helper()
	r.machine.known(state)
	for _, v := range r.result.Visits() {
		if v.State == state {
			visits = append(visits, Visit{
				Input: v.Input, Output: v.Output, Variables: v.Variables,
				Entered: r.since(v.Entered), Left: r.since(v.Left), Attempts: len(v.Attempts),
				Retriers: v.Retriers, Catcher: v.Catcher, Rule: v.Rule, run: r, visit: v,
			})
		}
	}
	return visits
}

func (r *Run) since(at time.Time) time.Duration { return r.result.Since(at) }

// WantPath wants the run to have entered these states, in this order. They are those of
// the graph that was run; what is inside of Parallel and Map states is a path of its own,
// see [Visit.WantPath].
func (r *Run) WantPath(states ...string) {
	r.machine.t.Helper()
	r.wantPath(r.inside(nil, -1), states)
}

// WantPath wants a branch or an iteration, by index, to have entered these states.
func (v Visit) WantPath(child int, states ...string) {
	v.run.machine.t.Helper()
	v.run.wantPath(v.run.inside(v.visit.Visit, child), states)
}

// inside returns the states that were entered in a graph, in order.
func (r *Run) inside(parent *history.Visit, child int) (states []string) {
	for _, v := range r.result.Visits() {
		if v.Parent == parent && (parent == nil || v.Child == child) {
			states = append(states, v.State)
		}
	}
	return states
}

func (r *Run) wantPath(got, want []string) {
	r.machine.t.Helper()
	if slices.Equal(got, want) {
		return
	}
	same := 0
	for same < min(len(got), len(want)) && got[same] == want[same] {
		same++
	}
	names := r.machine.loaded.names()
	unknown := ""
	for _, name := range want {
		if !slices.Contains(names, name) {
			unknown = fmt.Sprintf("\n  no state %q%s", name, mocking.Meant(name, names))
		}
	}
	r.machine.t.Errorf("path differs at step %d\n  got:  %s\n  want: %s%s\n%s",
		same+1, strings.Join(got, " > "), strings.Join(want, " > "), unknown, r.story())
}
