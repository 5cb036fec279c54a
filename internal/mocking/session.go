package mocking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/pattern"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// session performs the tasks of one run by mocks.
type session struct {
	run       *Run
	mocks     []*Mock                  // by precedence
	clock     *runtime.VirtualClock    // nil: the time of the system
	stop      func(name, cause string) // ends the execution from outside
	callbacks Answers

	mu       sync.Mutex
	counts   map[*Mock]int
	taken    map[string]*attempt // by Task.ID, until it is performed
	inputs   map[*Mock][]jsonvalue.Value
	problems []Problem
	open     []*attempt // of tasks that are answered later, in the order of their start
	recorded []Answer
	came     []bool // by moment: it has come
}

// attempt is one attempt at a task, and who performs it.
type attempt struct {
	task     *runtime.Task
	call     *runtime.Task // what the function of lambda:invoke sees; nil: the mock is of the service
	mock     *Mock         // nil: Real
	outcome  *Outcome
	index    int // among the answers
	answered bool
}

// InvokePromptly answers what can be answered at once, on the goroutine of the
// execution: so mocks give their outcomes in the order of the tasks.
func (s *session) InvokePromptly(ctx context.Context, task *runtime.Task) (out jsonvalue.Value, err error, done bool) {
	a, err := s.take(task)
	if err != nil {
		return jsonvalue.Value{}, err, true
	}
	if a.mock == nil || a.outcome.Do != nil || a.outcome.Performer != nil || task.Pattern == asl.Sync && !a.outcome.Hangs {
		s.mu.Lock()
		s.taken[task.ID()] = a
		s.mu.Unlock()
		return jsonvalue.Value{}, nil, false
	}
	out, err = s.perform(ctx, a)
	return out, err, true
}

// InvokeTask implements [runtime.TaskInvoker].
func (s *session) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	s.mu.Lock()
	a := s.taken[task.ID()]
	delete(s.taken, task.ID())
	s.mu.Unlock()
	if a == nil {
		var err error
		if a, err = s.take(task); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	if a.mock == nil {
		out, err := s.performReally(ctx, task)
		s.record(a, out, err)
		return out, err
	}
	return s.perform(ctx, a)
}

