package asltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	stdruntime "runtime"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Run is an execution that is over. The Want methods fail the test and let it go on; they
// can be called in any order.
type Run struct {
	machine *Machine
	planned *mocking.Run
	result  *mocking.Result
	at      string
	looked  bool // an assertion was about how the run ended
}

// Run runs the definition from its start to its end.
func (m *Machine) Run(input string) *Run {
	m.t.Helper()
	return m.run(nil, input)
}

// RunFrom runs as if an execution had come to a state, at any depth, with an input. It
// ends where the graph of that state ends: a state inside a Parallel or Map state is run to
// the end of its branch or iteration.
func (m *Machine) RunFrom(state, input string) *Run {
	m.t.Helper()
	m.known(state)
	return m.run(func(p *runtime.Program) (*runtime.Program, error) { return p.From(state) }, input)
}

// RunState runs one state until it is left, by whichever transition. The output is that
// of the state.
func (m *Machine) RunState(state, input string) *Run {
	m.t.Helper()
	m.known(state)
	return m.run(func(p *runtime.Program) (*runtime.Program, error) { return p.Only(state) }, input)
}

// RunBetween runs from a state until another one of the same graph is entered. The output
// is the input of that state.
func (m *Machine) RunBetween(from, to, input string) *Run {
	m.t.Helper()
	m.known(from)
	m.known(to)
	return m.run(func(p *runtime.Program) (*runtime.Program, error) { return p.Between(from, to) }, input)
}

// known ends the test if the definition has no state of a name.
func (m *Machine) known(state string) {
	m.t.Helper()
	if names := m.loaded.names(); !slices.Contains(names, state) {
		m.t.Fatalf("no state %q%s\n  states: %s", state, mocking.Meant(state, names), strings.Join(names, ", "))
	}
}

func (m *Machine) run(part func(*runtime.Program) (*runtime.Program, error), input string) *Run {
	m.t.Helper()
	r := m.planned(input)
	program, err := m.program(part)
	if err != nil {
		m.t.Fatal(described(m.loaded.name, err))
	}
	if part != nil && m.Variables != "" {
		r.Variables = m.variables()
	}
	r.Program = program
	if m.Engine != nil {
		if program != m.loaded.program {
			m.t.Fatal("an Engine runs whole definitions: parts and mocks of Parallel and Map states need the Runner")
		}
		r.Engine = func(c runtime.EngineConfig) (*runtime.Engine, error) { return m.Engine(m.t, c), nil }
	}
	hits := make([]int, len(program.Points()))
	r.Reach = func(point int) { hits[point]++ }
	made := &Run{machine: m, planned: r, result: r.Do(), at: caller()}
	m.runs = append(m.runs, made)
	m.loaded.counted().Reach(hits, m.t.Name())
	if part == nil {
		m.loaded.keep(mocking.Recorded{Run: r, Result: made.result, Test: m.t.Name()})
	}
	for _, p := range made.result.Problems {
		made.looked = true // the problem says why it failed
		m.t.Errorf("%s\n%s", located(p), made.story())
	}
	return made
}

// planned returns the run that the fields and mocks describe.
func (m *Machine) planned(input string) *mocking.Run {
	m.t.Helper()
	r := &mocking.Run{
		File: m.file, Real: m.Real, Contracts: m.contracts, Input: m.parsed("the input", input),
		Start: m.Start, Seed: m.Seed, Identity: m.Identity, Limits: m.Limits, Objects: m.Objects, Formats: m.Formats, Moments: m.moments,
	}
	for _, k := range m.mocks {
		if inner := k.mock; len(inner.Outcomes) > 0 || !slices.ContainsFunc(m.mocks, k.conditional) {
			if len(inner.Outcomes) == 0 {
				inner.Outcomes = []mocking.Outcome{{Result: jsonvalue.Object()}}
			}
			r.Mocks = append(r.Mocks, inner)
		}
	}
	return r
}

// conditional reports whether a mock was made by When of this one.
func (k *Mock) conditional(other *Mock) bool {
	return len(k.mock.When) < len(other.mock.When) && k.mock.State == other.mock.State && k.mock.Pattern == other.mock.Pattern
}

// replaced reports whether a later mock takes all that this one would.
func (k *Mock) replaced(later *Mock) bool {
	return k.mock.State == later.mock.State && k.mock.Pattern == later.mock.Pattern && (len(later.mock.When) == 0 || len(k.mock.Outcomes) == 0)
}

// program returns the part of the program that is to run, with stubs for the Parallel and
// Map states that are mocked.
func (m *Machine) program(part func(*runtime.Program) (*runtime.Program, error)) (*runtime.Program, error) {
	program := m.loaded.program
	var stubs []string
	for _, k := range m.mocks {
		if k.mock.State != "" && !slices.ContainsFunc(program.Tasks(), func(t *asl.Task) bool { return t.Name == k.mock.State }) {
			stubs = append(stubs, k.mock.State)
		}
	}
	var err error
	if len(stubs) > 0 {
		if program, err = program.Stub(stubs...); err != nil {
			return nil, err
		}
	}
	if part != nil {
		return part(program)
	}
	return program, nil
}

// located puts the place of a problem before its text.
func located(p mocking.Problem) string {
	if p.At == "" {
		return p.Text
	}
	return p.At + ": " + p.Text
}

