package sfnapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// nested finds the state machine that a task of states:startExecution starts: that of
// the API, in the region of its ARN. Refusals fail the task, with the names and words that
// the operation StartExecution has.
func (h *Handler) nested(ctx context.Context, text string) (runtime.Machine, error) {
	s := &scope{handler: h, ctx: ctx, operation: "StartExecution", now: time.Now()}
	ref, err := parseMachine(text)
	if err != nil {
		return runtime.Machine{}, nestedFault(err)
	}
	s.place = place{partition: partitionOf(ref.region), region: ref.region, account: h.config.Account}
	target, err := s.startable(ref, timeUUID(s.now))
	if err != nil {
		return runtime.Machine{}, nestedFault(err)
	}
	program, err := target.revision.program()
	if err != nil {
		return runtime.Machine{}, nestedFault(err)
	}
	notes := target.notes()
	m := runtime.Machine{Program: program, Identity: target.who, Meta: notes.encode()}
	if target.revision.Type == typeExpress {
		m.Express = func(ctx context.Context, who runtime.Identity, input jsonvalue.Value) (string, time.Time, error) {
			if err := h.awaitOpen(ctx); err != nil {
				return "", time.Time{}, err
			}
			x, err := h.runExpress(ctx, &beginning{target: target, who: who, input: input}, runtime.AsyncExpress)
			if err != nil {
				return "", time.Time{}, nestedFault(err)
			}
			return x.who.Execution, x.start, nil
		}
	}
	return m, nil
}

// nestedFault is a refusal as the task sees it.
func nestedFault(err error) error {
	var f *fault
	switch {
	case notThere(err):
		return store.ErrNotFound
	case errors.As(err, &f):
		cause := f.message + " (Service: AWSStepFunctions; Status Code: 400; Error Code: " + f.name + "; Request ID: " + randomUUID() + "; Proxy: null)"
		return &runtime.TaskError{Name: "StepFunctions." + strings.TrimSuffix(f.name, "Exception") + "Exception", Cause: cause}
	}
	return err
}
