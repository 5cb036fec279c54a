package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// Those that watch see each commit with its record until they stop, and a panic of one harms nobody.
func TestEngineWatch(t *testing.T) {
	bubble(t, store.Memory(), runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		var one, other []history.Event
		var last interp.Status
		stopOne := e.Watch(func(_ store.Record, events []history.Event) { one = append(one, events...) })
		defer e.Watch(func(store.Record, []history.Event) { panic("it looks and falls") })()
		stopOther := e.Watch(func(r store.Record, events []history.Event) { other, last = append(other, events...), r.Status })
		run := func() int {
			record, err := e.Start(t.Context(), compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`), runtime.Identity{}, jsonvalue.Object(), nil)
			require.NoError(t, err)
			_, err = e.Wait(t.Context(), record.Execution)
			require.NoError(t, err)
			events, err := e.History(t.Context(), record.Execution, 0, 100)
			require.NoError(t, err)
			return len(events)
		}
		first := run()
		require.Len(t, one, first)
		require.Len(t, other, first)
		require.Equal(t, interp.Succeeded, last)
		stopOne()
		stopOne()
		second := run()
		require.Len(t, one, first, "it has stopped")
		require.Len(t, other, first+second)
		stopOther()
	})
}
