package sfnapi

import (
	"errors"
	"maps"

	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

// testState performs one state, without a store.
func (s *scope) testState(in *teststate.Request) (fields, error) {
	name := timeUUID(s.now)
	operation := teststate.Operation{
		Tasks: resources{tasks: s.handler.config.Engine.Tasks, handler: s.handler, starts: true}, Now: s.now,
		Identity: runtime.Identity{
			ExecutionName: name, Execution: s.of(kindExpress, "StateMachine", name), StateMachine: s.of(kindMachine, "StateMachine"),
		},
	}
	answer, err := operation.Do(s.ctx, in)
	var refused *teststate.Refusal
	if errors.As(err, &refused) {
		return nil, refuse(refused.Code, "%s", refused.Message)
	}
	if err != nil {
		return nil, err
	}
	return maps.Collect(answer.Members()), nil
}
