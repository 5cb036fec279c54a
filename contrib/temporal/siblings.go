package asltemporal

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// siblings are the workflows of the children of a Map Run, for the activities that work for it.
type siblings interface {
	// ended waits until a child is over, and returns its record.
	ended(ctx context.Context, id string) (store.Record, error)

	// redriveChild redrives a child for a redrive of its parent.
	redriveChild(ctx context.Context, id string, redrives int) (againOf, error)

	// stopRedriven stops a child that was redriven so.
	stopRedriven(ctx context.Context, id string, redrives int, mapRun string) error
}

// siblingsOf returns those that the worker's own connection reaches.
func (w *Worker) siblingsOf(ctx context.Context) siblings {
	if w.siblings != nil {
		return w.siblings
	}
	return &Client{Temporal: activity.GetClient(ctx), Definitions: w.Definitions, DataConverter: w.DataConverter}
}

// ended waits until an execution is over, and returns its record.
func (c *Client) ended(ctx context.Context, id string) (store.Record, error) {
	for {
		r, err := c.Describe(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return r, err
		case err != nil:
			return r, &unreached{err}
		case r.Status != interp.Running:
			return r, nil
		}
		_ = c.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil) // Describe tells what has come of it
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
	}
}

// unreached is the error of an activity that is performed again: the server was away, or another worker
// has the right codec.
type unreached struct{ err error }

func (u *unreached) Error() string { return u.err.Error() }

func (u *unreached) Unwrap() error { return u.err }

// outcome turns an error into that of an activity that works for a Map Run: most are the failure of the run,
// as for every driver.
func outcome(ctx context.Context, err error) error {
	var again *unreached
	switch {
	case err == nil || errors.As(err, &again):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), inputError, nil)
}

// alive shows the server that an activity is performed, until stop is called.
func alive(ctx context.Context) (stop func()) {
	return beating(cmp.Or(activity.GetInfo(ctx).HeartbeatTimeout, defaultLiveness)/3, func() { activity.RecordHeartbeat(ctx) })
}

// liveness is the time after which the server takes a worker for dead.
func (w *Worker) liveness() time.Duration { return cmp.Or(max(w.Liveness, 0), defaultLiveness) }
