package asltest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// Machine is a state machine under test. Each test makes its own, by [Load] or [New];
// set fields and mocks before Run. Each Run starts the sequence of every mock anew.
type Machine struct {
	// Real performs the tasks that no mock takes. Default: nil, and such a task fails the
	// test.
	Real runtime.TaskInvoker

	// Start is the first instant of each run. Default: 2026-01-01T00:00:00Z.
	Start time.Time

	// Seed determines all that is random: UUIDs, jitter, $random. Default: a fixed one.
	Seed runtime.Seed

	// Identity holds the names in the Context Object. Default, field by field: as for
	// runtime.Runner.
	Identity runtime.Identity

	// Limits bound each run. Default: the quotas of Step Functions.
	Limits runtime.Limits

	// Variables are those with which RunFrom, RunState and RunBetween begin: a JSON object
	// of names without dollar signs. Default: none.
	Variables string

	// Objects has the objects that distributed Map states read and write:
	// objects.Dir("testdata") has a bucket for each folder in testdata. Default: nil, and such states fail
	// the test, unless a mock stands for the whole state.
	Objects objects.Objects

	// Formats reads objects in PARQUET, and those that are compressed by zstd. Default: nobody
	// does.
	Formats objects.Formats

	// Engine opens the Engine that runs the definition, with a configuration to which it
	// may add: its Tasks, Clock, Seed, Limits, Observe and Reach are those of the kit. Each run
	// opens one and closes it. Parts of a definition, mocks of whole Parallel and Map states
	// and Variables need the Runner. Default: nil, a runtime.Runner.
	Engine func(testing.TB, runtime.EngineConfig) *runtime.Engine

	t         testing.TB
	loaded    *loaded
	mocks     []*Mock
	file      *mocking.FileCase
	contracts []*mocking.Contract
	moments   []mocking.Moment
	runs      []*Run
}

// loaded is a definition, compiled once per text and process.
type loaded struct {
	name    string // of the file; "": a text
	text    string
	program *runtime.Program
	err     error

	warnings bool
	findings string // the warnings, as text

	once     sync.Once
	coverage *coverage.Machine
}

var definitions sync.Map // of *loaded, by name and text

// Load reads the definition in a file. A definition with errors ends the test; they are
// shown as asl.Diagnostics.WriteText prints them. Warnings are logged, but one about a
// variable that is never assigned is an error.
func Load(t testing.TB, file string) *Machine {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return machine(t, file, string(text))
}

// New takes the definition as a text.
func New(t testing.TB, definition string) *Machine {
	t.Helper()
	return machine(t, "", definition)
}

// JSON returns the JSON text of a Go value, by the rules of encoding/json. It panics if
// the value has none.
func JSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("asltest: " + err.Error())
	}
	return string(text)
}

func machine(t testing.TB, name, text string) *Machine {
	t.Helper()
	key := [2]string{name, text}
	found, known := definitions.Load(key)
	if !known {
		found, _ = definitions.LoadOrStore(key, load(name, text))
	}
	l := found.(*loaded)
	if l.err != nil {
		t.Fatal(l.err)
	}
	if l.warnings {
		t.Log(l.findings)
	}
	m := &Machine{t: t, loaded: l, Seed: runtime.Seed{1}}
	t.Cleanup(m.finish)
	return m
}

func load(name, text string) *loaded {
	l := &loaded{name: name, text: text}
	if abs, err := filepath.Abs(name); err == nil && name != "" {
		l.name = abs
	}
	sm, found := asl.Validator{AnyResource: true}.Parse([]byte(text))
	err := found.Err()
	if l.warnings = len(found) > 0 && err == nil; l.warnings {
		l.findings = described(name, found).Error()
	}
	for _, d := range found {
		if d.Code == "STATEMILL_UNDEFINED_VARIABLE" {
			err = found
		}
	}
	if err == nil {
		l.program, err = runtime.Compile(sm)
	}
	l.err = described(name, err)
	return l
}

// described makes an error show what diagnostics say, as a terminal would.
func described(name string, err error) error {
	var found asl.Diagnostics
	if !errors.As(err, &found) {
		return err
	}
	if name == "" {
		name = "definition"
	}
	var b strings.Builder
	if werr := found.WriteText(&b, name); werr != nil {
		return werr
	}
	return errors.New("findings in the definition\n" + strings.TrimRight(b.String(), "\n"))
}

