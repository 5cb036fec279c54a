package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// awaitVirtually waits until all tasks rest, and moves the clock if they have
// reported nothing. The error is ErrStuck if nothing can happen any more.
func (d *driver) awaitVirtually(ctx context.Context, wake time.Time) error {
	c := d.runner.Clock
	for {
		for !c.allRest() {
			select {
			case <-c.idle:
			case <-ctx.Done():
				return nil
			}
		}
		if d.mail.any() || d.family != nil && d.family.hasMail() || ctx.Err() != nil {
			return nil
		}
		switch tick, ok := c.jump(wake); {
		case tick:
			return nil
		case !ok:
			return d.stuck()
		}
	}
}

// ErrStuck is behind the error of Run if, under a VirtualClock, an execution waits
// for an answer that nobody gives: no task runs or sleeps, no call is planned, and
// there is no timeout.
var ErrStuck = errors.New("runtime: the execution waits for ever")

// stuck says which tasks are waited for.
func (d *driver) stuck() error {
	pending := d.x.Pending()
	open := append(pending.Start, pending.Open...)
	problems := make([]error, len(open))
	for i := range open {
		s := &open[i]
		problems[i] = fmt.Errorf("%w: nobody answers the task of state %q, which has no timeout; its token is %s", ErrStuck, s.Task.Name, d.x.Token(s.ID))
	}
	return errors.Join(problems...)
}
