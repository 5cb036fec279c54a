package sfnapi

import (
	"context"
	"errors"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// What the API needs beyond runtime.Executions. An Engine has all of it; those of
// Config.Executions may lack some, and operations that need it are refused.
type (
	polled interface {
		PollActivity(ctx context.Context, activity, worker string) (*runtime.ActivityTask, error)
	}
	mapped interface {
		MapRun(ctx context.Context, arn string) (runtime.MapRun, error)
		MapRuns(ctx context.Context, execution string) ([]runtime.MapRun, error)
		MapRunChildren(ctx context.Context, q store.Query) ([]runtime.MapRunChild, error)
		UpdateMapRun(ctx context.Context, arn string, u runtime.MapRunUpdate) error
	}
	condemned interface {
		Condemn(ctx context.Context, id, cause string) error
	}
	deleted interface {
		Delete(ctx context.Context, id string) error
	}
	nested interface {
		StartNested(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error)
	}
)

// lacking refuses an operation that the executions do not offer. AWS offers all.
func lacking(what string) *fault {
	return invalid("The executions of this server have no %s.", what)
}

// mapRuns returns what knows the Map Runs.
func (h *Handler) mapRuns() (mapped, error) {
	if m, ok := h.executions.(mapped); ok {
		return m, nil
	}
	return nil, lacking("Map Runs")
}

// logsNothing refuses logs of executions that do not tell their events.
func (h *Handler) logsNothing(l *loggingConfiguration) error {
	if h.config.Executions != nil && l != nil && l.Level != "OFF" {
		return refuse("InvalidLoggingConfiguration", "Invalid Logging Configuration: the executions of this server are not logged.")
	}
	return nil
}

// undeleted asks for the executions that are still to be deleted: all, or those that run if the
// others stay as long as whoever has them keeps them.
func (d *deletion) undeleted(after string) store.Query {
	q := store.Query{StateMachine: d.ref.plain(), Oldest: true, After: after}
	if _, ok := d.handler.executions.(deleted); !ok {
		q.Oldest, q.Status = false, interp.Running
	}
	return q
}

// deleteExecution deletes one that is over, or leaves it to whoever keeps it.
func (d *deletion) deleteExecution(ctx context.Context, id string) error {
	if all, ok := d.handler.executions.(deleted); ok {
		return all.Delete(ctx, id)
	}
	return nil
}

// condemnExecution makes one fail at its next transition, or else at once.
func (h *Handler) condemnExecution(ctx context.Context, id, cause string) error {
	if all, ok := h.executions.(condemned); ok {
		return all.Condemn(ctx, id, cause)
	}
	_, err := h.executions.Stop(ctx, id, "States.Runtime", cause)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
