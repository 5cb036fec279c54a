package runtime_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// Each page of a history is whole, although a text is stored once, with the event that had it first.
func TestHistoryPages(t *testing.T) {
	const definition = `{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "a", "Next": "B"}, "B": {"Type": "Task", "Resource": "b", "Next": "C"},
		"C": {"Type": "Task", "Resource": "c", "End": true}}}`
	s := store.Memory()
	e := open(t, s, runtime.EngineConfig{Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })})
	input := `{"text":"` + strings.Repeat("long ", 50) + `"}`
	id := start(t, e, definition, input)
	out, err := e.Wait(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, input, out.String())

	parts, err := s.History(t.Context(), id, 0, 1000)
	require.NoError(t, err)
	var stored []byte
	for _, p := range parts {
		stored = append(stored, p.Data...)
	}
	require.Len(t, parts, 4)
	require.Equal(t, 1, strings.Count(string(stored), input), "the text is stored once")

	all, err := e.History(t.Context(), id, 0, 1000)
	require.NoError(t, err)
	require.Equal(t, input, all[len(all)-1].Output.String())
	for limit := 1; limit <= len(all); limit++ {
		for after := range len(all) {
			page, err := e.History(t.Context(), id, int64(after), limit)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(all[after:min(after+limit, len(all))]), fmt.Sprint(page), "%d after %d", limit, after)
			back, err := e.History(t.Context(), id, int64(after+1), -limit)
			require.NoError(t, err)
			before := slices.Clone(all[max(after-limit, 0):after])
			slices.Reverse(before)
			if after > 0 {
				require.Equal(t, fmt.Sprint(before), fmt.Sprint(back), "%d before %d", limit, after+1)
			}
		}
	}
}
