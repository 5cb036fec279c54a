package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// testStates replays TestState.
func (s *awsRun) testStates(c *awsCase) error {
	expected, err := jsonvalue.Parse(c.Expected)
	if err != nil {
		return err
	}
	n := newNormaliser(c)
	for i := range c.Calls {
		call := &c.Calls[i]
		if call.Match == "" {
			continue
		}
		want, _ := expected.Get(call.Match)
		args := c.argsOf(call)
		if args == nil {
			return errors.New("the case does not say which call is compared")
		}
		if need := unanswerable(want); need != "" {
			return need
		}
		got, err := answerTestState(c, args)
		if err != nil {
			err = compareRefusal(want, err)
		} else {
			err = n.difference(call.Match, want.Without("ResponseMetadata"), unfold(got))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unanswerable says what a recorded answer needs that is not there.
func unanswerable(want jsonvalue.Value) needs {
	text := want.String()
	if strings.Contains(text, "Mock result schema validation error") {
		return "the API model of a service"
	}
	return ""
}

// argsOf returns the arguments of the call whose answer a step compares.
func (c *awsCase) argsOf(step *awsCall) []byte {
	from := step.FromCall
	for i := range c.Calls {
		if c.Calls[i].Op == "TestState" && (from == nil || c.Calls[i].I == *from) {
			return c.Calls[i].Args
		}
	}
	return nil
}

// refusedCall is an error answer of the operation.
type refusedCall struct{ code, message string }

func (e *refusedCall) Error() string { return e.code + ": " + e.message }

func compareRefusal(want jsonvalue.Value, err error) error {
	var refused *refusedCall
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
	if bare(code) != refused.code || !strings.HasSuffix(bare(message), refused.message) {
		return fmt.Errorf("want %s, got %s", brief(want), refused)
	}
	return nil
}

// testStateRequest is what the operation is called with.
type testStateRequest struct {
	Definition, RoleArn, Input, InspectionLevel, Variables, Context string

	StateName *string

	RevealSecrets bool
	Mock          *struct {
		Result              *string
		ErrorOutput         *struct{ Error, Cause string }
		FieldValidationMode string
	}
	StateConfiguration *struct {
		RetrierRetryCount        int
		ErrorCausedByState       string
		MapIterationFailureCount *int
		MapItemReaderData        string
	}
}

// answerTestState answers as the operation does.
func answerTestState(c *awsCase, args []byte) (jsonvalue.Value, error) {
	var q testStateRequest
	if err := json.Unmarshal(args, &q); err != nil {
		return jsonvalue.Value{}, err
	}
	if q.StateName != nil && *q.StateName == "" {
		// AWS's client does not send it.
		return jsonvalue.Value{}, &refusedCall{"ParamValidationError", "Parameter validation failed:\nInvalid length for parameter stateName, value: 0, valid min length: 1"}
	}
	program, err := q.program()
	if err != nil {
		return jsonvalue.Value{}, err
	}
	test, err := q.test(c)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	report, err := runtime.TestState(context.Background(), program, test)
	switch {
	case errors.Is(err, runtime.ErrNoTask):
		return jsonvalue.Value{}, &refusedCall{"ValidationException", "RoleArn must be specified when testing a Task state"}
	case err != nil && strings.HasPrefix(err.Error(), "TestState API"):
		return jsonvalue.Value{}, &refusedCall{"InvalidDefinition", err.Error()}
	case err != nil:
		return jsonvalue.Value{}, &refusedCall{"ValidationException", err.Error()}
	}
	return jsonvalue.Of(report)
}

// program compiles a machine if a state is named, else a single state.
func (q *testStateRequest) program() (*runtime.Program, error) {
	parse := asl.ParseState
	if q.StateName != nil {
		parse = asl.Parse
	}
	machine, err := parse([]byte(q.Definition))
	if err != nil {
		return nil, &refusedCall{"InvalidDefinition", refusalOf(err)}
	}
	return runtime.Compile(machine)
}

func (q *testStateRequest) test(c *awsCase) (runtime.StateTest, error) {
	t := runtime.StateTest{
		Now: recordedAt,
		Identity: runtime.Identity{
			RoleARN: q.RoleArn, StateMachineName: "tested", StateMachine: "arn:aws:states:us-east-1:111111111111:stateMachine:tested",
			ExecutionName: "test", Execution: "arn:aws:states:us-east-1:111111111111:express:tested:test",
		},
		Level: map[string]runtime.Level{"DEBUG": runtime.LevelDebug, "TRACE": runtime.LevelTrace}[q.InspectionLevel],
	}
	if q.StateName != nil {
		t.State = *q.StateName
	}
	var err error
	for _, field := range []struct {
		to   *jsonvalue.Value
		text string
	}{{&t.Input, q.Input}, {&t.Variables, q.Variables}, {&t.Context, q.Context}} {
		if field.text != "" && err == nil {
			*field.to, err = jsonvalue.Parse([]byte(field.text))
		}
	}
	if q.Input == "" {
		t.Input = jsonvalue.Object()
	}
	if err != nil {
		return t, err
	}
	if err := q.configure(&t); err != nil {
		return t, err
	}
	if q.Mock != nil {
		t.Mock, err = q.mock()
	} else if q.RoleArn != "" && len(c.Lambdas) > 0 {
		functions := newFunctions(c.Lambdas)
		t.Work = runtime.Mux{"*:function:*": functions, "arn:aws:states:::lambda:invoke": runtime.Lambda(functions)}
	}
	return t, err
}

func (q *testStateRequest) configure(t *runtime.StateTest) (err error) {
	s := q.StateConfiguration
	if s == nil {
		return nil
	}
	if s.MapIterationFailureCount != nil {
		if q.Mock == nil {
			return &refusedCall{"ValidationException", "TestState does not support MapIterationFailureCount when a mock is not specified."}
		}
		t.FailedIterations = *s.MapIterationFailureCount
	}
	t.RetryCount = s.RetrierRetryCount
	if s.MapItemReaderData != "" {
		t.ItemReaderData, err = jsonvalue.Parse([]byte(s.MapItemReaderData))
	}
	return err
}

// mock returns what stands for the work of the state.
func (q *testStateRequest) mock() (*runtime.Mock, error) {
	refuse := func(message string) (*runtime.Mock, error) {
		return nil, &refusedCall{"ValidationException", message}
	}
	m := q.Mock
	switch {
	case q.RevealSecrets:
		return refuse("TestState does not support RevealSecrets when a mock is specified.")
	case m.Result != nil && m.ErrorOutput != nil:
		return refuse("A test mock should have only one of the following fields: [result, errorOutput].")
	case m.ErrorOutput != nil:
		return &runtime.Mock{Err: &runtime.TaskError{Name: m.ErrorOutput.Error, Cause: m.ErrorOutput.Cause}}, nil
	}
	result, err := jsonvalue.Parse([]byte(*m.Result))
	if err != nil {
		return refuse("Mocked result must be valid JSON")
	}
	return &runtime.Mock{Result: result}, nil
}
