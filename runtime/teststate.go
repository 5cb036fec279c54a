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
	Input     jsonvalue.Value // of the state
	Variables jsonvalue.Value // an object. Default: none

	// Context stands for the Context Object; only together with Work. Default:
	// null, one is made of Identity.
	Context jsonvalue.Value

	// Work does the work of the state: it performs the task of a Task state, and
	// stands in, in one call, for all that is inside a Parallel or Map state.
	// Default: none, and those states are refused.
	Work TaskInvoker

	// Mock stands for what Work would do, and is looked at before the state is
	// entered. Default: nil, Work is called.
	Mock *Mock

	RetryCount int   // how often the state has been retried. Default: 0
	Level      Level // Default: LevelInfo

	// FailedIterations is how many iterations of a Map state have failed, which
	// its tolerated failures are held against. Default: 0
	FailedIterations int

	// ItemReaderData is what the ItemReader of a Map state finds: the content of a
	// JSON file, or an array of the items that other forms of files hold.
	// ItemsPointer and MaxItems choose from it. Default: null, and such a state
	// iterates over its input.
	ItemReaderData jsonvalue.Value

	// Identity is what the Context Object says. Default: as for a Runner, but of
	// an express execution, as on AWS, and without a role.
	Identity Identity

	// Now is the time at which the state is entered. Default: the time of the
	// system.
	Now time.Time
}

// Mock is the result of a state's work, or the error with which it fails.
type Mock struct {
	Result jsonvalue.Value
	Err    error // nil: the work succeeds
}

// InvokeTask implements [TaskInvoker].
func (m *Mock) InvokeTask(context.Context, *Task) (jsonvalue.Value, error) { return m.Result, m.Err }

// Level says how much a StateReport holds.
type Level uint8

// The levels of AWS's TestState. The data of an HTTP task, which TRACE adds
// there, is not made: an HTTP task is a task like any other here.
const (
	LevelInfo  Level = iota // the outcome
	LevelDebug              // also the data after each step of the data flow
	LevelTrace              // as LevelDebug
)

// StateReport is what came of a StateTest. Its JSON form is AWS's.
type StateReport struct {
	Status            string          // SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR
	Output            jsonvalue.Value // if it succeeded or was caught
	history.ErrorInfo                 // if it did not succeed
	NextState         string
	Data              jsonvalue.Value // inspectionData: null at LevelInfo
}

// TestState performs one state of a program, as the AWS operation of that name
// does, and says what its output would be and which state would be next. An
// error says that the test cannot be made, in AWS's words where it has some.
//
// Waits take no time. Whether what Work returns has the shape that the API of
// a service has is not checked.
func TestState(ctx context.Context, p *Program, t StateTest) (*StateReport, error) {
	if p == nil || p.StateMachine() == nil {
		return nil, errors.New("runtime: no program")
	}
	state, err := t.state(p)
	if err != nil {
		return nil, err
	}
	if t.Mock != nil {
		t.Work = t.Mock
	}
	if err := t.check(state); err != nil {
		return nil, err
	}
	q := interp.Inspection{
		Header: interp.Header{Identity: t.Identity}, State: state.Info().Name,
		Input: t.Input, Variables: t.Variables, Now: t.Now,
		Retried: t.RetryCount, FailedIterations: t.FailedIterations, ItemReaderData: t.ItemReaderData,
	}
	completeIdentity(&q.Header.Identity, Seed{})
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
	var refused error
	q.Work = func(w interp.Work) (jsonvalue.Value, *history.ErrorInfo) {
		out, failed, err := t.perform(ctx, w)
		refused = err
		return out, failed
	}
	result, err := p.Inspect(q)
	if err = errors.Join(err, refused); err != nil {
		return nil, err
	}
	return t.report(&result), nil
}

// refusal is an error in AWS's words, which begin with a capital letter and may
// end with a full stop.
type refusal string

// Error returns AWS's words.
func (r refusal) Error() string { return string(r) }

// state returns the state that is tested.
func (t *StateTest) state(p *Program) (asl.State, error) {
	for s := range p.StateMachine().All() {
		if s.Info().Name == t.State {
			return s, nil
		}
	}
	return nil, refusal("State not found in definition")
}

