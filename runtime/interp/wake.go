package interp

import "container/heap"

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
