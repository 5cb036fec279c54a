package sfnapi

import (
	"context"
	"errors"
	"time"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// nested finds the state machine that a task of states:startExecution starts: that of
// the API, in the region of its ARN. Refusals fail the task, with the names and words that
// the operation StartExecution has.
func (h *Handler) nested(ctx context.Context, text string) (*runtime.Program, runtime.Identity, []byte, error) {
	s := &scope{handler: h, ctx: ctx, operation: "StartExecution", now: time.Now()}
	ref, err := parseMachine(text)
	if err == nil {
		s.place = place{partition: partitionOf(ref.region), region: ref.region, account: h.config.Account}
	}
	var target *startable
	if err == nil {
		target, err = s.startable(ref, timeUUID(s.now))
	}
	var program *runtime.Program
	if err == nil {
		program, err = target.revision.program()
	}
	var f *fault
	switch {
	case errors.As(err, &f) && f.name == "StateMachineDoesNotExist":
		return nil, runtime.Identity{}, nil, store.ErrNotFound
	case errors.As(err, &f):
		cause := f.message + " (Service: AWSStepFunctions; Status Code: 400; Error Code: " + f.name + "; Request ID: " + randomUUID() + "; Proxy: null)"
		return nil, runtime.Identity{}, nil, &runtime.TaskError{Name: "StepFunctions." + f.name + "Exception", Cause: cause}
	case err != nil:
		return nil, runtime.Identity{}, nil, err
	}
	notes := meta{Revision: target.revision.ID}
	return program, target.who, notes.encode(), nil
}