// take finds the mock of a task and takes its next outcome.
func (s *session) take(task *runtime.Task) (*attempt, error) {
	a := &attempt{task: task}
	call := functionCall(task)
	for _, m := range s.mocks {
		if a.call = nil; call != nil && m.State == "" && m.Matches(call.Resource) && m.holds(call.Input) {
			a.call = call
		} else if m.State != task.State && (m.State != "" || !m.Matches(task.Resource)) || !m.holds(task.Input) {
			continue
		}
		a.mock = m
		break
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.index = len(s.recorded)
	s.recorded = append(s.recorded, Answer{State: task.State})
	if a.mock == nil {
		a.call = nil
		return a, s.takeOther(a, call)
	}
	n := s.counts[a.mock]
	s.counts[a.mock]++
	s.inputs[a.mock] = append(s.inputs[a.mock], a.input())
	if a.outcome = a.mock.outcome(n); a.outcome != nil && a.outcome.Function {
		a.call = call
	}
	if a.outcome == nil {
		return nil, s.refuse(a.mock.At, fmt.Sprintf("the mock of %s is used more often than it may be\n  attempt: %d\n  input:   %s", a.mock.Name(), n+1, Short(a.input())))
	}
	return a, s.checkInput(a)
}

// takeOther finds who performs a task that no mock takes: the mock file, or Real.
func (s *session) takeOther(a *attempt, call *runtime.Task) error {
	if f := s.run.File; f != nil {
		if m := f.mockOf(a.task.State); m != nil {
			n := s.counts[m]
			s.counts[m]++
			a.mock = m
			if a.outcome = m.fileOutcome(a.task, n); a.outcome == nil {
				a.outcome = unanswered(a.task.State, n)
			}
			return nil
		}
	}
	if s.run.Real != nil {
		return nil
	}
	return s.refuse("", s.unmocked(a.task, call))
}

// refuse notes a problem and ends the execution.
func (s *session) refuse(at, text string) error {
	s.problems = append(s.problems, Problem{at, text})
	line, _, _ := strings.Cut(text, "\n")
	return fmt.Errorf("%w: %s", runtime.ErrNoTask, line)
}

// unmocked says which task has no mock, and how to make one.
func (s *session) unmocked(task, call *runtime.Task) string {
	var b strings.Builder
	fmt.Fprintf(&b, "no mock for state %q\n", task.State)
	resource, name := task.Resource, task.Resource
	if call != nil {
		resource += " -> " + call.Resource
		name = call.Resource
	}
	if resource == "" {
		resource = "the work of the state"
	}
	fmt.Fprintf(&b, "  Resource: %s\n  input:    %s\n", resource, Short(task.Input))
	if short, end := s.tooShort(name); short != "" {
		fmt.Fprintf(&b, "  mocks:    %q lacks %q at its end\n", short, end)
	} else if nearest := s.nearest(name); nearest != "" {
		fmt.Fprintf(&b, "  mocks:    %q is nearest\n", nearest)
	}
	addOne := s.run.AddOne
	if addOne == nil {
		addOne = addInGo
	}
	fmt.Fprintf(&b, "  add one:  %s", addOne(task.State, functionOf(name)))
	return b.String()
}

// functionOf returns the name of a function without its qualifier; "": it is none.
func functionOf(name string) string {
	if function, ok := pattern.WithoutQualifier(name); ok {
		name = function
	}
	_, function, _ := strings.Cut(name, ":function:")
	return function
}

// addInGo is how a mock is made in Go.
func addInGo(state, function string) string {
	if function != "" {
		return fmt.Sprintf("Task(%q).Returns(`{}`)", "*:function:"+function)
	}
	return fmt.Sprintf("State(%q).Returns(`{}`)", state)
}

// performReally performs a task by Real.
func (s *session) performReally(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	defer s.watch(task)()
	performer := s.run.Real
	if r, ok := performer.(runtime.Resolver); ok {
		resolved, err := r.Resolve(task.Resource)
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			return jsonvalue.Value{}, s.refuse("", s.unmocked(task, functionCall(task)))
		}
		performer = resolved
	}
	return performer.InvokeTask(ctx, task)
}

// longestWait is the real time that a function may take in virtual time, by default.
const longestWait = 10 * time.Second

// watch notes a problem if a function takes too long in real time.
func (s *session) watch(task *runtime.Task) (stop func()) {
	if s.clock == nil && s.run.Patience == 0 {
		return func() {}
	}
	patience := cmp.Or(s.run.Patience, longestWait)
	timer := time.AfterFunc(patience, func() {
		s.mu.Lock()
		s.problems = append(s.problems, Problem{"", fmt.Sprintf("the function that performs state %q takes more than %v of real time", task.State, patience)})
		s.mu.Unlock()
		s.run.cancel(errors.New("mocking: a function does not return"))
	})
	return func() { timer.Stop() }
}

// after plans a call.
func (s *session) after(d time.Duration, f func()) {
	if s.clock == nil {
		time.AfterFunc(d, f)
		return
	}
	s.clock.AfterFunc(d, f)
}

// functionCall returns what the function of lambda:invoke sees; nil: the task is none.
func functionCall(task *runtime.Task) (call *runtime.Task) {
	if task.Service != "lambda" || task.Action != "invoke" || strings.Contains(task.Resource, ":function:") {
		return nil
	}
	_, _ = runtime.Lambda(runtime.InvokerFunc(func(_ context.Context, c *runtime.Task) (jsonvalue.Value, error) {
		call = c
		return jsonvalue.Value{}, nil
	})).InvokeTask(context.Background(), task)
	return call
}

// input is what the one who performs the attempt sees.
func (a *attempt) input() jsonvalue.Value {
	if a.call != nil {
		return a.call.Input
	}
	return a.task.Input
}

// Name says what the mock is of.
func (m *Mock) Name() string {
	if m.State != "" {
		return fmt.Sprintf("state %q", m.State)
	}
	return fmt.Sprintf("%q", m.Pattern)
}
