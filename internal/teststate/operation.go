package teststate

import (
	"context"
	"math"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Operation answers requests.
type Operation struct {
	Tasks    runtime.TaskInvoker // performs tasks without a mock. Default: nil, they are refused
	Identity runtime.Identity    // of the Context Object; the role is that of the request. Default: as for runtime.StateTest
	Now      time.Time           // Default: the time of the system
}

// Do answers a request. An error is a *Refusal if AWS refuses the request as well.
func (o Operation) Do(ctx context.Context, q *Request) (jsonvalue.Value, error) {
	program, err := q.program()
	if err != nil {
		return jsonvalue.Value{}, err
	}
	state, err := q.state(program)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	test := runtime.StateTest{State: state.Info().Name, Identity: o.Identity, Now: o.Now}
	test.Identity.RoleARN = q.RoleARN
	if err := q.texts(&test); err != nil {
		return jsonvalue.Value{}, err
	}
	if err := q.configure(&test, state); err != nil {
		return jsonvalue.Value{}, err
	}
	work, err := o.work(q, &test, state)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if err := checkContext(test.Context, state); err != nil {
		return jsonvalue.Value{}, err
	}
	report, err := runtime.TestState(ctx, program, test)
	if work != nil && work.refused != nil {
		err = work.refused
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return q.answer(report), nil
}

// configure takes over what has happened before the state is tested.
func (q *Request) configure(t *runtime.StateTest, state asl.State) (err error) {
	m, isMap := state.(*asl.Map)
	s := q.StateConfiguration
	if s == nil {
		s = new(Configuration)
	}
	switch {
	case s.MapIterationFailureCount != nil && q.Mock == nil:
		return invalid("TestState does not support MapIterationFailureCount when a mock is not specified.")
	case s.MapIterationFailureCount != nil && !isMap:
		return invalid("MapIterationFailureCount is only supported when testing a Map state.")
	case s.MapIterationFailureCount != nil:
		t.FailedIterations = int(min(*s.MapIterationFailureCount, math.MaxInt32))
	}
	t.RetryCount = int(min(s.RetrierRetryCount, math.MaxInt32))
	if s.MapItemReaderData != "" {
		if t.ItemReaderData, err = jsonvalue.Parse([]byte(s.MapItemReaderData)); err != nil {
			return invalid("Invalid mapItemReaderData provided: %s", err) // the words are not recorded (unsure)
		}
	}
	if isMap && m.ItemReader != nil && q.Mock != nil && s.MapItemReaderData == "" {
		return invalid("ItemReader data must be specified when testing a Map state with ItemReader specified.")
	}
	return nil
}

// work finds who does the work of the state.
func (o Operation) work(q *Request, t *runtime.StateTest, state asl.State) (*mocked, error) {
	kind := state.Info().Type
	task, isTask := state.(*asl.Task)
	contains := kind == "Parallel" || kind == "Map"
	switch {
	case q.Mock == nil && isTask && (q.RoleARN == "" || o.Tasks == nil):
		return nil, invalid("RoleArn must be specified when testing a Task state")
	case q.Mock == nil && contains:
		return nil, &Refusal{"InvalidDefinition", "TestState API does not support Map or Parallel states. " +
			"Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"}
	case q.Mock == nil && isTask:
		t.Work = o.Tasks
		return nil, o.performs(task)
	case q.Mock == nil:
		return nil, nil
	case q.RevealSecrets:
		return nil, invalid("TestState does not support RevealSecrets when a mock is specified.")
	case !isTask && !contains:
		return nil, invalid("State type '%s' is not supported when a mock is specified", kind)
	}
	work, err := newMocked(state, q.Mock, t.FailedIterations)
	if err != nil {
		return nil, err
	}
	t.Work = work
	return work, nil
}

// performs returns an error that is runtime.ErrNoTask if nobody performs the task.
func (o Operation) performs(task *asl.Task) error {
	resolver, ok := o.Tasks.(runtime.Resolver)
	if !ok {
		return nil
	}
	_, err := resolver.Resolve(task.Resource.Text)
	return err
}

// answer puts a report into the form of the operation.
func (q *Request) answer(r *runtime.StateReport) jsonvalue.Value {
	var members []jsonvalue.Member
	add := func(name string, v jsonvalue.Value) {
		members = append(members, jsonvalue.Member{Name: name, Value: v})
	}
	text := jsonvalue.String
	add("status", text(r.Status))
	if r.Status == "SUCCEEDED" || r.Status == "CAUGHT_ERROR" {
		add("output", text(r.Output.String()))
	}
	if r.HasError {
		add("error", text(r.Error))
	}
	if r.HasCause {
		add("cause", text(r.Cause))
	}
	if r.NextState != "" {
		add("nextState", text(r.NextState))
	}
	if q.InspectionLevel == "DEBUG" || q.InspectionLevel == "TRACE" {
		add("inspectionData", r.Data)
	}
	return jsonvalue.Object(members...)
}
