package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// StateTest says which state to test and with what.
type StateTest struct {
	State     string          // its name. Default: the only state of a program made by asl.ParseState
	Input     jsonvalue.Value // of the state. Default: null
	Variables jsonvalue.Value // an object. Default: none

	// Context stands for the Context Object. Default: null, one is made of Identity.
	Context jsonvalue.Value

	// Work does the work of the state. It performs the task of a Task state. It is
	// called once for a Parallel or Map state, and stands in for all that is inside:
	// task.Input is then the input of each branch, or an array of the inputs of the
	// iterations, and the result is the array of the outputs. Default: none, and those
	// states are refused.
	Work TaskInvoker

	RetryCount int // how often the state has been retried. Default: 0.

	// FailedIterations is the number of iterations of a Map state that have failed;
	// it is compared with the tolerated failures. Default: 0.
	FailedIterations int

	// ItemReaderData stands for the data that the ItemReader of a Map state reads: the
	// content of a JSON file, or an array of the items that other forms of files hold.
	// ItemsPointer and MaxItems choose from it. Default: null, and such a state
	// iterates over its input.
	ItemReaderData jsonvalue.Value

	// Identity holds the names in the Context Object. Default: as for a Runner, but of
	// an express execution, as on AWS, and without a role.
	Identity Identity

	// Now is the time at which the state is entered. Default: the time of the
	// system.
	Now time.Time
}

// StateReport is the result of a StateTest.
type StateReport struct {
	Status            string          // SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR
	Output            jsonvalue.Value // if it succeeded or was caught
	history.ErrorInfo                 // if it did not succeed
	NextState         string          // "" if none follows
	Data              jsonvalue.Value // an object: the data after each step of the data flow, as AWS's inspectionData
}

// TestState performs one state of a program and says what its output would be
// and which state would be next, as AWS's operation of that name does. An error
// says that the test cannot be made.
//
// Waits take no time. TestState does not check whether the result of Work has the
// shape that the API of a service gives it.
func TestState(ctx context.Context, p *Program, t StateTest) (*StateReport, error) {
	if p == nil || p.StateMachine() == nil {
		return nil, errors.New("runtime: no program")
	}
	if ctx == nil {
		return nil, errors.New("runtime: no context")
	}
	if err := t.check(p); err != nil {
		return nil, fmt.Errorf("runtime: %s cannot be tested: %w", t.name(), err)
	}
	q := t.inspection()
	q.Work = func(w interp.Work) (jsonvalue.Value, *history.ErrorInfo) { return t.perform(ctx, w) }
	q.Interrupted = func() bool { return ctx.Err() != nil }
	result, err := p.Inspect(q)
	switch {
	case errors.Is(err, interp.ErrInterrupted):
		return nil, fmt.Errorf("runtime: the test of %s was stopped: %w", t.name(), context.Cause(ctx))
	case err != nil:
		return nil, err
	}
	return reportOf(&result), nil
}

// name names the state in errors.
func (t *StateTest) name() string {
	if t.State == "" {
		return "the state"
	}
	return fmt.Sprintf("state %q", t.State)
}

func (t *StateTest) inspection() interp.Inspection {
	q := interp.Inspection{
		Header: interp.Header{Identity: t.Identity}, State: t.State,
		Input: t.Input, Variables: t.Variables, Now: t.Now,
		Retried: t.RetryCount, FailedIterations: t.FailedIterations, ItemReaderData: t.ItemReaderData,
	}
	completeIdentity(&q.Header.Identity, Seed{}, Standard)
	q.Header.RoleARN = t.Identity.RoleARN
	if t.Identity.Execution == "" {
		q.Header.Execution = strings.Replace(q.Header.Execution, ":execution:", ":express:", 1)
	}
	if t.Now.IsZero() {
		q.Now = time.Now()
	}
	if !t.Context.IsNull() {
		q.Context = &t.Context
	}
	return q
}

// check refuses tests that cannot be made.
func (t *StateTest) check(p *Program) error {
	state, ok := stateNamed(p, t.State)
	switch {
	case !ok && t.State == "":
		return errors.New("StateTest.State is empty, and the definition has several states")
	case !ok:
		return errors.New("the definition has no such state")
	}
	switch s := state.(type) {
	case *asl.Task:
		if t.Work == nil {
			return fmt.Errorf("StateTest.Work is nil: %w %q", ErrNoTask, s.Resource.Text)
		}
	case *asl.Parallel, *asl.Map:
		if t.Work == nil {
			return errors.New("StateTest.Work is nil, which stands in for branches and iterations")
		}
	}
	return t.checkValues()
}

// checkValues refuses values that no state can have around it.
func (t *StateTest) checkValues() error {
	isObject := func(v jsonvalue.Value) bool { return v.IsNull() || v.Kind() == jsonvalue.KindObject }
	switch {
	case !isObject(t.Variables):
		return fmt.Errorf("StateTest.Variables must be an object, found %s", t.Variables.Kind())
	case !isObject(t.Context):
		return fmt.Errorf("StateTest.Context must be an object, found %s", t.Context.Kind())
	case t.RetryCount < 0:
		return fmt.Errorf("StateTest.RetryCount must not be negative, found %d", t.RetryCount)
	case t.FailedIterations < 0:
		return fmt.Errorf("StateTest.FailedIterations must not be negative, found %d", t.FailedIterations)
	}
	return errors.Join(checkData("StateTest.Input", t.Input), checkData("StateTest.Variables", t.Variables), checkData("StateTest.Context", t.Context))
}

// checkData refuses a value that no message could show: a program can make values that
// nest too deeply, or whose parts occur in them so often that their text has no end.
func checkData(name string, v jsonvalue.Value) error {
	const most = 256 << 20
	if depth := v.Depth(); depth > jsonvalue.MaxDepth {
		return fmt.Errorf("%s nests %d deep, and the maximum is %d", name, depth, jsonvalue.MaxDepth)
	}
	if size := v.Size(); size > most {
		return fmt.Errorf("%s has %d bytes as JSON text, and the maximum is %d", name, size, most)
	}
	return nil
}

func stateNamed(p *Program, name string) (asl.State, bool) {
	for s := range p.StateMachine().All() {
		if s.Info().Name == name {
			return s, true
		}
	}
	return nil, false
}

// perform has the work done.
func (t *StateTest) perform(ctx context.Context, w interp.Work) (jsonvalue.Value, *history.ErrorInfo) {
	task := &Task{Input: w.Input, State: w.State.Info().Name, RetryCount: t.RetryCount}
	if w.Start.Task != nil {
		task = newTask(&w.Start, t.Identity.Execution, t.Identity.RoleARN)
	}
	out, err := invoke(ctx, t.Work, task)
	if err != nil {
		name, cause, _ := taskFailure(err)
		return out, &history.ErrorInfo{Error: name, Cause: cause, HasError: name != "", HasCause: cause != ""}
	}
	return out, nil
}

func reportOf(r *interp.Inspected) *StateReport {
	report := &StateReport{Status: string(r.Status), Output: r.Output, ErrorInfo: r.ErrorInfo, NextState: r.Next, Data: r.Data}
	switch {
	case r.Caught:
		report.Status = "CAUGHT_ERROR"
	case r.Retriable:
		report.Status = "RETRIABLE"
	}
	return report
}
