package runtime

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	retentionPause = time.Hour // between two looks for executions that are to be deleted
	retentionBatch = 1000      // executions that are deleted in one commit
)

// expire deletes executions that are over for longer than the retention, until the Engine is
// closed.
func (e *Engine) expire() {
	for !e.isClosing() {
		if err := e.deleteExpired(e.ctx, e.now().Add(-e.config.Retention)); err != nil && !e.isClosing() {
			e.log("old executions cannot be deleted", "error", err)
		}
		e.sleep(retentionPause)
	}
}

// deleteExpired deletes executions that were over before an instant. It walks from the oldest to the
// first that had not begun then: no index of the ends is needed, and each hour's walk is short.
func (e *Engine) deleteExpired(ctx context.Context, before time.Time) error {
	stays := "" // the last execution that was passed, which is there still
	for {
		page, err := e.store.List(ctx, store.Query{Oldest: true, After: stays, Limit: retentionBatch})
		if err != nil || len(page) == 0 {
			return err
		}
		var expired []string
		for i := range page {
			if stop := page[i].Stop; !stop.IsZero() && stop.Before(before) {
				expired = append(expired, page[i].Execution)
			} else {
				stays = page[i].Execution
			}
		}
		if err := e.deleteAll(ctx, expired); err != nil {
			return err
		}
		if last := page[len(page)-1]; len(page) < retentionBatch || !last.Start.Before(before) {
			return nil
		}
	}
}

// deleteAll deletes executions in one commit. One that was redriven or deleted meanwhile is left
// as it is.
func (e *Engine) deleteAll(ctx context.Context, ids []string) error {
	changes := make([]store.Change, 0, len(ids))
	for _, id := range ids {
		change, err := e.deletion(ctx, id)
		switch {
		case err == nil:
			changes = append(changes, change)
		case !errors.Is(err, errRuns) && !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	e.logAt(slog.LevelDebug, "old executions are deleted", "count", len(changes))
	_, err := e.store.Commit(ctx, changes)
	return err
}

// errRuns is the error of Delete for an execution that is not over.
var errRuns = errors.New("runtime: an execution that runs cannot be deleted")

// Delete deletes an execution that is over, with its history.
func (e *Engine) Delete(ctx context.Context, id string) error {
	change, err := e.deletion(ctx, id)
	if err != nil {
		return err
	}
	refused, err := e.store.Commit(ctx, []store.Change{change})
	if err == nil && refused != nil {
		err = refused[0]
	}
	return err
}

// deletion returns the change that deletes an execution.
func (e *Engine) deletion(ctx context.Context, id string) (store.Change, error) {
	stored, err := e.store.Load(ctx, id)
	if err != nil {
		return store.Change{}, naming(id, err)
	}
	if stored.Record.Status == interp.Running {
		return store.Change{}, errRuns
	}
	return store.Change{By: e.config.Name, ID: id, From: stored.Revision, Revision: stored.Revision, Delete: true}, nil
}
