package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// MapRuns returns the Map Runs of an execution, in the order in which they began, as of its last workflow task. The
// error may be store.ErrNotFound. It costs as much as History.
func (c *Client) MapRuns(ctx context.Context, execution string) ([]runtime.MapRun, error) {
	record, err := c.Describe(ctx, execution)
	if err != nil {
		return nil, err
	}
	all, err := c.replayed(ctx, execution)
	if err != nil {
		return nil, err
	}
	return runtime.MapRunsOf(all.events, all.mapRuns, &record), nil
}

// MapRun returns a Map Run. The error may be store.ErrNotFound. One that has no children which the server
// lists is looked for in the histories of all executions of its state machine.
func (c *Client) MapRun(ctx context.Context, arn string) (runtime.MapRun, error) {
	children, err := c.List(ctx, store.Query{MapRun: arn, Limit: 1})
	if err != nil {
		return runtime.MapRun{}, err
	}
	if len(children) > 0 && children[0].Parent != "" {
		return c.mapRunOf(ctx, children[0].Parent, arn)
	}
	before, rest, ok := strings.Cut(arn, ":mapRun:")
	machine, _, labelled := strings.Cut(rest, "/")
	for q := (store.Query{StateMachine: before + ":stateMachine:" + machine}); ok && labelled; {
		page, err := c.List(ctx, q)
		if err != nil {
			return runtime.MapRun{}, err
		}
		for i := range page {
			run, err := c.mapRunOf(ctx, page[i].Execution, arn)
			if !errors.Is(err, store.ErrNotFound) {
				return run, err
			}
		}
		if len(page) < store.PageSize {
			break
		}
		q.After = page[len(page)-1].Execution
	}
	return runtime.MapRun{}, notThere(arn)
}

func (c *Client) mapRunOf(ctx context.Context, execution, arn string) (runtime.MapRun, error) {
	runs, err := c.MapRuns(ctx, execution)
	for _, r := range runs {
		if r.ARN == arn {
			return r, nil
		}
	}
	if err == nil {
		err = notThere(arn)
	}
	return runtime.MapRun{}, err
}

func notThere(arn string) error {
	return fmt.Errorf("asltemporal: Map Run %q: %w", arn, store.ErrNotFound)
}

// MapRunChildren returns the children that a Query with MapRun asks for, newest first: those that the server
// lists, a second or so after they have begun.
func (c *Client) MapRunChildren(ctx context.Context, q store.Query) ([]runtime.MapRunChild, error) {
	found, err := c.list(ctx, &q)
	if err != nil {
		return nil, err
	}
	children := make([]runtime.MapRunChild, len(found))
	for i, f := range found {
		children[i] = runtime.MapRunChild{Record: f.record, Items: f.items}
	}
	return children, nil
}

// limit is the update that changes the limits of a Map Run; those that are nil stay.
type limit struct {
	MapRun                     string   `json:"mapRun"`
	MaxConcurrency             *int64   `json:"maxConcurrency,omitempty"`
	ToleratedFailureCount      *int64   `json:"toleratedFailureCount,omitempty"`
	ToleratedFailurePercentage *float64 `json:"toleratedFailurePercentage,omitempty"`
}

// UpdateMapRun changes limits of a Map Run that runs; those that are nil stay. It returns nil
// when the execution has the change. The error is runtime.ErrMapRunOver if the run has ended, and may be
// store.ErrNotFound. A worker of the workflow must run.
func (c *Client) UpdateMapRun(ctx context.Context, arn string, u runtime.MapRunUpdate) error {
	run, err := c.MapRun(ctx, arn)
	switch {
	case err != nil:
		return err
	case run.Status != interp.Running:
		return runtime.ErrMapRunOver
	}
	err = c.update(ctx, run.Execution, limitName, limit{arn, u.MaxConcurrency, u.ToleratedFailureCount, u.ToleratedFailurePercentage})
	var app *temporal.ApplicationError
	if errors.Is(err, store.ErrNotFound) || errors.As(err, &app) && app.Type() == taskOverError {
		return runtime.ErrMapRunOver
	}
	return err
}

// limit gives a Map Run new limits.
func (r *run) limit(l limit) error {
	for _, m := range r.x.MapRuns() {
		if m.ARN != l.MapRun || r.over {
			continue
		}
		if l.MaxConcurrency != nil {
			m.Limits.MaxConcurrency = *l.MaxConcurrency
		}
		if l.ToleratedFailureCount != nil {
			m.Limits.ToleratedFailureCount = l.ToleratedFailureCount
		}
		if l.ToleratedFailurePercentage != nil {
			m.Limits.ToleratedFailurePercentage = l.ToleratedFailurePercentage
		}
		if r.x.UpdateMapRun(m.ID, m.Limits) {
			r.noted = true
			return nil
		}
	}
	return errTaskOver
}

// checkLimit is the validator of that update.
func (r *run) checkLimit(l limit) error {
	for _, m := range r.x.MapRuns() {
		if m.ARN == l.MapRun && !r.over {
			return nil
		}
	}
	return errTaskOver
}
