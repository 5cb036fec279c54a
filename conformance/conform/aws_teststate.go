package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// testStates replays TestState.
func (s *awsRun) testStates(c *recorded.Case) error {
	expected, err := jsonvalue.Parse(c.Expected)
	if err != nil {
		return err
	}
	n := recorded.NewNormaliser(c)
	for i := range c.Calls {
		call := &c.Calls[i]
		if call.Match == "" {
			continue
		}
		want, _ := expected.Get(call.Match)
		args := argsOf(c, call)
		if args == nil {
			return errors.New("the case does not say which call is compared")
		}
		got, err := answerTestState(c, args)
		if err != nil {
			err = compareRefusal(want, err)
		} else {
			err = n.Difference(call.Match, want.Without("ResponseMetadata"), recorded.Unfold(got))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// argsOf returns the arguments of the call whose answer a step compares.
func argsOf(c *recorded.Case, step *recorded.Call) []byte {
	from := step.FromCall
	for i := range c.Calls {
		if c.Calls[i].Op == "TestState" && (from == nil || c.Calls[i].I == *from) {
			return c.Calls[i].Args
		}
	}
	return nil
}

func compareRefusal(want jsonvalue.Value, err error) error {
	var refused *teststate.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	code, message := want, want
	if e, ok := want.Get("Error"); ok {
		code, _ = e.Get("Code")
		message, _ = e.Get("Message")
	} else {
		code, _ = want.Get("exception_typename")
		message, _ = want.Get("exception_value")
	}
	if recorded.TextOf(code) != refused.Code || !strings.HasSuffix(recorded.TextOf(message), refused.Message) {
		return fmt.Errorf("want %s, got %s", recorded.Brief(want), refused)
	}
	return nil
}

// answerTestState answers as the operation does.
func answerTestState(c *recorded.Case, args []byte) (jsonvalue.Value, error) {
	var q teststate.Request
	if err := json.Unmarshal(args, &q); err != nil {
		return jsonvalue.Value{}, err
	}
	if q.StateName != nil && *q.StateName == "" {
		// AWS's client does not send it.
		return jsonvalue.Value{}, &teststate.Refusal{Code: "ParamValidationError", Message: "Parameter validation failed:\nInvalid length for parameter stateName, value: 0, valid min length: 1"}
	}
	operation := teststate.Operation{
		Now: recorded.At,
		Identity: runtime.Identity{
			StateMachineName: "tested", StateMachine: "arn:aws:states:us-east-1:111111111111:stateMachine:tested",
			ExecutionName: "test", Execution: "arn:aws:states:us-east-1:111111111111:express:tested:test",
		},
	}
	if len(c.Lambdas) > 0 {
		functions := recorded.NewFunctions(c.Lambdas)
		operation.Tasks = runtime.Mux{"*:function:*": functions, "arn:aws:states:::lambda:invoke": runtime.Lambda(functions)}
	}
	return operation.Do(context.Background(), &q)
}
