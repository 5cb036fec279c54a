package mocking

import (
	"context"
	"errors"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// Run is an execution to be run. Its fields do not change while it runs.
type Run struct {
	Program   *runtime.Program
	Mocks     []*Mock
	File      *FileCase           // nil: none
	Real      runtime.TaskInvoker // performs what no mock takes; nil: that is a problem
	Contracts []*Contract

	Input     jsonvalue.Value
	Variables jsonvalue.Value
	Start     time.Time // zero: 2026-01-01T00:00:00Z
	Seed      runtime.Seed
	Identity  runtime.Identity
	Limits    runtime.Limits
	Objects   objects.Objects // nil: none
	Formats   objects.Formats
	Moments   []Moment
	Reach     func(point int) // nil: nobody counts

	Observe   func(history.Event)               // is told each event, in order; nil: nobody is
	RealTime  bool                              // waits take their time, Start is not looked at; not in an Engine
	ScaleWait func(time.Duration) time.Duration // in real time; see runtime.Runner

	Context  context.Context                     // whose end stops the execution; nil: none
	Patience time.Duration                       // the real time that a function may take; 0: 10 seconds, in real time any
	Bounded  bool                                // in virtual time, a Performer has its TimeoutSeconds in real time
	AddOne   func(state, function string) string // how a mock is made, for messages; nil: in Go

	// Engine opens the Engine that runs the execution; nil: a Runner does.
	Engine func(runtime.EngineConfig) (*runtime.Engine, error)

	cancel context.CancelCauseFunc
}

// Moment is something that happens from outside, some time after the start.
type Moment struct {
	After time.Duration
	Do    func(*Control)
	At    string // where it was made
}

// Problem is something that a test must not pass over. At is the place in the test to
// which it belongs; "": the run.
type Problem struct{ At, Text string }

// Result is what a run came to.
type Result struct {
	Output   jsonvalue.Value
	Err      error // of runtime.Runner.Run
	Elapsed  time.Duration
	History  []history.Event
	Problems []Problem
	Inputs   map[*Mock][]jsonvalue.Value // by mock: the input of each attempt
	Answers  []Answer

	told   *told
	visits []*Visit
}

// Visits returns the visits of states, in the order of their entry. It is not safe for
// concurrent use.
func (r *Result) Visits() []*Visit {
	if r.visits == nil {
		r.visits = r.told.visits(r.History)
	}
	return r.visits
}

// Visit is a visit of a state, with what events do not tell. Indices are -1 if there is
// none.
type Visit struct {
	*history.Visit
	Rule     int   // of a Choice state: the rule that held; len(Choices): Default
	Catcher  int   // which took the failure
	Retriers []int // which began each further attempt

	of *child // whose state it is; nil: a state of the execution that was run
}

// Do runs the execution.
func (r Run) Do() *Result {
	if r.Start.IsZero() {
		r.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	ctx := r.Context
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.cancel = cancel
	s := &session{
		run: &r, mocks: byPrecedence(r.Mocks),
		counts: make(map[*Mock]int), taken: make(map[string]*attempt), inputs: make(map[*Mock][]jsonvalue.Value),
		came: make([]bool, len(r.Moments)),
	}
	if !r.RealTime {
		s.clock = runtime.NewVirtualClock(r.Start)
	}
	result := &Result{told: newTold(r.Program)}
	if r.Engine != nil {
		s.runDurably(ctx, result)
	} else {
		s.runHere(ctx, result)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result.Inputs, result.Answers = s.inputs, s.recorded
	result.Problems = s.problems
	s.judge(result)
	return result
}

// runHere runs the execution by a Runner.
func (s *session) runHere(ctx context.Context, result *Result) {
	r, callbacks := s.run, new(runtime.Callbacks)
	s.callbacks = callbacks
	s.stop = func(name, cause string) { r.cancel(&runtime.TaskError{Name: name, Cause: cause}) }
	runner := runtime.Runner{
		Tasks: s, Clock: s.clock, Callbacks: callbacks, Seed: r.Seed, Identity: r.Identity, Limits: r.Limits, Variables: r.Variables,
		Objects: r.Objects, Formats: r.Formats,
		Observe: func(e history.Event) {
			if len(result.History) == 0 {
				s.plan()
			}
			result.History = append(result.History, e)
			if r.Observe != nil {
				r.Observe(e)
			}
		},
		Reach:     func(execution string, point int, visit int64) { s.reach(result, execution, point, visit) },
		ScaleWait: r.ScaleWait,
	}
	began := time.Now()
	result.Output, result.Err = runner.Run(ctx, r.Program, r.Input)
	result.Elapsed = time.Since(began)
	if s.clock != nil {
		result.Elapsed = s.clock.Now().Sub(r.Start)
	}
}

func (s *session) reach(result *Result, execution string, point int, visit int64) {
	result.told.reach(point, at{execution, visit})
	if s.run.Reach != nil {
		s.run.Reach(point)
	}
}

// judge adds the problems that are known when a run is over.
func (s *session) judge(result *Result) {
	if errors.Is(result.Err, runtime.ErrStuck) {
		result.Problems = append(result.Problems, Problem{"", result.Err.Error()})
	}
	var failed *runtime.ExecutionError
	if result.Err != nil && !errors.As(result.Err, &failed) && !errors.Is(result.Err, runtime.ErrStuck) {
		result.Problems = append(result.Problems, Problem{"", result.Err.Error()})
	}
	for i := range s.run.Moments {
		if m := &s.run.Moments[i]; !s.came[i] && result.Err == nil {
			text := "the execution ended after " + result.Elapsed.String() + ", before this moment"
			if m.After == result.Elapsed {
				text += ": at one instant, what the machine has due comes first"
			}
			result.Problems = append(result.Problems, Problem{m.At, text})
		}
	}
}

// plan has the clock make what happens from outside.
func (s *session) plan() {
	for i := range s.run.Moments {
		m := &s.run.Moments[i]
		s.after(m.After, func() {
			s.mu.Lock()
			s.came[i] = true
			s.mu.Unlock()
			m.Do(&Control{s, m.At})
		})
	}
}

// Control acts on a run from outside, at a moment of its time.
type Control struct {
	session *session
	at      string
}

// Token returns the token of the oldest task of a state that waits for its answer. If
// there is none, the run has a problem, and the token is empty.
func (c *Control) Token(state string) string {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.open {
		if a.task.State == state && !a.answered {
			a.answered = true
			return a.task.Token()
		}
	}
	s.problems = append(s.problems, Problem{c.at, "no task of state \"" + state + "\" waits for an answer"})
	return ""
}

// Callbacks takes answers by token.
func (c *Control) Callbacks() Answers { return c.session.callbacks }

// Stop ends the execution as StopExecution does.
func (c *Control) Stop(name, cause string) { c.session.stop(name, cause) }

// told keeps by visit what only the interpreter tells.
type told struct {
	program *runtime.Program
	byVisit map[at]*Visit
}

// at names a visit: by the id of its first event in the history of an execution.
type at struct {
	execution string
	visit     int64
}

func newTold(p *runtime.Program) *told { return &told{p, make(map[at]*Visit)} }

func (t *told) of(visit at) *Visit {
	v := t.byVisit[visit]
	if v == nil {
		v = &Visit{Rule: -1, Catcher: -1}
		t.byVisit[visit] = v
	}
	return v
}

func (t *told) reach(point int, visit at) {
	p := t.program.Points()[point]
	switch p.Kind {
	case interp.RuleTaken:
		t.of(visit).Rule = index(p.Location)
	case interp.DefaultTaken:
		t.of(visit).Rule = t.rules(p.State)
	case interp.CatcherTaken:
		t.of(visit).Catcher = index(p.Location)
	case interp.RetrierUsed:
		v := t.of(visit)
		v.Retriers = append(v.Retriers, index(p.Location))
	}
}

// mapRun is what the children of a Map Run belong to.
type mapRun struct {
	visit *history.Visit // of the Map state
	begun int            // children
}

// child is a child of a Map Run.
type child struct {
	parent *history.Visit // of the Map state
	index  int
}

// visits folds the histories of an execution and of the children of its distributed Map
// states, which count as iterations.
func (t *told) visits(events []history.Event) (made []*Visit) {
	folded := make(map[string]*history.Visits)
	runs := make(map[string]*mapRun)
	children := make(map[string]*child)
	for _, e := range events {
		if folded[e.Execution] == nil {
			folded[e.Execution] = new(history.Visits)
		}
		visit := folded[e.Execution].Add(e)
		run := runs[e.MapRunARN]
		switch {
		case e.Type == "MapRunStarted":
			runs[e.MapRunARN] = &mapRun{visit: visit}
		case e.Type == "ExecutionStarted" && run != nil:
			children[e.Execution] = &child{run.visit, run.begun}
			run.begun++
		}
		if _, ok := e.StateEntered(); ok {
			v := t.of(at{e.Execution, e.ID})
			v.Visit = visit
			v.of = children[e.Execution]
			made = append(made, v)
		}
	}
	for _, v := range made {
		if v.of != nil && v.Parent == nil {
			v.Parent, v.Child = v.of.parent, v.of.index
		}
	}
	return made
}
