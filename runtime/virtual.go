package runtime

import (
	"context"
	"errors"
	"sync"
	"time"
)

// VirtualClock is a clock that only executions move. It stands still while a
// task runs. When every running task has returned or is in [VirtualClock.Sleep],
// the clock jumps to the instant at which something is due next. A Wait of a year
// takes microseconds. A task in Sleep whose context ends wakes in its own time: the
// clock does not wait for it, and may have gone on.
//
// At one instant things happen in a fixed order: first deadlines (timeouts,
// waits, retries), then the tasks that end then, in the order of their ids. So
// two runs with one Seed have the same history.
//
// A VirtualClock serves one execution at a time, or one Engine with all its executions (see
// EngineConfig.Clock and [VirtualClock.Hold]); Run and Open refuse a second. Its
// methods are safe for concurrent use. Call Sleep on the goroutine that performs
// a task: the clock does not wait for other goroutines. Tests need no VirtualClock
// if they use testing/synctest: in a bubble, the time of the system is virtual
// already.
//
// Jitter of retries, like all that is random, is fixed by Runner.Seed.
type VirtualClock struct {
	mu       sync.Mutex
	now      time.Time
	inUse    bool
	run      int // which execution it serves; one that is over may leave tasks behind
	awake    int // tasks of that execution that run and do not sleep
	sleepers []*sleeper
	ready    []func()      // of an Engine: what is to be done now, one after the other
	held     int           // who keeps the clock of an Engine where it is
	idle     chan struct{} // holds at most one: no task is awake
}

// sleeper is a task that sleeps, or a call that is planned.
type sleeper struct {
	until time.Time
	woken chan struct{} // closed when it is woken; nil for a call
	call  func()

	deadline bool            // of an Engine: it comes before others of its instant
	ctx      context.Context // of who sleeps
	check    func()          // of an Engine: is called before the clock moves there; nil: nothing is
}

// NewVirtualClock returns a clock that shows start.
func NewVirtualClock(start time.Time) *VirtualClock {
	return &VirtualClock{now: start, idle: make(chan struct{}, 1)}
}

// Now returns what the clock shows.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep blocks a task for d of virtual time, or until ctx ends; the error is then
// that of ctx. While no execution uses the clock, Sleep moves the clock by d and
// returns at once.
func (c *VirtualClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err // perhaps of a task that outlived its execution: it moves no clock
	}
	c.mu.Lock()
	if !c.inUse || d <= 0 {
		if !c.inUse {
			c.now = c.now.Add(max(d, 0))
		}
		c.mu.Unlock()
		return ctx.Err()
	}
	s := &sleeper{until: c.now.Add(d), woken: make(chan struct{}), ctx: ctx}
	c.sleepers = append(c.sleepers, s)
	c.rest()
	c.mu.Unlock()
	select {
	case <-s.woken:
		return nil
	case <-ctx.Done():
		if !c.rouse(s) {
			<-s.woken
		}
		return ctx.Err()
	}
}

// AfterFunc plans a call of f at d of virtual time from now. It is how somebody who is no task
// acts in virtual time: a test that answers a task by its token after a minute. The clock
// stands still while f runs, which is on the goroutine of Run. Calls of one instant are made
// after the deadlines of that instant, in the order in which they were planned. A call that is
// due after the end of the execution is never made. While no execution uses the clock,
// AfterFunc moves the clock by d and calls f before it returns.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) {
	c.mu.Lock()
	if c.inUse {
		c.sleepers = append(c.sleepers, &sleeper{until: c.now.Add(max(d, 0)), call: f})
		c.signal()
		c.mu.Unlock()
		return
	}
	c.now = c.now.Add(max(d, 0))
	c.mu.Unlock()
	f()
}

// rest counts a task that is not awake any more. The lock is held.
func (c *VirtualClock) rest() {
	c.awake--
	if c.awake <= 0 {
		c.signal()
	}
}

// rouse takes a sleeper off whose context has ended, unless somebody wakes it.
func (c *VirtualClock) rouse(s *sleeper) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.sleepers {
		if other == s {
			c.sleepers = append(c.sleepers[:i], c.sleepers[i+1:]...)
			c.awake++
			return true
		}
	}
	return false
}

var errClockInUse = errors.New("runtime: the VirtualClock serves another execution")

func (c *VirtualClock) acquire() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inUse {
		return errClockInUse
	}
	if c.idle == nil {
		c.idle = make(chan struct{}, 1)
	}
	c.inUse, c.awake, c.ready, c.held = true, 0, nil, 0
	c.run++
	return nil
}

// release lets whoever still sleeps go.
func (c *VirtualClock) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse = false
	for _, s := range c.sleepers {
		if s.woken != nil {
			close(s.woken)
		}
	}
	c.sleepers = nil
}

// enter and leave count a task that runs, for the execution that is served when
// it begins.
func (c *VirtualClock) enter() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awake++
	run := c.run
	return func() { c.leave(run) }
}

func (c *VirtualClock) leave(run int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run == c.run {
		c.rest()
	}
}

func (c *VirtualClock) allRest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.awake <= 0
}

// jump moves the clock to what is due first: to wake, or to the end of a sleep,
// whose sleepers it wakes, or to a planned call. ok is false if nothing is due.
func (c *VirtualClock) jump(wake time.Time) (tick, ok bool) {
	tick, ok, calls := c.move(wake)
	for _, call := range calls {
		call()
	}
	return tick, ok
}

func (c *VirtualClock) move(wake time.Time) (tick, ok bool, calls []func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var next time.Time
	for _, s := range c.sleepers {
		if next.IsZero() || s.until.Before(next) {
			next = s.until
		}
	}
	if !wake.IsZero() && (next.IsZero() || !next.Before(wake)) {
		if wake.After(c.now) {
			c.now = wake
		}
		return true, true, nil
	}
	if next.IsZero() {
		return false, false, nil
	}
	c.now = next
	return false, true, c.wakeAll()
}

// wakeAll wakes those whose sleep ends now, and returns the calls that are due.
func (c *VirtualClock) wakeAll() (calls []func()) {
	kept := c.sleepers[:0]
	for _, s := range c.sleepers {
		switch {
		case s.until.After(c.now):
			kept = append(kept, s)
		case s.call != nil:
			calls = append(calls, s.call)
		default:
			c.awake++
			close(s.woken)
		}
	}
	clear(c.sleepers[len(kept):])
	c.sleepers = kept
	return calls
}
