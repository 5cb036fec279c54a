package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/parquet"
	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/runtime"
)

// Outcome is what came of a case.
type Outcome struct {
	Case     *Case
	Result   *mocking.Result
	Problems []string // none: it passed

	update  bool
	program *runtime.Program
}

// Runner runs the cases of a file.
type Runner struct {
	Context context.Context
	Update  bool // write the files of histories
	Only    func(name string) bool

	coverage *coverage.Machine
	recorded []mocking.Recorded
}

// Run runs the cases. It returns an error if the definition cannot run.
func (r *Runner) Run(f *File) (outcomes []*Outcome, covered *coverage.Machine, err error) {
	sm, found := asl.Validator{AnyResource: true}.Parse(f.Definition.JSON)
	if found.Err() != nil {
		var b bytes.Buffer
		if err := f.Definition.Translate(found).WriteText(&b, f.Definition.Name()); err != nil {
			return nil, nil, err
		}
		return nil, nil, errors.New("the definition has errors\n" + strings.TrimRight(b.String(), "\n"))
	}
	program, err := runtime.Compile(sm)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range f.contracts {
		if unknown := (&mocking.Mock{Pattern: c.Pattern}).Unknown(program); unknown != "" {
			return nil, nil, fmt.Errorf("the contract of %q holds nothing%s", c.Pattern, unknown)
		}
	}
	name, err := filepath.Abs(f.Definition.File)
	if err != nil {
		return nil, nil, err
	}
	r.coverage = coverage.New(name, program)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	if string(text) != r.coverage.Definition {
		r.coverage.WrittenIn(string(text), program, f.Definition.Position)
	}
	for _, c := range f.Cases {
		if r.Only == nil || r.Only(c.Name) {
			outcomes = append(outcomes, r.runCase(f, c, program))
		}
	}
	return outcomes, r.coverage, nil
}

// Recorded returns the runs from the start, of which suggestions can be made.
func (r *Runner) Recorded() []mocking.Recorded { return r.recorded }

func (r *Runner) runCase(f *File, c *Case, program *runtime.Program) *Outcome {
	o := &Outcome{Case: c, update: r.Update, program: program}
	planned, err := c.plan(f, program)
	if err != nil {
		o.Problems = []string{err.Error()}
		return o
	}
	hits := make([]int, len(program.Points()))
	planned.Reach = func(point int) { hits[point]++ }
	planned.Context = r.Context
	o.Result = planned.Do()
	var failed *runtime.ExecutionError
	if errors.As(o.Result.Err, &failed) && failed.Position.Line > 0 {
		failed.Position = f.Definition.Position(failed.Position)
	}
	r.coverage.Reach(hits, c.Name)
	if c.state == "" && c.from == "" && c.until == "" {
		r.recorded = append(r.recorded, mocking.Recorded{Run: planned, Result: o.Result, Test: c.Name})
	}
	o.judge()
	return o
}

// judge compares the run with what is wanted, as strictly as package asltest does.
func (o *Outcome) judge() {
	for _, p := range o.Result.Problems {
		o.Problems = append(o.Problems, p.Text)
	}
	if len(o.Problems) > 0 {
		return
	}
	expected := false
	for _, w := range o.Case.wants {
		expected = expected || w.ending
		if problem := w.check(o); problem != "" {
			o.Problems = append(o.Problems, problem)
		}
	}
	if o.Result.Err != nil && !expected {
		o.Problems = append(o.Problems, "the run failed, and the test expects nothing about that: "+o.Result.Err.Error())
	}
	for _, m := range o.Case.mocks {
		if !m.Optional && len(o.Result.Inputs[m]) == 0 && len(o.Problems) == 0 {
			o.Problems = append(o.Problems, "the mock of "+m.Name()+" was never used"+m.Unknown(o.program))
		}
	}
}

// plan makes the run of a case.
func (c *Case) plan(f *File, program *runtime.Program) (*mocking.Run, error) {
	r := &mocking.Run{
		Mocks: c.mocks, Input: c.input, Variables: c.variables, Contracts: f.contracts, Start: f.start, Seed: f.seed,
		Identity: f.identity, Limits: f.limits, AddOne: addInFile, Formats: parquet.Formats(),
	}
	if f.buckets != "" {
		r.Objects = newScratch(f.buckets, f.start)
	}
	if r.Variables.IsNull() {
		r.Variables = f.variables
	}
	var states, stubs []string
	for s := range program.StateMachine().All() {
		states = append(states, s.Info().Name)
	}
	for _, m := range c.mocks {
		if m.State == "" {
			continue
		}
		if !slices.Contains(states, m.State) {
			return nil, fmt.Errorf("tasks: the definition has no state %q", m.State)
		}
		if !slices.ContainsFunc(program.Tasks(), func(t *asl.Task) bool { return t.Name == m.State }) {
			stubs = append(stubs, m.State)
		}
	}
	if c.file != nil {
		text, err := os.ReadFile(c.file.file)
		if err != nil {
			return nil, err
		}
		if r.File, err = mocking.ReadMockFile(text, c.file.machine, c.file.testCase, states); err != nil {
			return nil, fmt.Errorf("%s: %w", c.file.file, err)
		}
	}
	var err error
	if r.Program, err = c.part(program, stubs); err != nil {
		return nil, err
	}
	return r, nil
}

// addInFile is how a mock is made in a file of tests.
func addInFile(state, function string) string {
	if function != "" {
		return fmt.Sprintf("tasks: {%q: {returns: {}}}", "*:function:"+function)
	}
	return fmt.Sprintf("tasks: {%q: {returns: {}}}", "state:"+state)
}

// part returns the part of the program that the case runs.
func (c *Case) part(program *runtime.Program, stubs []string) (*runtime.Program, error) {
	var err error
	if len(stubs) > 0 {
		if program, err = program.Stub(stubs...); err != nil {
			return nil, err
		}
	}
	switch {
	case c.state != "":
		return program.Only(c.state)
	case c.until != "" && c.from == "":
		return program.Between(program.StateMachine().StartAt, c.until)
	case c.until != "":
		return program.Between(c.from, c.until)
	case c.from != "":
		return program.From(c.from)
	}
	return program, nil
}
