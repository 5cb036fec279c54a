package runtime

import (
	"context"
	"errors"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// ErrRunning is the error of Delete for an execution that is not over, or that has a child which is not.
var ErrRunning = errors.New("runtime: an execution that runs cannot be deleted")

// Delete deletes an execution that is over, with its history and the children of its Map Runs. The error may
// be ErrRunning or store.ErrNotFound.
func (e *Engine) Delete(ctx context.Context, id string) error {
	change, runs, err := e.deletion(ctx, id)
	if err != nil {
		return err
	}
	refused, err := e.store.Commit(ctx, []store.Change{change})
	if err == nil && refused != nil {
		err = refused[0]
	}
	if err != nil {
		return err
	}
	return e.deleteChildren(ctx, runs)
}

// deletion returns the change that deletes an execution, and its Map Runs, whose children are to be deleted after
// it: a redrive that comes first finds them. If the process ends in between, they go when they are old enough.
func (e *Engine) deletion(ctx context.Context, id string) (change store.Change, runs []string, err error) {
	stored, err := e.store.Load(ctx, id)
	if err != nil {
		return change, nil, naming(id, err)
	}
	if stored.Record.Status == interp.Running {
		return change, nil, ErrRunning
	}
	if runs, err = e.runsOf(ctx, &stored.Record); err != nil {
		return change, nil, err
	}
	return store.Change{By: e.config.Name, ID: id, From: stored.Revision, Revision: stored.Revision, Delete: true}, runs, nil
}

// runsOf returns the Map Runs of an execution. None of them has a child that runs.
func (e *Engine) runsOf(ctx context.Context, r *store.Record) (runs []string, err error) {
	program, err := e.program(ctx, r.Definition)
	if err != nil {
		return nil, ctx.Err() // nobody can read the definition any more
	}
	if len(program.Distributed()) == 0 {
		return nil, nil
	}
	told, err := e.toldRuns(ctx, r.Execution)
	if err != nil {
		return nil, err
	}
	for i := range told {
		running, err := e.store.List(ctx, store.Query{MapRun: told[i].ARN, Status: interp.Running, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(running) > 0 {
			return nil, ErrRunning
		}
		runs = append(runs, told[i].ARN)
	}
	return runs, nil
}

// deleteChildren deletes the children of Map Runs. What cannot be deleted goes when it is old enough.
func (e *Engine) deleteChildren(ctx context.Context, runs []string) error {
	for _, run := range runs {
		for first := ""; ; {
			page, err := e.store.List(ctx, store.Query{MapRun: run, Limit: retentionBatch})
			if err != nil {
				return err
			}
			if len(page) == 0 || page[0].Execution == first {
				break
			}
			first = page[0].Execution
			ids := make([]string, len(page))
			for i := range page {
				ids[i] = page[i].Execution
			}
			if err := e.deleteAll(ctx, ids); err != nil {
				return err
			}
		}
	}
	return nil
}
