package mocking

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Served performs the tasks of one execution of a server by a test case of a mock file, in
// real time. It is safe for concurrent use.
type Served struct {
	file  *FileCase
	mine  map[string]bool // resources of the states that the case names
	other runtime.Mux     // performs the other states

	succeed func(ctx context.Context, token string, output jsonvalue.Value) error

	mu     sync.Mutex
	counts map[string]int // by state
}

// Serve returns who performs the tasks of an execution of a program: the case, and others
// for the states that it does not name. succeed answers a task by its token.
func (f *FileCase) Serve(p *runtime.Program, others runtime.Mux, succeed func(ctx context.Context, token string, output jsonvalue.Value) error) (*Served, error) {
	s := &Served{file: f, mine: make(map[string]bool), other: others, counts: make(map[string]int), succeed: succeed}
	for _, task := range p.Tasks() {
		if f.mockOf(task.Name) != nil {
			s.mine[task.Resource.Text] = true
		}
	}
	for _, task := range p.Tasks() {
		if f.mockOf(task.Name) == nil && s.mine[task.Resource.Text] && strings.Contains(task.Resource.Text, ":states:::states:startExecution") {
			return nil, fmt.Errorf("the state %q is not in the test case, and a state with the same Resource is: an execution has either its nested executions mocked, or none", task.Name)
		}
	}
	return s, nil
}

// Resolve implements runtime.Resolver.
func (s *Served) Resolve(resource string) (runtime.TaskInvoker, error) {
	if s.mine[resource] {
		return s, nil
	}
	return s.other.Resolve(resource)
}

// InvokeTask implements runtime.TaskInvoker.
func (s *Served) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	m := s.file.mockOf(task.State)
	if m == nil {
		return s.perform(ctx, task)
	}
	s.mu.Lock()
	n := s.counts[task.State]
	s.counts[task.State]++
	s.mu.Unlock()
	o := m.fileOutcome(task, n)
	if o == nil {
		o = unanswered(task.State, n)
	}
	if task.Pattern == asl.Sync || task.Pattern == asl.WaitForTaskToken {
		task.Submitted(jsonvalue.Object())
	}
	switch {
	case o.Failure != nil:
		return jsonvalue.Value{}, o.Failure
	case task.Pattern == asl.WaitForTaskToken:
		return jsonvalue.Object(), s.succeed(ctx, task.Token(), o.Result)
	}
	return o.Result, nil
}

// perform performs a task of a state that the case does not name.
func (s *Served) perform(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	performer, err := s.other.Resolve(task.Resource)
	if err != nil && task.Service == "lambda" {
		return runtime.Lambda(s.other).InvokeTask(ctx, task)
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return performer.InvokeTask(ctx, task)
}

// unanswered is what becomes of an attempt for which a mock file has nothing. AWS Step
// Functions Local ends the execution (past the last entry: unsure).
func unanswered(state string, attempt int) *Outcome {
	return &Outcome{Failure: &runtime.TaskError{Name: asl.StatesRuntime, Cause: fmt.Sprintf(
		"Could not find a mocked response for state %s and attempt %d", state, attempt)}}
}
