package runtime

import (
	"context"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// Resident returns how many executions are in memory.
func (e *Engine) Resident() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.resident)
}

// Take takes the task of an activity as PollActivity does, but one that the caller chooses.
func (e *Engine) Take(ctx context.Context, execution string, id interp.TaskID, worker string) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.work.leave()
	return e.takeOffer(ctx, &store.Message{ID: offerPrefix + taskID(execution, id), From: execution, Task: id}, worker).err
}