// check refuses tests that AWS refuses.
func (t *StateTest) check(state asl.State) error {
	kind := state.Info().Type
	works := kind == "Task" || kind == "Parallel" || kind == "Map"
	switch {
	case works && t.Work == nil && kind == "Task":
		return fmt.Errorf("%w: StateTest.Work is nil", ErrNoTask)
	case works && t.Work == nil:
		return refusal("TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]")
	case !works && t.Work != nil:
		return refusal("State type '" + kind + "' is not supported when a mock is specified")
	}
	if err := t.checkValues(); err != nil {
		return err
	}
	if t.Mock != nil && t.Mock.Err == nil {
		if err := checkShape(state, t.Mock.Result); err != nil {
			return err
		}
	}
	return checkContext(t.Context, state)
}

// checkValues refuses values that no state can have around it.
func (t *StateTest) checkValues() error {
	isObject := func(v jsonvalue.Value) bool { return v.IsNull() || v.Kind() == jsonvalue.KindObject }
	switch {
	case !isObject(t.Variables):
		return fmt.Errorf("runtime: StateTest.Variables must be an object, found %s", t.Variables.Kind())
	case !isObject(t.Context):
		return fmt.Errorf("runtime: StateTest.Context must be an object, found %s", t.Context.Kind())
	case t.RetryCount < 0:
		return fmt.Errorf("runtime: StateTest.RetryCount must not be negative, found %d", t.RetryCount)
	case t.FailedIterations < 0:
		return fmt.Errorf("runtime: StateTest.FailedIterations must not be negative, found %d", t.FailedIterations)
	}
	return nil
}

// checkShape refuses a result that a Parallel or Map state cannot have.
func checkShape(state asl.State, out jsonvalue.Value) error {
	isArray := out.Kind() == jsonvalue.KindArray
	m, isMap := state.(*asl.Map)
	parallel, isParallel := state.(*asl.Parallel)
	switch {
	case isMap && m.ResultWriter != nil && out.Kind() != jsonvalue.KindObject:
		return refusal("Mocked result must be a JSON object.")
	case isMap && m.ResultWriter == nil && !isArray, isParallel && !isArray:
		return refusal("Mocked result must be an array.")
	case isParallel && out.Len() != len(parallel.Branches):
		return refusal("Mocked result must contain the same number of items as number of Parallel branches.")
	}
	return nil
}

// perform has the work done, and looks at the shape of what comes of it.
func (t *StateTest) perform(ctx context.Context, w interp.Work) (jsonvalue.Value, *history.ErrorInfo, error) {
	if _, isMap := w.State.(*asl.Map); isMap && t.FailedIterations > w.Input.Len() {
		return jsonvalue.Value{}, nil, refusal("Map iteration failure count must be less than or equal to the number of Map iterations")
	}
	task := &Task{Input: w.Input, State: w.State.Info().Name, RetryCount: t.RetryCount}
	if s := w.Start.Task; s != nil {
		task = newTask(&w.Start, t.Identity.Execution)
	}
	out, err := t.Work.InvokeTask(ctx, task)
	if err != nil {
		name, cause, _ := taskFailure(err)
		return out, &history.ErrorInfo{Error: name, Cause: cause, HasError: name != "", HasCause: cause != ""}, nil
	}
	return out, nil, checkShape(w.State, out)
}

func (t *StateTest) report(r *interp.Inspected) *StateReport {
	report := &StateReport{
		Status: string(r.Status), Output: r.Output, ErrorInfo: r.ErrorInfo, NextState: r.Next,
	}
	switch {
	case r.Caught:
		report.Status = "CAUGHT_ERROR"
	case r.Retriable:
		report.Status = "RETRIABLE"
	}
	if t.Level != LevelInfo {
		report.Data = r.Data
	}
	return report
}

// MarshalJSON implements json.Marshaler.
func (r *StateReport) MarshalJSON() ([]byte, error) {
	text := jsonvalue.String
	members := []jsonvalue.Member{{Name: "status", Value: text(r.Status)}}
	if r.Status == "SUCCEEDED" || r.Status == "CAUGHT_ERROR" {
		members = append(members, jsonvalue.Member{Name: "output", Value: text(r.Output.String())})
	}
	if r.HasError || r.Error != "" {
		members = append(members, jsonvalue.Member{Name: "error", Value: text(r.Error)})
	}
	if r.HasCause || r.Cause != "" {
		members = append(members, jsonvalue.Member{Name: "cause", Value: text(r.Cause)})
	}
	if r.NextState != "" {
		members = append(members, jsonvalue.Member{Name: "nextState", Value: text(r.NextState)})
	}
	if !r.Data.IsNull() {
		members = append(members, jsonvalue.Member{Name: "inspectionData", Value: r.Data})
	}
	return jsonvalue.Object(members...).MarshalJSON()
}
