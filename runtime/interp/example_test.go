package interp_test

import (
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// The whole loop of a driver: here one that performs tasks itself, one after
// the other, and passes the time of waits by setting its clock.
func Example() {
	machine, err := asl.Parse([]byte(`{"StartAt": "Pause", "States": {
		"Pause": {"Type": "Wait", "Seconds": 30, "Next": "Work"},
		"Work": {"Type": "Task", "Resource": "work", "ResultPath": "$.done", "End": true}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := interp.Compile(machine)
	if err != nil {
		fmt.Println(err)
		return
	}

	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	x := program.New(interp.Header{}, interp.Config{History: true})
	x.Begin(jsonvalue.MustParse(`{"id": 7}`))
	for {
		ready := x.Step(now)

		// 1. Commit Header, Changed, Values, Removed, Dropped and History: a store
		// would, here, in one transaction.

		// 2. Publish.
		for _, event := range ready.History {
			fmt.Println(event.ID, event.Type)
		}
		if ready.Outcome != nil {
			fmt.Println(ready.Outcome.Status, ready.Outcome.Output)
			return
		}

		// 3. Act. This driver has nothing running that could be cancelled.
		for _, task := range ready.Start {
			x.Succeed(task.ID, jsonvalue.Bool(true))
		}

		// 4. Wait.
		if len(ready.Start) == 0 {
			now = ready.Wake
		}
	}
	// Output:
	// 1 ExecutionStarted
	// 2 WaitStateEntered
	// 3 WaitStateExited
	// 4 TaskStateEntered
	// 5 TaskScheduled
	// 6 TaskStarted
	// 7 TaskSucceeded
	// 8 TaskStateExited
	// 9 ExecutionSucceeded
	// SUCCEEDED {"id":7,"done":true}
}
