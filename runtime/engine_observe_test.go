package runtime_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// follower keeps for each execution the events that it was shown, as an observer with a state does.
type follower struct {
	mu     sync.Mutex
	states map[string][]int64 // ids of the events of those that are in memory
	whole  map[string]int     // how many events were known when they left it
	loaded int
}

func (f *follower) config(c runtime.EngineConfig, t *testing.T) runtime.EngineConfig {
	f.states, f.whole = make(map[string][]int64), make(map[string]int)
	c.Loaded = func(id string, sofar []history.Event) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.loaded++
		assert.NotContains(t, f.states, id, "it was evicted before")
		f.states[id] = nil
		for _, e := range sofar {
			f.states[id] = append(f.states[id], e.ID)
		}
	}
	c.Observe = func(e history.Event) {
		f.mu.Lock()
		defer f.mu.Unlock()
		assert.Equal(t, int(e.ID), len(f.states[e.Execution])+1, "no event is missing, none comes twice")
		f.states[e.Execution] = append(f.states[e.Execution], e.ID)
	}
	c.Evicted = func(id string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		assert.Contains(t, f.states, id)
		f.whole[id] = len(f.states[id])
		delete(f.states, id)
		if len(id)%2 == 0 {
			panic("an observer with a fault")
		}
	}
	return c
}

// An observer sees each event of an execution once, and after what was before, however often
// the execution leaves memory and comes back.
func TestEngineShowsWhatItLoads(t *testing.T) {
	s := store.Memory()
	var ids []string
	run := func(f func(t *testing.T, e *runtime.Engine)) *follower {
		var seen follower
		bubble(t, s, seen.config(runtime.EngineConfig{Tasks: answers}, t), f)
		require.Empty(t, seen.states, "all have left")
		return &seen
	}
	run(func(t *testing.T, e *runtime.Engine) {
		for i := range 20 {
			record, err := e.Start(t.Context(), compile(t, fmt.Sprintf(sleepsFor, 60+i)), runtime.Identity{ExecutionName: strings.Repeat("n", i+1)}, null, nil)
			require.NoError(t, err)
			ids = append(ids, record.Execution)
		}
	})
	seen := run(func(t *testing.T, e *runtime.Engine) {
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				_, err := e.Redrive(t.Context(), id, nil) // loads it, in vain
				assert.ErrorIs(t, err, runtime.ErrNotRedrivable)
			})
		}
		all.Wait()
		time.Sleep(2 * time.Minute)
		for _, id := range ids {
			_, err := e.Wait(t.Context(), id)
			require.NoError(t, err)
		}
	})
	require.GreaterOrEqual(t, seen.loaded, 40)
	for _, id := range ids {
		require.Equal(t, 9, seen.whole[id], "events of %s", id)
	}
}

// An ExecutionError of an Engine tells where the execution failed, as that of a Runner.
func TestEngineWhereItFailed(t *testing.T) {
	const definition = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
		"StartAt": "I", "States": {"I": {"Type": "Fail", "Error": "Broken", "Cause": "why"}}}}}}`
	want := func(err error) *runtime.ExecutionError {
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		return failed
	}
	_, err := runtime.Run(t.Context(), compile(t, definition), jsonvalue.MustParse(`[1]`), nil)
	s := store.Memory()
	e := open(t, s, runtime.EngineConfig{})
	id := start(t, e, definition, `[1]`)
	_, kept := e.Wait(t.Context(), id)
	require.Equal(t, want(err), want(kept))
	_, kept = open(t, s, runtime.EngineConfig{}).Wait(t.Context(), id)
	require.Equal(t, want(err), want(kept), "another process has no other opinion")
	record, err := e.Describe(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, interp.Failed, record.Status)
	require.Equal(t, "I in M[0]/I", record.FailedState+" in "+record.FailedPath)
}

// The log tells what the history has no place for.
func TestEngineLogs(t *testing.T) {
	var text strings.Builder
	var mu sync.Mutex
	logger := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return text.Write(p)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	bubble(t, store.Memory(), runtime.EngineConfig{Tasks: answers, Logger: logger, Name: "one", Retention: time.Hour, Observe: func(history.Event) { panic("no") }}, func(t *testing.T, e *runtime.Engine) {
		_, err := e.Wait(t.Context(), start(t, e, fmt.Sprintf(sleepsFor, 60), `{}`))
		require.NoError(t, err)
		time.Sleep(3 * time.Hour)
	})
	for _, want := range []string{
		`INFO msg="the engine is open" name=one`, `DEBUG msg="executions are claimed" count=1`, `ERROR msg="Observe panicked" panic=no stack=`,
		`DEBUG msg="old executions are deleted" count=1`, `INFO msg="the engine is closed" name=one`,
	} {
		require.Contains(t, text.String(), want)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
