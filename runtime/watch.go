package runtime

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// Watch calls f after each commit with events, as EngineConfig.Committed is called, until stop
// is called; a call that is under way then goes on. Any number of functions may watch. They see what
// this process commits: what other processes commit is in the store alone. Executions wait for
// f, so it must be quick, and it must not change the events.
func (e *Engine) Watch(f func(r store.Record, events []history.Event)) (stop func()) {
	return e.watchers.add(f)
}

type watcher = func(store.Record, []history.Event)

// watchers are those that watch. Executions read the list without a lock.
type watchers struct {
	mu  sync.Mutex
	all atomic.Pointer[[]*watcher]
}

func (w *watchers) list() []*watcher {
	if all := w.all.Load(); all != nil {
		return *all
	}
	return nil
}

func (w *watchers) add(f watcher) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append(slices.Clone(w.list()), &f)
	w.all.Store(&all)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		rest := slices.DeleteFunc(slices.Clone(w.list()), func(other *watcher) bool { return other == &f })
		w.all.Store(&rest)
	}
}
