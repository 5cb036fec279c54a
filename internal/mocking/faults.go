package mocking

import (
	"errors"
	"slices"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Effect says what a fault does to an execution.
type Effect uint8

// The effects, from the best to the worst.
const (
	Recovered    Effect = iota // the output is that without the fault
	Diverted                   // the execution succeeds with another output
	FailedByName               // it ends in a Fail state
	Unhandled                  // anything else
)

var effectNames = [...]string{"recovered", "diverted", "failed by name", "unhandled"}

// String returns the effect in words.
func (e Effect) String() string { return effectNames[e] }

// Fault is something that goes wrong in one attempt, and what comes of it.
type Fault struct {
	State   string
	Attempt int    // of the state, from 0
	Error   string // the error name, or "{}" and "null": an empty result
	Effect  Effect
	Result  *Result
}

// mostFaults bounds the runs of one search for faults.
const mostFaults = 2000

// Faults repeats a run with each fault of each of its attempts: each error name that the
// Retriers and Catchers of the state know, one that nobody knows, the timeouts that the
// state can have, and results that are empty. With always, later attempts of the state
// fail likewise. Attempts of a state with equal inputs count once.
func Faults(r *Run, result *Result, always bool) (faults []Fault) {
	s := scriptOf(r, result)
	for _, state := range s.order {
		var seen []jsonvalue.Value
		for i, a := range s.answers[state] {
			if slices.ContainsFunc(seen, a.Input.Equal) {
				continue
			}
			seen = append(seen, a.Input)
			for _, o := range faultsOf(r.Program, state) {
				if len(faults) == mostFaults {
					return faults
				}
				f := Fault{State: state, Attempt: i, Error: o.name(), Result: s.with(state, spoiled(s.answers[state], i, o, always)).do(nil)}
				f.Effect = f.effect(result)
				faults = append(faults, f)
			}
		}
	}
	return faults
}

// spoiled returns answers of which one, and with always all that follow, are a fault.
func spoiled(answers []Answer, at int, o Outcome, always bool) []Answer {
	changed := slices.Clone(answers)
	o.Times = 1
	o.Function = answers[at].Outcome.Function
	changed[at].Outcome = o
	if always {
		return changed[:at+1]
	}
	if at == len(answers)-1 {
		changed = append(changed, answers[at]) // of the attempt that a Retrier begins
	}
	return changed
}

// name is the word of reports for a fault.
func (o *Outcome) name() string {
	if o.Failure != nil {
		return o.Failure.Name
	}
	return o.Result.String()
}

// faultsOf returns the faults that an attempt of a state can have.
func faultsOf(p *runtime.Program, state string) (faults []Outcome) {
	names := errorNames(p, state)
	for _, s := range p.Tasks() {
		if s.Name == state && s.Timeout.Present() {
			names = append(names, asl.StatesTimeout)
		}
		if s.Name == state && s.Heartbeat.Present() {
			names = append(names, asl.StatesHeartbeatTimeout)
		}
	}
	for _, name := range unique(append(names, CustomError)) {
		faults = append(faults, Outcome{Failure: &runtime.TaskError{Name: name, Cause: "a fault"}})
	}
	return append(faults, Outcome{Result: jsonvalue.Object()}, Outcome{})
}

// CustomError is an error name that no definition knows.
const CustomError = "Fault.Custom"

// errorNames returns the names that Retriers and Catchers of a state and of the states
// around it take; for States.ALL a name of our own.
func errorNames(p *runtime.Program, state string) (names []string) {
	for s := range p.StateMachine().All() {
		if s.Info().Name != state && !contains(s, state) {
			continue
		}
		retry, catch := handlers(s)
		for _, r := range retry {
			names = append(names, r.ErrorEquals...)
		}
		for _, c := range catch {
			names = append(names, c.ErrorEquals...)
		}
	}
	for i, name := range names {
		if name == asl.StatesALL {
			names[i] = CustomError
		}
	}
	return unique(names)
}

func handlers(s asl.State) ([]asl.Retrier, []asl.Catcher) {
	switch s := s.(type) {
	case *asl.Task:
		return s.Retry, s.Catch
	case *asl.Parallel:
		return s.Retry, s.Catch
	case *asl.Map:
		return s.Retry, s.Catch
	}
	return nil, nil
}

// contains reports whether a state is inside another one, at any depth.
func contains(around asl.State, state string) bool {
	var graphs []*asl.Graph
	switch s := around.(type) {
	case *asl.Parallel:
		graphs = s.Branches
	case *asl.Map:
		graphs = []*asl.Graph{s.Processor}
	}
	for _, g := range graphs {
		for _, s := range g.States {
			if s.Info().Name == state || contains(s, state) {
				return true
			}
		}
	}
	return false
}

func unique(names []string) (kept []string) {
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// effect compares what came of the fault with the run without it.
func (f *Fault) effect(base *Result) Effect {
	var failed *runtime.ExecutionError
	switch {
	case f.Result.Err == nil && f.Result.Output.Equal(base.Output):
		return Recovered
	case f.Result.Err == nil:
		return Diverted
	case errors.As(f.Result.Err, &failed) && f.endsInFail(failed.State):
		return FailedByName
	}
	return Unhandled
}

func (f *Fault) endsInFail(state string) bool {
	for _, v := range f.Result.Visits() {
		if v.State == state && v.Type == "Fail" {
			return true
		}
	}
	return false
}
