package asltemporal

import (
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"
)

const heartbeatTimeout = enumspb.TIMEOUT_TYPE_HEARTBEAT

// timer is a timer of the server. It is never cancelled: what comes instead of it may leave a
// use for it.
type timer struct {
	at     time.Time
	future workflow.Future
}

const (
	// burst is how many Steps that are due at once a workflow task makes. The SDK takes a
	// workflow for stuck that computes for a second.
	burst = 8

	// pause ends a workflow task.
	pause = time.Millisecond
)

// await waits until there is something for the next Step, and tells the machine of it. What
// comes in one workflow task is told together.
func (r *run) await(ctx workflow.Context, wake time.Time) {
	now := workflow.Now(r.ctx)
	if r.noted {
		wake = now
	}
	if !wake.IsZero() && !wake.After(now) {
		if r.busy++; r.busy < burst {
			r.receive()
			return
		}
		wake = now.Add(pause)
	} else if r.soon {
		wake = now.Add(pause)
	} else if r.drain.on && len(r.held)+len(r.unborn) > 0 && (wake.IsZero() || r.drain.until.Before(wake)) {
		wake = r.drain.until
	}
	r.busy = 0
	r.arm(wake, now)
	_ = workflow.Await(r.ctx, func() bool { // the context does not end
		return r.noted || r.answers.Len() > 0 || ctx.Err() != nil && !r.aborted || r.rung() || r.familyReady() || slices.ContainsFunc(r.flights, (*flight).landed)
	})
	r.timers = slices.DeleteFunc(r.timers, timer.rung)
	r.receive()
	if ctx.Err() != nil && !r.aborted {
		r.aborted = true
		r.x.Abort("", "")
	}
	r.take()
	r.takeFamily()
}

func (f *flight) landed() bool { return f.future.IsReady() }

func (t timer) rung() bool { return t.future.IsReady() }

func (r *run) rung() bool { return slices.ContainsFunc(r.timers, timer.rung) }

// arm starts a timer, unless an older one or the end of a task comes by then.
func (r *run) arm(wake, now time.Time) {
	if wake.IsZero() {
		return
	}
	for _, t := range r.timers {
		if !t.at.After(wake) {
			return
		}
	}
	for _, f := range r.flights {
		if !f.expires.IsZero() && !f.expires.After(wake) {
			return
		}
	}
	d := wake.Sub(now.Truncate(time.Millisecond))
	r.watch.timer(d)
	r.timers = append(r.timers, timer{wake, workflow.NewTimer(r.ctx, d)})
}
