package storetest

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/statemill/statemill/runtime/store"
)

// defective is a store in memory with one defect.
type defective struct {
	*store.MemoryStore
	commit  func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error)
	poll    func(*store.Poll, *store.Polled)
	history func([]store.HistoryPart) []store.HistoryPart
}

func (d defective) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	if d.commit == nil {
		return d.MemoryStore.Commit(ctx, changes)
	}
	return d.commit(d.MemoryStore, ctx, changes)
}

func (d defective) Poll(ctx context.Context, p store.Poll) (store.Polled, error) {
	polled, err := d.MemoryStore.Poll(ctx, p)
	if d.poll != nil {
		d.poll(&p, &polled)
	}
	return polled, err
}

func (d defective) History(ctx context.Context, id string, after int64, limit int) ([]store.HistoryPart, error) {
	parts, err := d.MemoryStore.History(ctx, id, after, limit)
	if d.history != nil {
		parts = d.history(parts)
	}
	return parts, err
}

// The suite must notice each of these defects.
var defects = map[string]defective{
	// The rows of a change come in two halves.
	"torn": {commit: func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error) {
		var rest []store.Change
		halves := slices.Clone(changes)
		for i, c := range changes {
			if n := len(c.Frames) / 2; n > 0 && !c.Delete {
				halves[i].Frames = c.Frames[:n]
				rest = append(rest, store.Change{By: c.By, ID: c.ID, From: c.Revision, Revision: c.Revision, Owner: c.Owner, Due: c.Due, Frames: c.Frames[n:]})
			}
		}
		refused, err := s.Commit(ctx, halves)
		if err == nil && refused == nil {
			for range 50 {
				runtime.Gosched() // somebody looks in between
			}
			_, err = s.Commit(ctx, rest)
		}
		return refused, err
	}},
	"a refused change sends its messages": {commit: func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error) {
		refused, err := s.Commit(ctx, changes)
		for i := range refused {
			if refused[i] != nil {
				_, _ = s.Commit(ctx, []store.Change{{Send: changes[i].Send}})
			}
		}
		return refused, err
	}},
	"a refused change refuses all": {commit: func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error) {
		for _, c := range changes {
			if x, err := s.Load(ctx, c.ID); err == nil && x.Revision != c.From {
				return slices.Repeat([]error{store.ErrConflict}, len(changes)), nil
			}
		}
		return s.Commit(ctx, changes)
	}},
	"anybody commits": {commit: func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error) {
		changes = slices.Clone(changes)
		for i, c := range changes {
			if x, err := s.Load(ctx, c.ID); err == nil && x.Owner != "" {
				changes[i].By = x.Owner
			}
		}
		return s.Commit(ctx, changes)
	}},
	"success before it is stored": {commit: func(s *store.MemoryStore, ctx context.Context, changes []store.Change) ([]error, error) {
		return nil, store.Check(changes)
	}},
	"claims in any order": {poll: func(_ *store.Poll, polled *store.Polled) { slices.Reverse(polled.Claimed) }},
	"no Next":             {poll: func(p *store.Poll, polled *store.Polled) { polled.Next = p.Now }},
	"a message comes once": {poll: func(p *store.Poll, polled *store.Polled) {
		if len(polled.Claimed) == 0 {
			polled.Messages = nil
		}
	}},
	"the last part is lost": {history: func(parts []store.HistoryPart) []store.HistoryPart { return parts[:max(len(parts)-1, 0)] }},
}

func TestSuiteNoticesDefects(t *testing.T) {
	for name, defect := range defects {
		t.Run(name, func(t *testing.T) {
			assert.True(t, notices(t, folders[store.Store]{}.open(func() store.Store {
				broken := defect
				broken.MemoryStore = store.Memory()
				return broken
			})), "no case fails")
		})
	}
	t.Run("nothing is kept", func(t *testing.T) {
		assert.True(t, notices(t, func(testing.TB, string) (store.Store, error) { return store.Memory(), nil }), "no case fails")
	})
}

// notices reports whether a case of the suite fails.
func notices(t *testing.T, open func(t testing.TB, dir string) (store.Store, error)) bool {
	for _, c := range storeCases() {
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() { // FailNow ends the goroutine
			defer close(done)
			runCase(r, open, c, dump)
		}()
		<-done
		if r.failed.Load() {
			t.Logf("case %q fails", c.name)
			return true
		}
	}
	return false
}

// recorder takes note of a failure where a test would fail.
type recorder struct {
	testing.TB
	failed atomic.Bool
}

func (r *recorder) Errorf(string, ...any) { r.failed.Store(true) }
func (r *recorder) Logf(string, ...any)   {}
func (r *recorder) Skip(...any)           { runtime.Goexit() }
func (r *recorder) FailNow() {
	r.failed.Store(true)
	runtime.Goexit()
}
func (r *recorder) Fatal(...any) { r.FailNow() }
