package history_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/runtime/history"
)

// FuzzEvent prints an event and reads it again, for all types of events.
func FuzzEvent(f *testing.F) {
	for seed := range uint64(100) {
		c, err := generate.New(seed)
		require.NoError(f, err)
		result, err := c.Replay().Run()
		require.NoError(f, err)
		for _, e := range result.History {
			text, err := json.Marshal(e)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	for _, kind := range history.TypesWithDetails() {
		f.Add([]byte(`{"timestamp": 1.5, "type": "` + kind + `", "id": 2, "previousEventId": 1}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var e, again history.Event
		if json.Unmarshal(text, &e) != nil {
			return
		}
		printed, err := json.Marshal(e)
		if err != nil {
			return // an instant that cannot be printed
		}
		require.NoError(t, json.Unmarshal(printed, &again))
		twice, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(printed), string(twice))
	})
}
