package interp

import (
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Outcome is how an execution ended.
type Outcome struct {
	Status Status
	Output jsonvalue.Value // if it succeeded

	// If it did not succeed:
	history.ErrorInfo
	State string // the state that failed; "" if it was not a state
	Path  string // the way to it through Map and Parallel states: "M[1]/I"
	Task  TaskID // the task that failed; zero: none
}