// Task mocks tasks by a pattern, in which * stands for any number of characters. The
// pattern is matched with the Resource, and with the function that lambda:invoke calls,
// with its qualifier and without. If it matches a function, the mock is of the function:
// it sees the Payload, and its result is put into the envelope of the service. If it
// matches the Resource, the mock is of the whole answer of the service.
//
// A mock of a state goes before one of a pattern, one with a condition ([Mock.When]) before
// one without, the more exact pattern before the other (as in runtime.Mux), and among equals
// the later one.
func (m *Machine) Task(pattern string) *Mock {
	return m.mock(&mocking.Mock{Pattern: pattern})
}

// State mocks a Task state by its name: the whole answer of the service. It mocks the
// whole inside of a Parallel or Map state, too: the outcome is the result of the state,
// before ResultSelector. A name that no such state has ends the test.
func (m *Machine) State(name string) *Mock {
	m.t.Helper()
	var works []string
	for _, s := range m.loaded.states() {
		switch s.(type) {
		case *asl.Task, *asl.Parallel, *asl.Map:
			works = append(works, s.Info().Name)
		}
	}
	if !slices.Contains(works, name) {
		m.t.Fatalf("no Task, Parallel or Map state %q%s\n  states: %s", name, mocking.Meant(name, works), strings.Join(works, ", "))
	}
	return m.mock(&mocking.Mock{State: name})
}

func (m *Machine) mock(inner *mocking.Mock) *Mock {
	inner.At = caller()
	k := &Mock{machine: m, mock: inner}
	m.mocks = append(m.mocks, k)
	return k
}

// states returns all states of the definition, at any depth.
func (l *loaded) states() []asl.State { return slices.Collect(l.program.StateMachine().All()) }

// names returns the names of all states.
func (l *loaded) names() (names []string) {
	for _, s := range l.states() {
		names = append(names, s.Info().Name)
	}
	return names
}

// MockFile takes the mocks of a test case from a mock file of AWS Step Functions Local
// (MockConfigFile.json). Other mocks go before them. A machine, a test case or a state that is
// not there ends the test, and so does a key that mock files do not have. A response that the
// file lacks fails the execution with States.Runtime when an attempt needs it.
func (m *Machine) MockFile(file, machine, testCase string) {
	m.t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		m.file, err = mocking.ReadMockFile(text, machine, testCase, m.loaded.names())
	}
	if err != nil {
		m.t.Fatalf("%s: %v", file, err)
	}
}

// At calls f once in each run, at a moment of virtual time, d after the start. A moment
// that a run does not reach fails the test, unless the run failed: a run that ends at the
// very instant of the moment does not reach it.
func (m *Machine) At(d time.Duration, f func(*Control)) {
	m.t.Helper()
	switch {
	case d < 0:
		m.t.Fatalf("At(%v): no moment is before the start", d)
	case f == nil:
		m.t.Fatalf("At(%v, nil): expected a function", d)
	}
	m.moments = append(m.moments, mocking.Moment{After: d, Do: func(c *mocking.Control) { f(&Control{c}) }, At: caller()})
}

// Control acts on a run from outside.
type Control struct{ control *mocking.Control }

// Token returns the token of the oldest task of a state that waits for its answer. If
// there is none, the test fails.
func (c *Control) Token(state string) string { return c.control.Token(state) }

// Callbacks takes answers by token, as runtime.Callbacks does.
func (c *Control) Callbacks() Answers { return c.control.Callbacks() }

// Answers takes answers by token. Its methods are those of runtime.Callbacks.
type Answers interface {
	Succeed(token string, output jsonvalue.Value) error
	Fail(token string, err error) error
	Heartbeat(token string) error
	Start(token, worker string) error
}

// Stop ends the execution with the status ABORTED.
func (c *Control) Stop(name, cause string) { c.control.Stop(name, cause) }

// parsed reads a JSON text that a test gives.
func (m *Machine) parsed(what, text string) jsonvalue.Value {
	m.t.Helper()
	v, err := jsonvalue.Parse([]byte(text))
	if err != nil {
		m.t.Fatalf("%s is no JSON: %v\n  %s", what, err, mocking.Cut(text))
	}
	return v
}

// variables reads the field Variables.
func (m *Machine) variables() jsonvalue.Value {
	m.t.Helper()
	v := m.parsed("Variables", m.Variables)
	if v.Kind() != jsonvalue.KindObject {
		m.t.Fatalf("Variables: expected an object, found %s", mocking.Short(v))
	}
	for name := range v.Members() {
		if strings.HasPrefix(name, "$") {
			m.t.Fatalf("Variables: expected names without dollar signs, found %q", name)
		}
	}
	return v
}
