// Package teststate is AWS's operation TestState: its request, what it refuses and
// in which words, and its answer. The test itself is runtime.TestState.
package teststate

import (
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Request holds the parameters of the operation, in its JSON form. Texts that may
// be left out are nil or empty. The tags sfn are the constraints of the API, which package
// sfnapi reads.
type Request struct {
	Definition         string         `json:"definition" sfn:"definition,required,1..1048576,data"`
	RoleARN            string         `json:"roleArn" sfn:"roleArn,1..256"`
	Input              string         `json:"input" sfn:"input,0..262144,data"`
	InspectionLevel    string         `json:"inspectionLevel" sfn:"inspectionLevel,enum=InspectionLevel"`
	RevealSecrets      bool           `json:"revealSecrets" sfn:"revealSecrets"`
	Variables          string         `json:"variables" sfn:"variables,0..262144,data"`
	StateName          *string        `json:"stateName" sfn:"stateName,1..80,data"`
	Mock               *Mock          `json:"mock" sfn:"mock"`
	Context            string         `json:"context" sfn:"context,0..262144,data"`
	StateConfiguration *Configuration `json:"stateConfiguration" sfn:"stateConfiguration"`
}

// Mock stands for what the work of the state would do.
type Mock struct {
	Result              *string      `json:"result" sfn:"result,0..262144,data"`
	ErrorOutput         *ErrorOutput `json:"errorOutput" sfn:"errorOutput"`
	FieldValidationMode string       `json:"fieldValidationMode" sfn:"fieldValidationMode,enum=MockValidation"`
}

// ErrorOutput is the failure of mocked work.
type ErrorOutput struct {
	Error *string `json:"error" sfn:"error,0..256,data"`
	Cause *string `json:"cause" sfn:"cause,0..32768,data"`
}

// Configuration says what has happened before the state is tested, and what its
// ItemReader finds.
type Configuration struct {
	RetrierRetryCount        int64  `json:"retrierRetryCount" sfn:"retrierRetryCount,0.."`
	ErrorCausedByState       string `json:"errorCausedByState" sfn:"errorCausedByState,1..80,data"` // of a mocked Parallel or Map state; the answer does not show it (recorded)
	MapIterationFailureCount *int64 `json:"mapIterationFailureCount" sfn:"mapIterationFailureCount,0.."`
	MapItemReaderData        string `json:"mapItemReaderData" sfn:"mapItemReaderData,0..262144,data"`
}

// Refusal is an answer that refuses the request, in AWS's words.
type Refusal struct {
	Code    string // "ValidationException", "InvalidDefinition"
	Message string
}

// Error returns "ValidationException: State not found in definition".
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func invalid(format string, args ...any) error {
	return &Refusal{"ValidationException", fmt.Sprintf(format, args...)}
}

// program compiles a machine if a state is named, else a single state.
func (q *Request) program() (*runtime.Program, error) {
	parse := asl.ParseState
	if q.StateName != nil {
		parse = asl.Parse
	}
	machine, err := parse([]byte(q.Definition))
	if err != nil {
		return nil, &Refusal{"InvalidDefinition", InvalidDefinition(err)}
	}
	return runtime.Compile(machine)
}

// state returns the state that is tested.
func (q *Request) state(p *runtime.Program) (asl.State, error) {
	name := ""
	if q.StateName != nil {
		name = *q.StateName
	}
	for s := range p.StateMachine().All() {
		if s.Info().Name == name {
			return s, nil
		}
	}
	return nil, invalid("State not found in definition")
}

// texts parses the parameters that hold JSON. The words about variables and the Context
// Object are not recorded (unsure).
func (q *Request) texts(t *runtime.StateTest) error {
	t.Input = jsonvalue.Object()
	for _, field := range []struct {
		to            *jsonvalue.Value
		text          string
		code, message string
	}{
		{&t.Input, q.Input, "InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'"},
		{&t.Variables, q.Variables, "ValidationException", "Invalid variables provided: %s"},
		{&t.Context, q.Context, "ValidationException", "Invalid Context object provided: %s"},
	} {
		if field.text == "" {
			continue
		}
		v, err := jsonvalue.Parse([]byte(field.text))
		if err == nil && field.to != &t.Input && v.Kind() != jsonvalue.KindObject {
			err = fmt.Errorf("must be a JSON object, found %s", v.Kind())
		}
		if err != nil {
			return &Refusal{field.code, fmt.Sprintf(field.message, err)}
		}
		*field.to = v
	}
	return nil
}
