package sfnapi

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

// The types of state machines. Those that are EXPRESS keep no history.
const (
	typeStandard = "STANDARD"
	typeExpress  = "EXPRESS"
)

// compile makes a program of a definition, by the rules of a type of state machines.
func compile(kind, definition string) (*runtime.Program, error) {
	m, found := asl.Validator{Express: kind == typeExpress}.Parse([]byte(definition))
	err := found.Err()
	if err == nil {
		var program *runtime.Program
		if program, err = runtime.Compile(m); err == nil {
			return program, nil
		}
	}
	return nil, refuse("InvalidDefinition", "%s", teststate.InvalidDefinition(err))
}
