package runtime

import (
	"context"
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// Program is a state machine made ready to run. It is immutable; share it.
type Program = interp.Program

// Identity holds the names of an execution, as the Context Object shows them.
type Identity = interp.Identity

// Limits bound an execution; the zero Limits are Step Functions' quotas.
type Limits = interp.Limits

// Seed determines all that is random in an execution.
type Seed = interp.Seed

// Compile makes a program of a machine: names are resolved, every path,
// template and expression is compiled, and nothing is looked up when it runs.
// The error is of type asl.Diagnostics.
func Compile(sm *asl.StateMachine) (*Program, error) { return interp.Compile(sm) }

// Run runs one execution to its end and returns its output. It is
// Runner{Tasks: tasks}.Run.
func Run(ctx context.Context, p *Program, input jsonvalue.Value, tasks TaskInvoker) (jsonvalue.Value, error) {
	return Runner{Tasks: tasks}.Run(ctx, p, input)
}

// Call runs one execution as if the state machine were a Go function: the
// input is encoded and the output decoded by the rules of encoding/json. An
// output that does not fit is an error, although the execution succeeded.
//
//	receipt, err := runtime.Call[Receipt](ctx, program, order, tasks)
func Call[Out, In any](ctx context.Context, p *Program, in In, tasks TaskInvoker) (Out, error) {
	var out Out
	input, err := jsonvalue.Of(in)
	if err != nil {
		return out, fmt.Errorf("runtime: input is no JSON: %w", err)
	}
	v, err := Run(ctx, p, input, tasks)
	if err != nil {
		return out, err
	}
	if err := v.Decode(&out); err != nil {
		return out, fmt.Errorf("runtime: output does not fit %T: %w", out, err)
	}
	return out, nil
}
