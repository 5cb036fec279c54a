package runtime

import (
	"context"
	"sync"
	"time"
)

// An Engine under a VirtualClock does one thing at a time: a piece of work begins when everything else
// rests, and when no work is left, the clock moves to what is due next. So what happens, and in which
// order, does not depend on how goroutines are scheduled.

// Hold makes an Engine's clock wait for the caller, as it waits for a task, until release is
// called. The caller passes the context that Hold returns to the methods of the Engine and to
// Sleep. Between two such calls nothing happens, and time stands still: so several executions
// can be started at one instant. A caller that does not hold the clock races with it.
func (c *VirtualClock) Hold(ctx context.Context) (held context.Context, release func()) {
	leave := c.enter()
	return context.WithValue(ctx, ofTask{}, true), sync.OnceFunc(leave)
}

// counted reports whether the clock waits for the caller with a context.
func (e *Engine) counted(ctx context.Context) bool {
	return e.config.Clock != nil && ctx.Value(ofTask{}) != nil
}

// freeze keeps the time where it is until thaw is called; what is to be done now is done.
func (c *VirtualClock) freeze() (thaw func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	return c.thaw
}

func (c *VirtualClock) thaw() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held--
	c.signal()
}

// signal says that there may be something to do. The lock is held.
func (c *VirtualClock) signal() {
	select {
	case c.idle <- struct{}{}:
	default:
	}
}

// do has f called when everything rests.
func (c *VirtualClock) do(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = append(c.ready, f)
	c.signal()
}

// join and part count work that does not wait for its turn: calls of the Engine's methods.
func (c *VirtualClock) join() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awake++
}

func (c *VirtualClock) part() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest()
}

// next returns what is to be done next, and counts it; or, if that is the end of a sleep,
// wakes who sleeps. again is false if something is under way, or nothing is to be done.
func (c *VirtualClock) next() (f func(), again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awake > 0 {
		return nil, false
	}
	if len(c.ready) > 0 {
		f, c.ready = c.ready[0], c.ready[1:]
		c.awake++
		return f, true
	}
	first := c.first()
	if c.held > 0 || first < 0 {
		return nil, false
	}
	s := c.sleepers[first]
	if s.check != nil {
		f, s.check = s.check, nil
		c.awake++
		return f, true
	}
	c.sleepers = append(c.sleepers[:first], c.sleepers[first+1:]...)
	if s.until.After(c.now) {
		c.now = s.until
	}
	if s.call != nil && !s.deadline {
		c.held++ // the user's code may call the Engine, which is to work then
		go func() {
			defer c.thaw()
			s.call()
		}()
		return nil, true
	}
	c.awake++
	if s.woken != nil {
		close(s.woken)
	}
	return s.call, true
}

// ofTask is the key under which a context says that the clock waits for its owner.
type ofTask struct{}

// ending makes the end of a context wake those who sleep under it in their turn, and in the order in which they
// began to sleep.
func (c *VirtualClock) ending(cancel context.CancelCauseFunc) context.CancelCauseFunc {
	return func(cause error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		cancel(cause)
		kept := c.sleepers[:0]
		for _, s := range c.sleepers {
			if s.ctx == nil || s.ctx.Err() == nil {
				kept = append(kept, s)
				continue
			}
			c.ready = append(c.ready, func() {
				c.join()
				close(s.woken)
			})
		}
		clear(c.sleepers[len(kept):])
		c.sleepers = kept
		c.signal()
	}
}

// first returns the place of the sleeper that is due first: at one instant deadlines, then the
// others in the order in which they came. It is negative if there is none.
func (c *VirtualClock) first() int {
	first := -1
	for i, s := range c.sleepers {
		if first < 0 || s.until.Before(c.sleepers[first].until) ||
			s.until.Equal(c.sleepers[first].until) && s.deadline && !c.sleepers[first].deadline {
			first = i
		}
	}
	return first
}

// drive does one thing after the other until over is closed.
func (c *VirtualClock) drive(over <-chan struct{}) {
	for {
		select {
		case <-c.idle:
		case <-over:
			return
		}
		for f, again := c.next(); again; f, again = c.next() {
			if f != nil {
				go func() {
					defer c.part()
					f()
				}()
			}
		}
	}
}

