package runtime

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// leases hold when the Engine has to look at the store next.
type leases struct {
	mu   sync.Mutex
	due  time.Time     // the earliest instant at which an execution without owner is due; zero: none
	kick chan struct{} // due has become earlier, or hinted is set

	alarm func(at time.Time) // with a virtual clock: plans a Poll; else nil

	renewed time.Time // when the lease was renewed last, by the monotonic clock
	lapse   time.Time // when the first lease of another process ends; zero: no other has one
	polls   int64     // how many Polls have begun
	hinted  bool      // a message may be there
	unsure  bool      // this process may have executions of which nobody here knows: a Poll failed, or a turn was refused
	behind  bool      // there is more to claim than can be taken up at a time
}

// The pauses between Polls, besides a third of the lease.
const (
	hintPause = 10 * time.Millisecond // after a hint, so that many hints lead to few Polls
	workPause = time.Second           // while messages to what is in memory here may come without a hint
)

const (
	claimLimit = 256  // how many executions one Poll takes
	mostTaken  = 1024 // how many are taken up at a time

	messageLimit = 256 // how many messages to executions, and of a queue, one Poll returns
)

// watch polls the store until the Engine is closed: to renew its lease, and when an
// execution is due.
func (e *Engine) watch() {
	var stored <-chan struct{}
	if notifier, ok := e.store.(store.Notifier); ok {
		stored = notifier.Notify(e.ctx)
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for e.ctx.Err() == nil {
		if wait := e.untilPoll(); wait > 0 {
			timer.Reset(wait)
			select {
			case <-e.ctx.Done():
				return
			case <-e.leases.kick:
				continue
			case <-stored:
				e.leases.hint()
				continue
			case <-timer.C:
			}
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
	pause := e.config.Lease / 3
	if e.expects() {
		pause = min(pause, workPause)
	}
	if age := e.asks.patience(); age >= 0 {
		pause = min(pause, max(age, hintPause))
	}
	l := &e.leases
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hinted {
		pause = min(pause, hintPause)
	}
	wait := pause - time.Since(l.renewed)
	if !l.lapse.IsZero() { // what that process leaves is to be taken over
		wait = min(wait, max(time.Until(l.lapse), hintPause-time.Since(l.renewed)))
	}
	if !l.due.IsZero() && e.config.Clock == nil {
		wait = min(wait, l.due.Sub(e.now()))
	}
	return max(wait, 0)
}

// expects reports whether messages may come to something that is in memory here.
func (e *Engine) expects() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.resident) > 0 || e.workers.any()
}

// hint makes the next Poll come soon: a message may be there.
func (l *leases) hint() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hinted = true
	l.wake()
}

// doubt makes the next Poll ask for all that this process has.
func (l *leases) doubt() {
	l.mu.Lock()
	l.unsure = true
	l.mu.Unlock()
}

// wake makes watch look at the clock anew. The lock is held.
func (l *leases) wake() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// begun returns how many Polls have begun.
func (l *leases) begun() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.polls
}

// dueAt notes that an execution without owner is due.
func (l *leases) dueAt(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.IsZero() || !l.due.IsZero() && !at.Before(l.due) {
		return
	}
	l.due = at
	if l.alarm != nil {
		l.alarm(at)
		return
	}
	l.wake()
}

// poll renews the lease, takes up the executions that need an owner, and delivers the
// messages that are there.
func (e *Engine) poll(ctx context.Context) error {
	for {
		found, n, err := e.pollOnce(ctx)
		if err != nil {
			return err
		}
		if len(found.Claimed) > 0 {
			e.logAt(slog.LevelDebug, "executions are claimed", "count", len(found.Claimed))
		}
		for _, id := range found.Claimed {
			e.takeUp(id, 0)
		}
		for _, id := range found.Held {
			if !e.has(id) { // it was in doubt
				e.takeUp(id, 0)
			}
		}
		e.deliver(found.Messages, n)
		if !found.More || len(found.Claimed) == 0 {
			e.lookForAsks(ctx)
			return nil
		}
	}
}

// pollOnce also returns the number of the Poll.
func (e *Engine) pollOnce(ctx context.Context) (found store.Polled, n int64, err error) {
	l, asked := &e.leases, time.Now()
	limit := max(0, min(claimLimit, mostTaken-int(e.loading.Load())))
	l.mu.Lock()
	before, hinted, unsure := l.due, l.hinted, l.unsure
	l.due, l.hinted, l.unsure = time.Time{}, false, false // dueAt and hint may be called meanwhile
	l.polls++
	n = l.polls
	l.mu.Unlock()
	queues := e.workers.wanted()
	found, err = e.store.Poll(ctx, store.Poll{
		Owner: e.config.Name, Lease: e.config.Lease, Now: e.now(), Limit: limit, Queues: append([]string{e.queue()}, queues...),
		Messages: messageLimit, Held: unsure,
	})
	if err != nil {
		l.doubt()
		l.dueAt(before)
		if hinted {
			l.hint()
		}
		return found, n, err
	}
	l.mu.Lock()
	l.renewed, l.behind = asked, found.More && limit < claimLimit
	l.lapse = time.Time{}
	if found.Lapse > 0 && e.config.Clock == nil {
		l.lapse = time.Now().Add(found.Lapse)
	}
	l.mu.Unlock()
	l.dueAt(found.Next)
	if len(found.Messages) >= messageLimit {
		l.hint()
	}
	e.workers.polled(queues, asked)
	return found, n, nil
}

// takenUp makes the next Poll come at once if there is more to claim, and room for it.
func (l *leases) takenUp(left int64, now time.Time) {
	l.mu.Lock()
	behind := l.behind && left <= mostTaken-claimLimit
	if behind {
		l.behind = false
	}
	l.mu.Unlock()
	if behind {
		l.dueAt(now)
	}
}

// leased reports whether the lease still holds, as far as this process can tell: one
// that was stopped for a while must not start tasks that another has taken over.
func (e *Engine) leased() bool {
	e.leases.mu.Lock()
	defer e.leases.mu.Unlock()
	return time.Since(e.leases.renewed) < e.config.Lease
}
