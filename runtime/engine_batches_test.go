package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// gated is a store whose first Commit waits until the gate is open: what comes
// meanwhile is one batch then. It fails every batch with an execution that bad names.
type gated struct {
	store.Store
	gate    chan struct{} // made in the bubble
	first   sync.Once
	bad     atomic.Pointer[string]
	failed  atomic.Int64
	largest atomic.Int64
}

func (s *gated) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	s.largest.Store(max(s.largest.Load(), int64(len(changes))))
	s.first.Do(func() { <-s.gate })
	if bad := s.bad.Load(); bad != nil && slices.ContainsFunc(changes, func(c store.Change) bool { return strings.HasSuffix(c.ID, *bad) }) {
		s.failed.Add(1)
		return nil, errors.New("a row that no database takes")
	}
	return s.Store.Commit(ctx, changes)
}

// startMany starts executions with the names e0 to e(n-1) at once, and returns when all
// but those that cannot be stored have begun.
func startMany(t *testing.T, e *runtime.Engine, s *gated, n int) (all *sync.WaitGroup) {
	s.gate = make(chan struct{})
	all = new(sync.WaitGroup)
	p := compile(t, lone)
	for i := range n {
		all.Go(func() {
			record, err := e.Start(t.Context(), p, runtime.Identity{ExecutionName: fmt.Sprint("e", i)}, null, nil)
			if assert.NoError(t, err) {
				_, err = e.Wait(t.Context(), record.Execution)
				assert.NoError(t, err)
			}
		})
	}
	synctest.Wait()
	close(s.gate)
	synctest.Wait()
	return all
}

// A change that no store takes keeps out no others of its batch, and is found with few commits.
func TestEngineFindsTheBadChange(t *testing.T) {
	s := &gated{Store: store.Memory()}
	bad := ":e77"
	s.bad.Store(&bad)
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		all := startMany(t, e, s, 100)
		assert.Greater(t, s.largest.Load(), int64(50))
		ended, err := e.List(t.Context(), store.Query{Status: "SUCCEEDED"})
		require.NoError(t, err)
		assert.Len(t, ended, 99)
		assert.Less(t, s.failed.Load(), int64(12))
		time.Sleep(time.Hour)
		assert.Less(t, s.failed.Load(), int64(90), "it is tried once a minute at last")
		s.bad.Store(nil)
		all.Wait()
	})
}

// A batch that was stored although its commit failed is not stored twice, and its tasks are
// performed once.
func TestEngineDoubtsABatch(t *testing.T) {
	var performed atomic.Int64
	tasks := invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
		performed.Add(1)
		return null, nil
	})
	s := &gated{Store: &faulty.Store{Store: store.Memory(), Faults: map[int]faulty.Fault{2: faulty.After, 3: faulty.After, 5: faulty.Before}}}
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		startMany(t, e, s, 100).Wait()
		require.Equal(t, int64(100), performed.Load())
	})
}

// While the store is away, few changes wait in memory: Start waits too, as long as its context allows.
func TestEngineIsFull(t *testing.T) {
	s := &gated{Store: store.Memory()}
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		s.gate = make(chan struct{})
		p := compile(t, lone)
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for range 6000 {
			all.Go(func() {
				_, err := e.Start(impatient, p, runtime.Identity{}, null, nil)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
		all.Wait()
		close(s.gate)
		synctest.Wait()
		ended, err := e.List(t.Context(), store.Query{Status: "SUCCEEDED", Limit: 10_000})
		require.NoError(t, err)
		require.Len(t, ended, 6000, "that they were not waited for does not end them")
	})
}

// slowly is a store that takes a while to load an execution, and counts how many are loaded at a time.
type slowly struct {
	store.Store
	now, most atomic.Int64
}

func (s *slowly) Load(ctx context.Context, id string) (*store.Stored, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	time.Sleep(time.Second)
	return s.Store.Load(ctx, id)
}

// However many executions are due, few are loaded at a time; and all go on.
func TestEngineTakesUpFewAtATime(t *testing.T) {
	s := &slowly{Store: store.Memory()}
	var ids []string
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		for range 4000 {
			ids = append(ids, start(t, e, fmt.Sprintf(sleepsFor, 60), `{}`))
		}
	})
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		time.Sleep(2 * time.Minute)
		for _, id := range ids {
			_, err := e.Wait(t.Context(), id)
			require.NoError(t, err)
		}
		require.LessOrEqual(t, s.most.Load(), int64(1024))
		require.Greater(t, s.most.Load(), int64(256))
	})
}
