package runtime_test

import (
	"context"
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// A worker, perhaps in another process, takes the task of an activity and answers it.
func ExampleEngine_PollActivity() {
	const pack = "arn:aws:states:us-east-1:123456789012:activity:pack"
	ctx := context.Background()
	engine, err := runtime.Open(ctx, store.Memory(), runtime.EngineConfig{})
	check(err)
	program := mustCompile(`{"StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": "` + pack + `", "HeartbeatSeconds": 60, "End": true}}}`)
	execution, err := engine.Start(ctx, program, runtime.Identity{}, jsonvalue.MustParse(`{"order": 7}`), nil)
	check(err)

	task, err := engine.PollActivity(ctx, pack, "packer-1")
	check(err)
	check(engine.HeartbeatTask(ctx, task.Token))
	check(engine.SucceedTask(ctx, task.Token, task.Input.With("packed", jsonvalue.Bool(true))))

	fmt.Println(engine.Wait(ctx, execution.Execution))
	check(engine.Close(ctx))
	// Output: {"order":7,"packed":true} <nil>
}

// One state machine starts another, and waits for its end.
func ExampleEngineConfig_stateMachine() {
	const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:double"
	double := mustCompile(`{"QueryLanguage": "JSONata", "StartAt": "D", "States": {"D": {"Type": "Pass", "Output": "{% 2 * $states.input.n %}", "End": true}}}`)
	find := func(_ context.Context, arn string) (runtime.Machine, error) {
		if arn != machine {
			return runtime.Machine{}, store.ErrNotFound
		}
		return runtime.Machine{Program: double, Identity: runtime.Identity{StateMachine: machine, StateMachineName: "double"}}, nil
	}
	ctx := context.Background()
	engine, err := runtime.Open(ctx, store.Memory(), runtime.EngineConfig{StateMachine: find})
	check(err)
	program := mustCompile(`{"QueryLanguage": "JSONata", "StartAt": "Both", "States": {"Both": {"Type": "Map", "Items": "{% $states.input %}", "End": true,
		"ItemProcessor": {"StartAt": "Child", "States": {"Child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
			"Arguments": {"StateMachineArn": "` + machine + `", "Input": {"n": "{% $states.input %}"}},
			"Output": "{% $states.result.Output %}", "End": true}}}}}}`)
	execution, err := engine.Start(ctx, program, runtime.Identity{}, jsonvalue.MustParse(`[20, 21]`), nil)
	check(err)
	fmt.Println(engine.Wait(ctx, execution.Execution))
	check(engine.Close(ctx))
	// Output: [40,42] <nil>
}
