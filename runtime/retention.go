package runtime

import (
	"context"
	"errors"
	"log/slog"
	"time"

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
		there := make(map[string]bool) // executions that have children
		for i := range page {
			r := &page[i]
			over := !r.Stop.IsZero() && r.Stop.Before(before)
			if over && r.MapRun != "" {
				if over, err = e.isOrphan(ctx, r, there); err != nil {
					return err
				}
			}
			if over {
				expired = append(expired, r.Execution)
			} else {
				stays = r.Execution
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
	var runs []string
	for _, id := range ids {
		change, own, err := e.deletion(ctx, id)
		switch {
		case err == nil:
			changes, runs = append(changes, change), append(runs, own...)
		case !errors.Is(err, ErrRunning) && !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	e.logAt(slog.LevelDebug, "old executions are deleted", "count", len(changes))
	if _, err := e.store.Commit(ctx, changes); err != nil {
		return err
	}
	return e.deleteChildren(ctx, runs)
}

// isOrphan reports whether the execution is gone whose Map Run a child belongs to. As long as it is there, its children
// are, too: their results may be wanted.
func (e *Engine) isOrphan(ctx context.Context, child *store.Record, there map[string]bool) (bool, error) {
	is, known := there[child.Parent]
	if !known {
		_, err := e.store.List(ctx, store.Query{ID: child.Parent})
		if is = err == nil; err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		there[child.Parent] = is
	}
	return !is, nil
}
