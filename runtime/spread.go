package runtime

import (
	stdruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A round is shared if it has enough calls, and if they will take long enough, as told by
// those before: to share less costs more than it saves.
const (
	spreadFrom = 32
	worthWhile = 40 * time.Microsecond
	sample     = 4 // calls of the first round
)

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

	usual time.Duration // what a call of the last rounds took; 0: there was none
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
		callAll(0, n, f)
		return
	}
	first := 0
	if c.usual == 0 {
		first = sample
		began := time.Now()
		callAll(0, first, f)
		c.usual = time.Since(began) / sample
	}
	began := time.Now()
	if time.Duration(n)*c.usual < worthWhile {
		callAll(first, n, f)
		c.learn(time.Since(began), n-first)
		return
	}
	r := &round{call: f, calls: n, share: max(1, n/(16*workers)), over: make(chan struct{})}
	r.next.Store(int64(first))
	r.left.Store(int64(n - first))
	c.latest.Store(r)
	for int(c.helpers.Load()) < workers-1 {
		c.helpers.Add(1)
		c.group.Go(c.help)
	}
	if calls := r.work(); calls > 0 {
		c.learn(time.Since(began), calls)
	}
	r.wait()
	c.latest.Store(nil)
	if value := r.raised.Load(); value != nil {
		panic(*value)
	}
}

// learn notes how long the calls of a round took.
func (c *crew) learn(took time.Duration, calls int) {
	c.usual = max(1, (3*c.usual+took/time.Duration(calls))/4)
}

// callAll makes the calls from ... to-1.
func callAll(from, to int, f func(i int)) {
	for i := from; i < to; i++ {
		f(i)
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

// work makes calls until all are taken, and returns how many it made.
func (r *round) work() (made int) {
	for {
		from := int(r.next.Add(int64(r.share))) - r.share
		if from >= r.calls {
			return made
		}
		to := min(from+r.share, r.calls)
		r.take(from, to)
		made += to - from
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
	callAll(from, to, r.call)
}
