package runtime

import (
	"context"
	"sync"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// leases hold when the Engine has to look at the store next.
type leases struct {
	mu   sync.Mutex
	due  time.Time     // the earliest instant at which an execution without owner is due; zero: none
	kick chan struct{} // due has become earlier

	renewed time.Time // when the lease was renewed last, by the monotonic clock
}

// claimLimit is how many executions one Poll takes.
const claimLimit = 256

// watch polls the store until the Engine is closed: to renew its lease, and when an
// execution is due.
func (e *Engine) watch() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(e.untilPoll())
		select {
		case <-e.ctx.Done():
			return
		case <-e.leases.kick:
			continue
		case <-timer.C:
		}
		if err := e.poll(e.ctx); err != nil && e.ctx.Err() == nil {
			e.log("the store cannot be polled", "error", err)
			select {
			case <-time.After(min(time.Second, e.config.Lease/3)):
			case <-e.ctx.Done():
			}
		}
	}
}

// untilPoll returns how long the next Poll may wait.
func (e *Engine) untilPoll() time.Duration {
	l := &e.leases
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := e.config.Lease/3 - time.Since(l.renewed)
	if !l.due.IsZero() {
		wait = min(wait, l.due.Sub(e.now()))
	}
	return max(wait, 0)
}

// dueAt notes that an execution without owner is due.
func (l *leases) dueAt(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.IsZero() || !l.due.IsZero() && !at.Before(l.due) {
		return
	}
	l.due = at
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// poll renews the lease and takes up the executions that need an owner.
func (e *Engine) poll(ctx context.Context) error {
	for {
		asked := time.Now()
		e.leases.mu.Lock()
		before := e.leases.due
		e.leases.due = time.Time{} // dueAt may be called meanwhile
		e.leases.mu.Unlock()
		found, err := e.store.Poll(ctx, store.Poll{Owner: e.config.Name, Lease: e.config.Lease, Now: e.now(), Limit: claimLimit})
		if err != nil {
			e.leases.dueAt(before)
			return err
		}
		e.leases.mu.Lock()
		e.leases.renewed = asked
		e.leases.mu.Unlock()
		e.leases.dueAt(found.Next)
		for _, id := range found.Claimed {
			e.takeUp(id, 0)
		}
		if !found.More || len(found.Claimed) == 0 {
			return nil
		}
	}
}

// leased reports whether the lease still holds, as far as this process can tell: one
// that was stopped for a while must not start tasks that another has taken over.
func (e *Engine) leased() bool {
	e.leases.mu.Lock()
	defer e.leases.mu.Unlock()
	return time.Since(e.leases.renewed) < e.config.Lease
}
