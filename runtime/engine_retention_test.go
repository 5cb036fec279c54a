package runtime_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// Executions that are over are deleted after a while, those that run are not.
func TestEngineRetention(t *testing.T) {
	for name, c := range map[string]struct {
		retention time.Duration
		gone      time.Duration // when the executions that are over have been deleted; 0: never
	}{
		"two hours":       {2 * time.Hour, 3*time.Hour + time.Minute},
		"without setting": {0, 91 * 24 * time.Hour},
		"for ever":        {-1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.Memory()
			bubble(t, s, runtime.EngineConfig{Tasks: answers, Retention: c.retention, Lease: 1000 * time.Hour}, func(t *testing.T, e *runtime.Engine) {
				for range 1200 {
					_, err := e.Wait(t.Context(), start(t, e, lone, `{}`))
					require.NoError(t, err)
				}
				runs := start(t, e, awaitsWord, `{}`)
				count := func() int {
					found, err := e.List(t.Context(), store.Query{Limit: 5000})
					require.NoError(t, err)
					return len(found)
				}
				time.Sleep(c.retention/2 + time.Minute)
				require.Equal(t, 1201, count())
				if c.gone == 0 {
					time.Sleep(100 * 24 * time.Hour)
					require.Equal(t, 1201, count())
					return
				}
				time.Sleep(c.gone)
				require.Equal(t, 1, count())
				_, err := e.Describe(t.Context(), runs)
				require.NoError(t, err)
			})
		})
	}
}

// The children of a Map Run are there as long as the execution that it belongs to, and no longer.
func TestEngineDeleteChildren(t *testing.T) {
	s := store.Memory()
	from := objects.Memory()
	from.Put("b", "k", "[0, 1, 2]")
	count := func(t *testing.T, e *runtime.Engine) int {
		found, err := e.List(t.Context(), store.Query{})
		require.NoError(t, err)
		return len(found)
	}
	bubble(t, s, runtime.EngineConfig{Tasks: seconds, Objects: from, Retention: time.Hour, Lease: 1000 * time.Hour}, func(t *testing.T, e *runtime.Engine) {
		for _, name := range []string{"deleted", "expired"} {
			id := who
			id.Execution += name
			_, err := e.Start(t.Context(), compile(t, twoAtATime), id, jsonvalue.Object(), nil)
			require.NoError(t, err)
			require.ErrorIs(t, e.Delete(t.Context(), id.Execution), runtime.ErrRunning)
			_, err = e.Wait(t.Context(), id.Execution)
			require.NoError(t, err)
			require.Equal(t, 4, count(t, e))
			if name == "deleted" {
				require.NoError(t, e.Delete(t.Context(), id.Execution))
				require.Zero(t, count(t, e))
			}
		}
		time.Sleep(3 * time.Hour)
		require.Zero(t, count(t, e))
	})
	bubble(t, s, runtime.EngineConfig{Tasks: seconds, Objects: from, Retention: time.Hour, Lease: 1000 * time.Hour}, func(t *testing.T, e *runtime.Engine) {
		from.Put("b", "k", "[0, 36000]")
		_, err := e.Start(t.Context(), compile(t, twoAtATime), who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		time.Sleep(9 * time.Hour)
		require.Equal(t, 3, count(t, e), "one child is over for long, and its result is wanted")
		out, err := e.Wait(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Equal(t, "[0,36000]", out.String())
	})
}
