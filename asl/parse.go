package asl

// Parse reads a definition in JSON. The error is of type [Diagnostics] and
// holds every problem, not only the first.
func Parse(definition []byte) (*StateMachine, error) { panic("asl: Parse is not there yet") }

// ParseState reads a single state, as runtime.TestState can run it: a machine
// of one state without a name, whose transitions may lead anywhere.
func ParseState(state []byte) (*StateMachine, error) { panic("asl: ParseState is not there yet") }
