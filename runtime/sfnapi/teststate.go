package sfnapi

import (
	"errors"

	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

type testStateIn struct {
	Definition    string              `sfn:"definition,required,1..1048576,data"`
	Role          string              `sfn:"roleArn,1..256"`
	Input         string              `sfn:"input,0..262144,data"`
	Level         string              `sfn:"inspectionLevel,enum=InspectionLevel"`
	RevealSecrets bool                `sfn:"revealSecrets"`
	Variables     string              `sfn:"variables,0..262144,data"`
	State         *string             `sfn:"stateName,1..80,data"`
	Mock          *mockInput          `sfn:"mock"`
	Context       string              `sfn:"context,0..262144,data"`
	Configuration *stateConfiguration `sfn:"stateConfiguration"`
}

type mockInput struct {
	Result      *string          `sfn:"result,0..262144,data"`
	ErrorOutput *mockErrorOutput `sfn:"errorOutput"`
	Validation  string           `sfn:"fieldValidationMode,enum=MockValidation"`
}

type mockErrorOutput struct {
	Error *string `sfn:"error,0..256,data"`
	Cause *string `sfn:"cause,0..32768,data"`
}

type stateConfiguration struct {
	RetryCount       int64  `sfn:"retrierRetryCount,0.."`
	CausedBy         string `sfn:"errorCausedByState,1..80,data"`
	FailedIterations *int64 `sfn:"mapIterationFailureCount,0.."`
	ReaderData       string `sfn:"mapItemReaderData,0..262144,data"`
}

// testState performs one state, without a store.
func (s *scope) testState(in *testStateIn) (fields, error) {
	name := timeUUID(s.now)
	operation := teststate.Operation{
		Tasks: resources{tasks: s.handler.config.Engine.Tasks, handler: s.handler, starts: true}, Now: s.now,
		Identity: runtime.Identity{
			ExecutionName: name, Execution: s.of(kindExpress, "StateMachine", name), StateMachine: s.of(kindMachine, "StateMachine"),
		},
	}
	answer, err := operation.Do(s.ctx, in.request())
	var refused *teststate.Refusal
	if errors.As(err, &refused) {
		return nil, refuse(refused.Code, "%s", refused.Message)
	}
	if err != nil {
		return nil, err
	}
	all := make(fields, answer.Len())
	for member, v := range answer.Members() {
		all[member] = v
	}
	return all, nil
}

func (in *testStateIn) request() *teststate.Request {
	q := &teststate.Request{
		Definition: in.Definition, RoleARN: in.Role, Input: in.Input, InspectionLevel: in.Level, RevealSecrets: in.RevealSecrets,
		Variables: in.Variables, StateName: in.State, Context: in.Context,
	}
	if m := in.Mock; m != nil {
		q.Mock = &teststate.Mock{Result: m.Result, FieldValidationMode: m.Validation}
		if m.ErrorOutput != nil {
			q.Mock.ErrorOutput = &teststate.ErrorOutput{Error: m.ErrorOutput.Error, Cause: m.ErrorOutput.Cause}
		}
	}
	if c := in.Configuration; c != nil {
		q.StateConfiguration = &teststate.Configuration{
			RetrierRetryCount: int(c.RetryCount), ErrorCausedByState: c.CausedBy, MapItemReaderData: c.ReaderData,
		}
		if c.FailedIterations != nil {
			n := int(*c.FailedIterations)
			q.StateConfiguration.MapIterationFailureCount = &n
		}
	}
	return q
}