// caller returns the place in the test that called this package: "order_test.go:12".
func caller() string {
	var frames [16]uintptr
	n := stdruntime.Callers(2, frames[:])
	each := stdruntime.CallersFrames(frames[:n])
	for {
		f, more := each.Next()
		if !strings.Contains(f.Function, "/runtime/asltest.") || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// finish fails the test if something was passed over.
func (m *Machine) finish() {
	m.t.Helper()
	for _, r := range m.runs {
		if r.result.Err != nil && !r.looked {
			m.t.Errorf("%s: the run failed, and no assertion was about that\n  %v\n%s", r.at, r.result.Err, r.story())
		}
	}
	if len(m.runs) > 0 {
		if err := leave(m.loaded.coverage); err != nil {
			m.t.Errorf("ASLTEST_COVERDIR: %v", err)
		}
	}
	if m.t.Failed() || m.t.Skipped() {
		return
	}
	for i, k := range m.mocks {
		if !k.mock.Optional && !slices.ContainsFunc(m.mocks[i+1:], k.replaced) && len(k.Inputs()) == 0 {
			m.t.Errorf("%s: the mock of %s was never used%s", k.mock.At, k.mock.Name(), k.mock.Unknown(m.loaded.program))
		}
	}
}

// Output returns the output; null if the run failed.
func (r *Run) Output() jsonvalue.Value { return r.result.Output }

// Decode stores the output in the value that v points to, by the rules of encoding/json.
// It fails the test if the run failed or the output does not fit.
func (r *Run) Decode(v any) {
	r.machine.t.Helper()
	if r.succeeded() {
		if err := json.Unmarshal([]byte(r.result.Output.String()), v); err != nil {
			r.machine.t.Errorf("the output does not fit: %v\n  output: %s", err, mocking.Short(r.result.Output))
		}
	}
}

// Err returns nil if the run succeeded, else what runtime.Runner.Run returned: most often
// a *runtime.ExecutionError.
func (r *Run) Err() error {
	r.looked = true
	return r.result.Err
}

// Elapsed returns the virtual time that the run took.
func (r *Run) Elapsed() time.Duration { return r.result.Elapsed }

// History returns the events of the run.
func (r *Run) History() []history.Event { return r.result.History }

// WantSuccess wants the run to have succeeded.
func (r *Run) WantSuccess() {
	r.machine.t.Helper()
	r.succeeded()
}

// succeeded reports whether the run succeeded, and fails the test if not.
func (r *Run) succeeded() bool {
	r.machine.t.Helper()
	seen := r.looked
	r.looked = true
	if r.result.Err != nil && (len(r.result.Problems) == 0 || !seen) {
		r.machine.t.Errorf("the run failed: %v\n%s", r.result.Err, r.story())
	}
	return r.result.Err == nil
}

// WantOutput wants the run to have succeeded with an output.
func (r *Run) WantOutput(json string) {
	r.machine.t.Helper()
	want := r.machine.parsed("the wanted output", json)
	if !r.succeeded() {
		return
	}
	if different := mocking.Difference("$", r.result.Output, want); different != "" {
		r.machine.t.Errorf("output differs\n%s%s", different, r.story())
	}
}

// WantOutputAt wants the output to have a value at a JSONPath.
func (r *Run) WantOutputAt(path, json string) {
	r.machine.t.Helper()
	want := r.machine.parsed("the wanted output", json)
	p, err := jsonpath.Parse(path)
	if err != nil {
		r.machine.t.Fatal(err)
	}
	if !r.succeeded() {
		return
	}
	got, err := p.Get(r.result.Output)
	if err != nil {
		r.machine.t.Errorf("the output has nothing at %s: %v\n  output: %s\n%s", path, err, mocking.Short(r.result.Output), r.story())
		return
	}
	if different := mocking.Difference(path, got, want); different != "" {
		r.machine.t.Errorf("output differs\n%s%s", different, r.story())
	}
}

// WantError wants the run to have failed with an error name.
func (r *Run) WantError(name string) {
	r.machine.t.Helper()
	if e := r.failure(); e != nil && e.Name != name {
		r.machine.t.Errorf("error differs: got %q, want %q\n  cause: %s\n%s", e.Name, name, e.Cause, r.story())
	}
}

// WantCause wants the run to have failed with a cause that contains a text.
func (r *Run) WantCause(text string) {
	r.machine.t.Helper()
	if e := r.failure(); e != nil && !strings.Contains(e.Cause, text) {
		r.machine.t.Errorf("the cause lacks %q\n  cause: %s\n%s", text, e.Cause, r.story())
	}
}

// failure returns how the run failed; it fails the test if it did not.
func (r *Run) failure() *runtime.ExecutionError {
	r.machine.t.Helper()
	r.looked = true
	var e *runtime.ExecutionError
	switch {
	case errors.As(r.result.Err, &e):
		return e
	case r.result.Err == nil:
		r.machine.t.Errorf("the run succeeded, and a failure is wanted\n  output: %s\n%s", mocking.Short(r.result.Output), r.story())
	}
	return nil
}

// WantElapsed wants the run to have taken a virtual time.
func (r *Run) WantElapsed(d time.Duration) {
	r.machine.t.Helper()
	if r.result.Elapsed != d {
		r.machine.t.Errorf("elapsed time differs: got %v, want %v\n%s", r.result.Elapsed, d, r.story())
	}
}

// status is how the execution ended, if it did.
func (r *Run) status() string {
	var e *runtime.ExecutionError
	switch {
	case errors.As(r.result.Err, &e):
		return string(e.Status)
	case r.result.Err != nil:
		return "not ended"
	}
	return string(interp.Succeeded)
}