// deadline is a call that is planned for an instant, as a time.Timer is.
type deadline struct {
	clock *VirtualClock
	call  func()
	s     *sleeper // nil: none is planned
}

// Stop implements alarm.
func (d *deadline) Stop() bool {
	c := d.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.sleepers {
		if s == d.s {
			c.sleepers = append(c.sleepers[:i], c.sleepers[i+1:]...)
			return true
		}
	}
	return false
}

// checkedBy has check called before the clock moves to the deadline; nil: nothing is.
func (d *deadline) checkedBy(check func()) {
	d.clock.mu.Lock()
	defer d.clock.mu.Unlock()
	if d.s != nil {
		d.s.check = check
	}
}

// Reset implements alarm.
func (d *deadline) Reset(wait time.Duration) bool {
	stopped := d.Stop()
	c := d.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	d.s = &sleeper{until: c.now.Add(max(wait, 0)), call: d.call, deadline: true}
	c.sleepers = append(c.sleepers, d.s)
	c.signal()
	return stopped
}

// alarm is a time.Timer, or the same in virtual time.
type alarm interface {
	Stop() bool
	Reset(wait time.Duration) bool
}

// alarm calls f after a while.
func (e *Engine) alarm(wait time.Duration, f func()) alarm {
	if e.config.Clock == nil {
		return time.AfterFunc(wait, f)
	}
	d := &deadline{clock: e.config.Clock, call: f}
	d.Reset(wait)
	return d
}

// rests is a call that waits for another piece of work. It goes on in its turn, as a piece of work does.
type rests struct {
	clock *VirtualClock // nil: no clock waits for it
	woken chan struct{}

	over  bool // it is to be woken, or has been
	given bool // it does not wait any more
}

func restsOn(c *VirtualClock) rests { return rests{clock: c, woken: make(chan struct{})} }

// wake ends the waiting.
func (r *rests) wake() {
	c := r.clock
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.over || r.given {
		return
	}
	r.over = true
	c.ready = append(c.ready, func() {
		c.join()
		close(r.woken)
	})
	c.signal()
}

// begin and end are before and after the waiting.
func (r *rests) begin() {
	if r.clock != nil {
		r.clock.part()
	}
}

func (r *rests) end() {
	if r.clock == nil {
		return
	}
	r.clock.mu.Lock()
	over := r.over
	if !over {
		r.given = true
		r.clock.awake++
	}
	r.clock.mu.Unlock()
	if over {
		<-r.woken
	}
}

// admitVirtually is slots.admit: who waits tries again, in its turn, when a slot is free.
func (e *Engine) admitVirtually(ctx context.Context, resource string) (release func(), err error) {
	for {
		if free, ok := e.slots.try(resource); ok {
			return func() {
				free()
				e.freed()
			}, nil
		}
		wait := restsOn(e.config.Clock)
		e.mu.Lock()
		e.queued = append(e.queued, wait.wake)
		e.mu.Unlock()
		wait.begin()
		select {
		case <-wait.woken:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if wait.end(); err != nil {
			return nil, err
		}
	}
}

// freed lets those who wait for a slot try again, one after the other.
func (e *Engine) freed() {
	e.mu.Lock()
	queued := e.queued
	e.queued = nil
	e.mu.Unlock()
	for _, wake := range queued {
		wake()
	}
}

// beginVirtually takes the clock, if there is one.
func (e *Engine) beginVirtually() error {
	c := e.config.Clock
	if c == nil {
		return nil
	}
	if err := c.acquire(); err != nil {
		return err
	}
	e.work.clock, e.stopped = c, make(chan struct{})
	look := func() {
		if err := e.poll(e.ctx); err != nil && e.ctx.Err() == nil {
			e.log("the store cannot be polled", "error", err)
		}
	}
	poll := &deadline{clock: c, call: look}
	// What was due may be over by now: time does not move before the store has said so.
	check := func() {
		poll.Stop()
		look()
		poll.checkedBy(nil)
	}
	e.leases.alarm = func(at time.Time) {
		poll.Reset(at.Sub(c.Now()))
		poll.checkedBy(check)
	}
	go c.drive(e.stopped)
	return nil
}

// endVirtually gives the clock back.
func (e *Engine) endVirtually() {
	if e.stopped != nil {
		close(e.stopped)
		e.config.Clock.release()
		e.stopped = nil
	}
}
