package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/statemill/statemill/runtime/store"
)

// commit is a change on its way into the store.
type commit struct {
	change store.Change
	solo   bool // it goes alone: a batch that it was part of failed

	to interface {
		// committed is told the outcome. refused is ErrExists or ErrConflict; err means that it
		// is not known whether the change is stored. It does not wait for other commits.
		committed(refused, err error)
	}
}

// outcomes gets the outcome of one commit.
type outcomes chan [2]error

func (o outcomes) committed(refused, err error) { o <- [2]error{refused, err} }

// committer puts changes of many executions into one transaction: while one commit
// is under way, others gather.
type committer struct {
	ctx     context.Context
	store   store.Store
	watched bool // the user's code sees what is committed: it must not hold up others

	mu      sync.Mutex
	queue   []*commit
	writing bool
	room    *sync.Cond     // the queue is shorter
	changes []store.Change // the memory of a batch, of whoever writes
}

// The most that one transaction takes, and that waits for the next ones.
const (
	maxBatch      = 512
	maxBatchBytes = 4 << 20
	maxQueue      = 4096
)

// add queues a change, and waits while the queue is full. If nothing is being written, the caller
// writes what is queued by now: that saves two changes of goroutines where there is one client. It
// writes no more than that.
func (c *committer) add(change *commit) {
	c.mu.Lock()
	for len(c.queue) >= maxQueue {
		c.space().Wait()
	}
	c.queue = append(c.queue, change)
	lead := !c.writing
	c.writing = true
	c.mu.Unlock()
	if !lead {
		return
	}
	c.write(c.next())
	if batch := c.next(); batch != nil {
		go c.writeAll(batch)
	}
}

// space tells that there is room in the queue. The lock is held.
func (c *committer) space() *sync.Cond {
	if c.room == nil {
		c.room = sync.NewCond(&c.mu)
	}
	return c.room
}

// alone commits a change, and waits for the outcome.
func (c *committer) alone(change *store.Change) (refused, err error) {
	told := make(outcomes, 1)
	c.add(&commit{change: *change, solo: true, to: told})
	of := <-told
	return of[0], of[1]
}

// writeAll commits batches as long as there are any.
func (c *committer) writeAll(batch []*commit) {
	for ; batch != nil; batch = c.next() {
		c.write(batch)
	}
}

// write commits one batch.
func (c *committer) write(batch []*commit) {
	told := c.commit(batch)
	if told.err == nil || len(batch) == 1 {
		c.tell(batch, told)
		return
	}
	c.divide(batch)
}

// divide looks for the change that makes a batch fail, so that it keeps no others out: the halves are
// committed apart, and if one of them fails, it is divided again. If both fail, the store is
// away, and nothing is to be gained.
func (c *committer) divide(batch []*commit) {
	halves := [2][]*commit{batch[:len(batch)/2], batch[len(batch)/2:]}
	told := [2]ruling{c.commit(halves[0]), c.commit(halves[1])}
	one := (told[0].err == nil) != (told[1].err == nil)
	for i, half := range halves {
		if one && told[i].err != nil && len(half) > 1 {
			c.divide(half)
			continue
		}
		for n := range told[i].refused {
			if told[i].refused[n] != nil {
				told[i].refused[n] = errDoubtful
			}
		}
		c.tell(half, told[i])
	}
}

// errDoubtful is the error of a change that is refused after a commit failed: that commit may have
// stored it.
var errDoubtful = errors.New("runtime: a commit that failed may have stored the change")

// ruling is what a store answers to a batch.
type ruling struct {
	refused []error // nil: none
	err     error
}

// commit does not know what is stored if the store panics or its answer is none.
func (c *committer) commit(batch []*commit) (told ruling) {
	defer func() {
		if value := recover(); value != nil {
			told.err = fmt.Errorf("runtime: the store panicked: %v", value)
		}
		clear(c.changes)
		c.changes = c.changes[:0]
	}()
	for _, b := range batch {
		c.changes = append(c.changes, b.change)
	}
	told.refused, told.err = c.store.Commit(c.ctx, c.changes)
	if told.err == nil && told.refused != nil && len(told.refused) != len(batch) {
		told.err = fmt.Errorf("runtime: the store answered %d of %d changes", len(told.refused), len(batch))
	}
	return told
}

// next takes a batch off the queue, or nil if nothing is left.
func (c *committer) next() []*commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, bytes := 0, 0
	for n < len(c.queue) && n < maxBatch && bytes < maxBatchBytes {
		if c.queue[n].solo && n > 0 {
			break
		}
		bytes += sizeOf(&c.queue[n].change)
		n++
		if c.queue[n-1].solo {
			break
		}
	}
	if n == 0 {
		c.writing, c.queue = false, nil
		return nil
	}
	batch := c.queue[:n:n]
	c.queue = c.queue[n:]
	c.space().Broadcast()
	return batch
}

// sizeOf returns about how many bytes a change stores.
func sizeOf(c *store.Change) int {
	n := len(c.State) + len(c.Definition)
	for _, rows := range [][]store.Row{c.Frames, c.Values} {
		for i := range rows {
			n += len(rows[i].Data)
		}
	}
	if c.History != nil {
		n += len(c.History.Data)
	}
	for i := range c.Send {
		n += len(c.Send[i].Data)
	}
	for i := range c.Children {
		n += sizeOf(&c.Children[i])
	}
	return n
}

// tell tells what became of a batch.
func (c *committer) tell(batch []*commit, told ruling) {
	if len(batch) <= 4 && !c.watched {
		told.tell(batch)
		return
	}
	go told.tell(batch) // the next batch is committed meanwhile
}

func (o ruling) tell(batch []*commit) {
	for i, b := range batch {
		refused, err := error(nil), o.err
		if err == nil && o.refused != nil {
			refused = o.refused[i]
		}
		if refused == errDoubtful {
			refused, err = nil, refused
		}
		b.to.committed(refused, err)
	}
}
