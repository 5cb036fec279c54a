package history_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/runtime/history"
)

// Events come back from their stored form as they were, and that takes a fraction
// of their JSON form.
func TestStoredEvents(t *testing.T) {
	var stored, printed int
	for seed := range generate.Programs(200) {
		c, err := generate.New(seed)
		require.NoError(t, err)
		result, err := c.Replay().Run()
		require.NoError(t, err)
		data := history.AppendEvents(nil, result.History)
		again, err := history.ParseEvents(data, result.History[0].Execution)
		require.NoError(t, err)
		require.Len(t, again, len(result.History))
		for i, e := range result.History {
			want, err := json.Marshal(e)
			require.NoError(t, err)
			got, err := json.Marshal(again[i])
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			require.Equal(t, e.Execution, again[i].Execution)
			printed += len(want)
		}
		stored += len(data)
	}
	t.Logf("%d bytes, %d as JSON", stored, printed)
	require.Less(t, 3*stored, printed)
}

// ParseEvents refuses bytes that are no stored form.
func TestStoredEventsOfOtherForms(t *testing.T) {
	events, err := history.ParseEvents(history.AppendEvents(nil, nil), "x")
	require.NoError(t, err)
	require.Empty(t, events)
	for name, data := range map[string][]byte{
		"nothing":           nil,
		"a later version":   {99},
		"cut":               history.AppendEvents(nil, []history.Event{{ID: 1, Type: "PassStateEntered", Name: "P"}})[:6],
		"an unknown type":   {1, 2, 0, 120, 0, 0, 0},
		"an unknown detail": {1, 2, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"an unknown text":   {1, 2, 0, 1, 0, 0, 1, 9},
	} {
		_, err := history.ParseEvents(data, "x")
		require.Error(t, err, name)
	}
}

// FuzzParseEvents reads any bytes: what can be read is stored as it was.
func FuzzParseEvents(f *testing.F) {
	for seed := range uint64(50) {
		c, err := generate.New(seed)
		require.NoError(f, err)
		result, err := c.Replay().Run()
		require.NoError(f, err)
		f.Add(history.AppendEvents(nil, result.History))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := history.ParseEvents(data, "x")
		if err != nil {
			return
		}
		again, err := history.ParseEvents(history.AppendEvents(nil, events), "x")
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(events), fmt.Sprint(again))
	})
}

// BenchmarkEvents stores and reads the events of a workflow.
func BenchmarkEvents(b *testing.B) {
	c, err := generate.New(7)
	require.NoError(b, err)
	result, err := c.Replay().Run()
	require.NoError(b, err)
	data := history.AppendEvents(nil, result.History)
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			data = history.AppendEvents(data[:0], result.History)
		}
		b.ReportMetric(float64(len(data))/float64(len(result.History)), "bytes/event")
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			_, _ = history.ParseEvents(data, "x")
		}
	})
}
