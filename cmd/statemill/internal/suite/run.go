package suite

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	stdruntime "runtime"
	"slices"
	"strings"
	"sync"

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
	Problems []string // each begins with its place, order.asltest.yaml:12; none: it passed

	update  bool
	program *runtime.Program
	hits    []int // by points of the program
	run     *mocking.Run
	err     error // why there is no run
}

// Runner runs the cases of a file.
type Runner struct {
	Context context.Context
	Update  bool // write the files of histories
	Only    func(name string) bool

	coverage *coverage.Machine
	recorded []mocking.Recorded
}

// Run runs the cases side by side, and returns what came of them in the order of the file. It returns an error
// if the definition cannot run.
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
			outcomes = append(outcomes, &Outcome{Case: c, update: r.Update, program: program, hits: make([]int, len(program.Points()))})
		}
	}
	r.runAll(f, outcomes)
	for _, o := range outcomes {
		r.conclude(o)
	}
	return outcomes, r.coverage, nil
}

// runAll runs the cases side by side, as many as there are processors.
func (r *Runner) runAll(f *File, outcomes []*Outcome) {
	var all sync.WaitGroup
	free := make(chan struct{}, stdruntime.GOMAXPROCS(0))
	for _, o := range outcomes {
		free <- struct{}{}
		all.Go(func() {
			r.run(f, o)
			<-free
		})
	}
	all.Wait()
}

// Recorded returns the runs from the start, of which suggestions can be made.
func (r *Runner) Recorded() []mocking.Recorded { return r.recorded }

func (r *Runner) run(f *File, o *Outcome) {
	if o.run, o.err = o.Case.plan(f, o.program); o.err != nil {
		return
	}
	o.run.Reach = func(point int) { o.hits[point]++ }
	o.run.Context = r.Context
	o.Result = o.run.Do()
	var failed *runtime.ExecutionError
	if errors.As(o.Result.Err, &failed) && failed.Position.Line > 0 {
		failed.Position = f.Definition.Position(failed.Position)
	}
}

// conclude judges a run, and notes what it has reached. This happens in the order of the file.
func (r *Runner) conclude(o *Outcome) {
	c := o.Case
	if o.err != nil {
		o.problem(c.at, o.err.Error())
		return
	}
	r.coverage.Reach(o.hits, c.Name)
	if c.state == "" && c.from == "" && c.until == "" {
		r.recorded = append(r.recorded, mocking.Recorded{Run: o.run, Result: o.Result, Test: c.Name})
	}
	o.judge()
}

// problem notes what is wrong, and the place in the file that it is about.
func (o *Outcome) problem(at, text string) { o.Problems = append(o.Problems, at+": "+text) }

// judge compares the run with what is wanted, as strictly as package asltest does.
func (o *Outcome) judge() {
	for _, p := range o.Result.Problems {
		o.problem(cmp.Or(p.At, o.Case.at), p.Text)
	}
	if len(o.Problems) > 0 {
		return
	}
	expected := false
	for _, w := range o.Case.wants {
		expected = expected || w.ending
		if problem := w.check(o); problem != "" {
			o.problem(w.at, problem)
		}
	}
	if o.Result.Err != nil && !expected {
		o.problem(o.Case.at, "the run failed, and the test expects nothing about that: "+o.Result.Err.Error())
	}
	for _, m := range o.Case.mocks {
		if !m.Optional && len(o.Result.Inputs[m]) == 0 && len(o.Problems) == 0 {
			o.problem(m.At, "the mock of "+m.Name()+" was never used"+m.Unknown(o.program))
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
