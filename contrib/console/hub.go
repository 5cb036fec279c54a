package console

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	maxStreams = 64
	keptFeeds  = 16   // that nobody uses, for whoever comes next
	keptNews   = 1024 // what has happened to executions, for lists
	maxNews    = 100  // executions that one frame tells of: with more, a list is better read again
)

// hub has the feeds, and tells streams that something has happened.
type hub struct {
	engine *runtime.Engine
	runs   finished

	mu      sync.Mutex
	feeds   map[string]*feed
	idle    []string // feeds without users, the one that was used last at the end
	streams int
	stop    func() // ends the watch of the Engine; nil: there is no stream

	waiting map[string][]chan struct{} // streams that wait for a change, by execution; "": lists
	epoch   string                     // of the numbers of news
	news    []executionRow             // the last ones
	counted int64                      // how many there have been
}

func newHub(engine *runtime.Engine) *hub {
	return &hub{engine: engine, feeds: make(map[string]*feed), waiting: make(map[string][]chan struct{})}
}

// use returns the feed of an execution. Call done when it is used no more.
func (h *hub) use(id string) (f *feed, done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f = h.feeds[id]
	if f == nil {
		f = &feed{engine: h.engine, id: id}
		h.feeds[id] = f
	}
	f.users++
	h.idle = slices.DeleteFunc(h.idle, func(other string) bool { return other == id })
	return f, func() { h.leave(f) }
}

func (h *hub) leave(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.users--; f.users > 0 || h.feeds[f.id] != f {
		return
	}
	h.idle = append(h.idle, f.id)
	if len(h.idle) > keptFeeds {
		delete(h.feeds, h.idle[0])
		h.idle = h.idle[1:]
	}
}

// forget drops the feed of an execution that is gone: another may get its name.
func (h *hub) forget(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.feeds[f.id] == f {
		delete(h.feeds, f.id)
		h.idle = slices.DeleteFunc(h.idle, func(other string) bool { return other == f.id })
	}
}

// folded returns the feed of an execution, up to date.
func (h *hub) folded(ctx context.Context, id string) (f *feed, done func(), err error) {
	used, leave := h.use(id)
	defer func() {
		if f == nil { // an error, or a panic
			leave()
			h.forget(used)
		}
	}()
	if err := used.update(ctx); err != nil {
		return nil, nil, err
	}
	return used, leave, nil
}

// begin counts a stream. ok is false if there are too many.
func (h *hub) begin() (end func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams == maxStreams {
		return nil, false
	}
	if h.streams++; h.stop == nil {
		h.epoch, h.news, h.counted = rand.Text()[:8], nil, 0
		h.stop = h.engine.Watch(h.committed)
	}
	return h.end, true
}

func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams--; h.streams == 0 {
		h.stop()
		h.stop = nil
	}
}

// committed is called by executions, so it only takes note.
func (h *hub) committed(r store.Record, events []history.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake(r.Execution)
	if r.MapRun == "" && (r.Status != interp.Running || events[0].ID == 1 || events[0].Type == "ExecutionRedriven") {
		if h.counted++; len(h.news) < keptNews {
			h.news = append(h.news, rowOf(&r))
		} else {
			h.news[(h.counted-1)%keptNews] = rowOf(&r)
		}
		h.wake("")
	}
}

func (h *hub) wake(who string) {
	for _, waits := range h.waiting[who] {
		close(waits)
	}
	delete(h.waiting, who)
}

// wait returns a channel that is closed with the next change of an execution, or of any if id
// is "".
func (h *hub) wait(id string) (changed <-chan struct{}, cancel func()) {
	waits := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting[id] = append(h.waiting[id], waits)
	return waits, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waiting[id] = slices.DeleteFunc(h.waiting[id], func(other chan struct{}) bool { return other == waits })
		if len(h.waiting[id]) == 0 {
			delete(h.waiting, id)
		}
	}
}

// since returns what has happened after a number of an epoch, the last news of each execution. missed
// says that some of it is not known any more.
func (h *hub) since(epoch string, number int64) (rows []executionRow, now string, last int64, missed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if epoch != h.epoch || number > h.counted || h.counted-number > int64(len(h.news)) {
		return nil, h.epoch, h.counted, true
	}
	at := make(map[string]int)
	for ; number < h.counted; number++ {
		r := h.news[number%keptNews]
		if i, twice := at[r.ARN]; twice {
			rows[i] = r
			continue
		}
		if len(rows) == maxNews {
			return nil, h.epoch, h.counted, true
		}
		at[r.ARN] = len(rows)
		rows = append(rows, r)
	}
	return rows, h.epoch, h.counted, false
}
