package runtime

import (
	"context"
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
	changes []store.Change // the memory of a batch, of whoever writes
}

// The most that one transaction takes.
const (
	maxBatch      = 512
	maxBatchBytes = 4 << 20
)

// add queues a change. If nothing is being written, the caller writes what is queued by now: that
// saves two changes of goroutines where there is one client. It writes no more than that.
func (c *committer) add(change *commit) {
	c.mu.Lock()
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

// alone commits a change, and waits for the outcome.
func (c *committer) alone(change *store.Change) (refused, err error) {
	told := make(outcomes, 1)
	c.add(&commit{change: *change, solo: true, to: told})
	outcome := <-told
	return outcome[0], outcome[1]
}

// writeAll commits batches as long as there are any.
func (c *committer) writeAll(batch []*commit) {
	for ; batch != nil; batch = c.next() {
		c.write(batch)
	}
}

// write commits one batch.
func (c *committer) write(batch []*commit) {
	for _, b := range batch {
		c.changes = append(c.changes, b.change)
	}
	refused, err := c.commit(c.changes)
	clear(c.changes)
	c.changes = c.changes[:0]
	if len(batch) <= 4 && !c.watched {
		tell(batch, refused, err)
		return
	}
	go tell(batch, refused, err) // the next batch is committed meanwhile
}

// commit does not know what is stored if the store panics or its answer is none.
func (c *committer) commit(changes []store.Change) (refused []error, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("runtime: the store panicked: %v", value)
		}
	}()
	refused, err = c.store.Commit(c.ctx, changes)
	if err == nil && refused != nil && len(refused) != len(changes) {
		err = fmt.Errorf("runtime: the store answered %d of %d changes", len(refused), len(changes))
	}
	return refused, err
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
	return n
}

func tell(batch []*commit, refused []error, err error) {
	for i, b := range batch {
		var why error
		if err == nil && refused != nil {
			why = refused[i]
		}
		b.to.committed(why, err)
	}
}
