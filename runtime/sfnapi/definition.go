package sfnapi

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

// typeExpress is the type of state machines that keep no history. All others are
// STANDARD.
const (
	typeStandard = "STANDARD"
	typeExpress  = "EXPRESS"
)

// parse reads a definition by the rules of a type of state machines.
func parse(kind, definition string) (*asl.StateMachine, error) {
	m, found := asl.Validator{Express: kind == typeExpress}.Parse([]byte(definition))
	if err := found.Err(); err != nil {
		return nil, refuse("InvalidDefinition", "%s", teststate.InvalidDefinition(err))
	}
	return m, nil
}

// compile makes a program of a definition.
func compile(kind, definition string) (*runtime.Program, error) {
	m, err := parse(kind, definition)
	if err != nil {
		return nil, err
	}
	program, err := runtime.Compile(m)
	if err != nil {
		return nil, refuse("InvalidDefinition", "%s", teststate.InvalidDefinition(err))
	}
	return program, nil
}
