package runtime

import (
	"context"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// observe shows an event to the user's code.
func (e *Engine) observe(event *history.Event) {
	if e.config.Observe != nil {
		e.call("Observe", func() { e.config.Observe(*event) })
	}
}

// observeCommit shows the events of a commit.
func (e *Engine) observeCommit(r store.Record, events []history.Event) {
	for i := range events {
		e.observe(&events[i])
	}
	if e.config.Committed != nil && len(events) > 0 {
		e.call("Committed", func() { e.config.Committed(r, slices.Clone(events)) })
	}
	if len(events) > 0 {
		for _, f := range e.watchers.list() {
			e.call("a function of Watch", func() { (*f)(r, events) })
		}
	}
}

// call calls the user's code. A panic in it harms no execution.
func (e *Engine) call(name string, f func()) {
	defer func() {
		if value := recover(); value != nil {
			e.log(name+" panicked", "panic", value, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// showLoaded tells that the execution is in memory again, and what has happened so far.
func (r *resident) showLoaded(ctx context.Context) error {
	e := r.engine
	r.shown = true
	if e.config.Loaded == nil {
		return nil
	}
	events, err := e.History(ctx, r.id, 0, math.MaxInt)
	if err == nil {
		e.call("Loaded", func() { e.config.Loaded(r.id, events) })
	}
	return err
}

// mayLeave takes an execution that is gone out of the memory of the Engine, unless the user's code is to
// be told of it first: until then nobody loads it again. The locks of both are held.
func (r *resident) mayLeave() {
	switch e := r.engine; {
	case e.resident[r.id] != r:
	case r.shown && e.config.Evicted != nil:
		r.left = make(chan struct{})
	default:
		delete(e.resident, r.id)
	}
}

// showEvicted tells that the execution has left memory, if somebody wants to know.
func (r *resident) showEvicted() {
	e := r.engine
	if r.left == nil {
		return
	}
	e.call("Evicted", func() { e.config.Evicted(r.id) })
	e.mu.Lock()
	delete(e.resident, r.id)
	e.mu.Unlock()
	close(r.left)
}

// hasLeft waits until an execution that is gone may be loaded again.
func (r *resident) hasLeft() {
	r.mu.Lock()
	left := r.left
	r.mu.Unlock()
	if left != nil {
		<-left
	}
}

// log reports trouble.
func (e *Engine) log(message string, args ...any) { e.logAt(slog.LevelError, message, args...) }

// logAt reports something of a level: debug is about the course of single executions, info
// about the process.
func (e *Engine) logAt(level slog.Level, message string, args ...any) {
	if e.config.Logger != nil {
		e.config.Logger.Log(context.Background(), level, message, args...)
	}
}
