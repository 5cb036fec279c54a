package runtime

import (
	"container/list"
	"sync"
	"time"
)

const (
	// largeFrom is from how many bytes on an execution stays in memory for a while when it waits. To load
	// a small one takes no time; one with a thousand open tasks would be loaded for each answer.
	largeFrom = 64 << 10
	// keepFor is how long it stays there.
	keepFor = 10 * time.Second
)

// kept are the large executions that wait in memory. When they take too much of it, the
// one that has waited longest goes.
type kept struct {
	mu    sync.Mutex
	limit int64
	bytes int64
	order list.List // of *resident, the one that has waited longest first
}

// add keeps an execution, and returns those that have to go.
func (k *kept) add(r *resident) (leaving []*resident) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.place = k.order.PushBack(r)
	k.bytes += r.size
	for k.bytes > k.limit {
		longest := k.order.Front().Value.(*resident)
		k.drop(longest)
		leaving = append(leaving, longest)
	}
	return leaving
}

// remove takes an execution out, which has a turn or is gone.
func (k *kept) remove(r *resident) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop(r)
}

func (k *kept) drop(r *resident) {
	if r.place != nil {
		k.order.Remove(r.place)
		k.bytes -= r.size
		r.place = nil
	}
}

// stays reports whether an execution that waits is to be kept in memory after the turn.
func (t *turn) stays() bool {
	r := t.r
	if t.ready.Outcome != nil {
		return false
	}
	size := int64(r.x.Size())
	if len(r.program.Distributed()) > 0 && len(r.x.MapRuns()) > 0 {
		size = max(size, largeFrom) // it is told of each child that ends
	}
	now := r.engine.now()
	if len(t.mail) > 0 || t.change.From != t.change.Revision {
		r.worked = now
	} else if r.leaving.Load() {
		return false
	}
	if size < largeFrom || now.Sub(r.worked) >= keepFor {
		return false
	}
	r.size = size
	return true
}

// until returns when an execution that waits in memory has its next turn: when it is due, or has
// waited there long enough.
func (r *resident) until(wake time.Time) time.Time {
	if leave := r.worked.Add(keepFor); wake.IsZero() || leave.Before(wake) {
		return leave
	}
	return wake
}
