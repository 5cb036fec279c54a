package runtime

import (
	stdruntime "runtime"
	"sync"
	"sync/atomic"
)

// spreadFrom is how many strands a round must have to use a second goroutine.
const spreadFrom = 32

// crew works out the rounds of one execution on up to GOMAXPROCS goroutines.
// Rounds are short, and to wake a sleeping processor takes as long as one. So a
// helper stays awake for a moment after a round, since the next one mostly
// follows at once, and ends if none does: an execution that waits has none.
// The zero crew is ready for use by one goroutine; close ends its helpers.
type crew struct {
	helpers atomic.Int32
	latest  atomic.Pointer[round]
	closed  atomic.Bool
	group   sync.WaitGroup
}

// round is a number of calls that are made side by side.
type round struct {
	call   func(i int)
	calls  int
	share  int           // calls that a goroutine takes at a time
	next   atomic.Int64  // the first call that nobody has taken
	left   atomic.Int64  // calls that are not over
	over   chan struct{} // closed when none is left
	raised atomic.Pointer[any]
}

// each calls f(0) to f(n-1) and returns when all are over. A panic is raised
// again on the caller's goroutine.
func (c *crew) each(n int, f func(i int)) {
	workers := min(stdruntime.GOMAXPROCS(0), n/(spreadFrom/2))
	if n < spreadFrom || workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	r := &round{call: f, calls: n, share: max(1, n/(16*workers)), over: make(chan struct{})}
	r.left.Store(int64(n))
	c.latest.Store(r)
	for int(c.helpers.Load()) < workers-1 {
		c.helpers.Add(1)
		c.group.Go(c.help)
	}
	r.work()
	r.wait()
	c.latest.Store(nil)
	if value := r.raised.Load(); value != nil {
		panic(*value)
	}
}

// close ends the helpers and waits for them.
func (c *crew) close() {
	c.closed.Store(true)
	c.group.Wait()
}

// help takes part in rounds as long as they follow each other.
func (c *crew) help() {
	defer c.helpers.Add(-1)
	var last *round
	for {
		r := c.await(last)
		if r == nil {
			return
		}
		r.work()
		last = r
	}
}

// patience is how many times a goroutine yields before it gives up its
// processor: some 50 us.
const patience = 300

// await returns the round after the last one, or nil if it does not come.
func (c *crew) await(last *round) *round {
	for range patience {
		if c.closed.Load() {
			return nil
		}
		if r := c.latest.Load(); r != nil && r != last {
			return r
		}
		stdruntime.Gosched()
	}
	return nil
}

// work makes calls until all are taken.
func (r *round) work() {
	for {
		from := int(r.next.Add(int64(r.share))) - r.share
		if from >= r.calls {
			return
		}
		r.take(from, min(from+r.share, r.calls))
	}
}

// wait returns when all calls are over. The last ones mostly end at once.
func (r *round) wait() {
	for range patience {
		if r.left.Load() == 0 {
			return
		}
		stdruntime.Gosched()
	}
	<-r.over
}

// take makes calls. Calls that a panic skips count as made.
func (r *round) take(from, to int) {
	defer func() {
		if value := recover(); value != nil {
			raised := value
			r.raised.CompareAndSwap(nil, &raised)
		}
		if r.left.Add(int64(from-to)) == 0 {
			close(r.over)
		}
	}()
	for i := from; i < to; i++ {
		r.call(i)
	}
}
