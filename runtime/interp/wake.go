package interp

import (
	"container/heap"
	"time"
)

// wakeHeap holds the frames that have a deadline, the earliest first; frames of
// one instant in the order of their ids. An entry whose frame has another
// deadline by now is skipped.
type wakeHeap []wakeEntry

type wakeEntry struct {
	until int64
	frame *frame
}

func (h wakeHeap) Len() int { return len(h) }
func (h wakeHeap) Less(i, j int) bool {
	if h[i].until != h[j].until {
		return h[i].until < h[j].until
	}
	return h[i].frame.id < h[j].frame.id
}
func (h wakeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *wakeHeap) Push(e any) { *h = append(*h, e.(wakeEntry)) }

// Pop implements heap.Interface.
func (h *wakeHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = wakeEntry{}
	*h = old[:len(old)-1]
	return e
}

func (h *wakeHeap) push(f *frame) {
	h.prune()
	if len(*h) == 0 {
		*h = append(*h, wakeEntry{f.until, f})
		return
	}
	heap.Push(h, wakeEntry{f.until, f})
}

// prune drops entries at the front that no longer hold.
func (h *wakeHeap) prune() {
	for len(*h) > 0 && (*h)[0].frame.until != (*h)[0].until {
		if len(*h) == 1 {
			h.Pop()
		} else {
			heap.Pop(h)
		}
	}
}

// next returns the earliest deadline, or 0.
func (h *wakeHeap) next() int64 {
	h.prune()
	if len(*h) == 0 {
		return 0
	}
	return (*h)[0].until
}

// due takes the first frame off whose deadline is not after now.
func (h *wakeHeap) due(now int64) *frame {
	h.prune()
	if len(*h) == 0 || (*h)[0].until > now {
		return nil
	}
	return heap.Pop(h).(wakeEntry).frame
}

// sleepUntil makes the frame due at an instant.
func (x *Execution) sleepUntil(f *frame, until int64) {
	f.until = until
	x.wakes.push(f)
}

// Pending returns, after [Program.Restore], what the driver must take up
// again: in Start the tasks that are out and were not parked, and Wake. Open lists
// the tasks that are parked: they are answered by token. It changes nothing.
func (x *Execution) Pending() Ready {
	r := Ready{Header: x.storedAs(), Wake: x.nextWake()}
	for _, f := range x.frames {
		switch {
		case f.phase == phaseWorking && f.task.parked:
			r.Open = append(r.Open, startOf(f))
		case f.phase == phaseWorking:
			r.Start = append(r.Start, startOf(f))
		case f.phase == phaseMapping || f.phase == phaseWriting:
			if r.Mapping == nil {
				r.Mapping = new(Mapping)
			}
			x.pendingRun(f, r.Mapping)
		}
	}
	return r
}

// pendingRun tells what a Map Run asked for. The store knows the children, and those that are to
// be redriven have been told with the commit.
func (x *Execution) pendingRun(f *frame, m *Mapping) {
	run := f.fork.run
	switch {
	case f.phase == phaseMapping && run.reading:
		m.Read = append(m.Read, x.readOf(f))
	case f.phase == phaseMapping:
	case run.writer.bucket != "":
		m.Write = append(m.Write, x.writeOf(f))
	default:
		m.Collect = append(m.Collect, x.collectOf(f))
	}
}

// Task returns what a Ready said to start, of a task that is out and has no answer;
// ok is false for every other.
func (x *Execution) Task(id TaskID) (s StartTask, ok bool) {
	f := x.task(id)
	if f == nil {
		return s, false
	}
	return startOf(f), true
}

// nextWake returns when Step is due.
func (x *Execution) nextWake() time.Time {
	if x.header.Status != Running {
		return time.Time{}
	}
	until := x.wakes.next()
	if len(x.ready) > 0 {
		until = max(x.now, 1)
	}
	if d := x.header.deadline; d > 0 && (until == 0 || d < until) {
		until = d
	}
	if until == 0 {
		return time.Time{}
	}
	return time.UnixMilli(until).UTC()
}
