package runtime

import (
	"context"
	"errors"
	"sync"
	"time"
)

// VirtualClock is a clock that only executions move. It stands still while a
// task runs; when every running task has returned or is in [VirtualClock.Sleep]
// it jumps to what is due next. A Wait of a year takes microseconds.
//
// What falls on one instant happens in a fixed order: first deadlines (timeouts,
// waits, retries), then the tasks that end then, in the order of their ids. So
// two runs with one Seed have the same history.
//
// A VirtualClock serves one execution at a time; Run refuses a second. Its
// methods are safe for concurrent use. Sleep is for the goroutine that performs
// a task: others are not waited for. Tests need no VirtualClock if they use
// testing/synctest: in a bubble, the time of the system is virtual already.
type VirtualClock struct {
	mu       sync.Mutex
	now      time.Time
	inUse    bool
	run      int // which execution it serves; one that is over may leave tasks behind
	awake    int // tasks of that execution that run and do not sleep
	sleepers []*sleeper
	idle     chan struct{} // holds at most one: no task is awake
}

type sleeper struct {
	until time.Time
	woken chan struct{}
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

// Sleep blocks a task for d of virtual time, or until ctx ends. While no
// execution uses the clock it returns at once, d later.
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
	s := &sleeper{c.now.Add(d), make(chan struct{})}
	c.sleepers = append(c.sleepers, s)
	c.rest()
	c.mu.Unlock()
	select {
	case <-s.woken:
		return nil
	case <-ctx.Done():
		c.rouse(s)
		return ctx.Err()
	}
}

// rest counts a task that is not awake any more. The lock is held.
func (c *VirtualClock) rest() {
	c.awake--
	if c.awake <= 0 {
		select {
		case c.idle <- struct{}{}:
		default:
		}
	}
}

// rouse takes a sleeper off whose context has ended, unless it is awake by now.
func (c *VirtualClock) rouse(s *sleeper) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.sleepers {
		if other == s {
			c.sleepers = append(c.sleepers[:i], c.sleepers[i+1:]...)
			c.awake++
			return
		}
	}
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
	c.inUse, c.awake = true, 0
	c.run++
	return nil
}

// release lets whoever still sleeps go.
func (c *VirtualClock) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse = false
	for _, s := range c.sleepers {
		close(s.woken)
	}
	c.sleepers = nil
}

// enter and leave count a task that runs, for the execution that is served when
// it begins.
func (c *VirtualClock) enter() (run int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awake++
	return c.run
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
// whose sleepers it wakes. ok is false if nothing is due.
func (c *VirtualClock) jump(wake time.Time) (tick, ok bool) {
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
		return true, true
	}
	if next.IsZero() {
		return false, false
	}
	c.now = next
	c.wakeAll()
	return false, true
}

// wakeAll wakes those whose sleep ends now.
func (c *VirtualClock) wakeAll() {
	kept := c.sleepers[:0]
	for _, s := range c.sleepers {
		if s.until.After(c.now) {
			kept = append(kept, s)
			continue
		}
		c.awake++
		close(s.woken)
	}
	c.sleepers = kept
}

// awaitVirtually waits until all tasks rest, and moves the clock if they have
// reported nothing.
func (d *driver) awaitVirtually(ctx context.Context, wake time.Time) {
	c := d.runner.Clock
	for {
		for !c.allRest() {
			select {
			case <-c.idle:
			case <-ctx.Done():
				return
			}
		}
		if d.mail.any() || ctx.Err() != nil {
			return
		}
		tick, ok := c.jump(wake)
		switch {
		case tick:
			return
		case !ok:
			d.await(ctx, time.Time{})
			return
		}
	}
}
