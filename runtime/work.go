package runtime

import (
	"context"
	"sync"
)

// work counts what an Engine has under way. Work under way may begin more work, also
// while the Engine is closed; when nothing is left then, no work begins any more.
type work struct {
	clock *VirtualClock // nil: work begins at once

	mu      sync.Mutex
	n       int
	closing bool
	over    chan struct{} // of close: closed when nothing is under way any more
}

// enter counts a piece of work, unless all work is over.
func (w *work) enter() bool {
	begun := w.begin()
	if begun && w.clock != nil {
		w.clock.join()
	}
	return begun
}

func (w *work) leave() {
	if w.clock != nil {
		w.clock.part()
	}
	w.end()
}

// begin and end count work for which a virtual clock does not wait.
func (w *work) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing && w.n == 0 {
		return false
	}
	w.n++
	return true
}

func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n--; w.closing && w.n == 0 {
		close(w.over)
	}
}

// do runs f on a goroutine, unless all work is over.
func (w *work) do(f func()) bool {
	switch {
	case w.clock == nil:
		return w.loop(f)
	case !w.begin():
		return false
	}
	w.clock.do(func() {
		defer w.end()
		f()
	})
	return true
}

// loop does so with a function that mostly waits: a virtual clock does not wait for it.
func (w *work) loop(f func()) bool {
	if !w.begin() {
		return false
	}
	go func() {
		defer w.end()
		f()
	}()
	return true
}

// close waits until nothing is under way.
func (w *work) close(ctx context.Context) error {
	w.mu.Lock()
	if !w.closing {
		w.closing, w.over = true, make(chan struct{})
		if w.n == 0 {
			close(w.over)
		}
	}
	w.mu.Unlock()
	select {
	case <-w.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
