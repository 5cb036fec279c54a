package history_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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
		again, err := history.ParseEvents(data, result.History[0].Execution, nil)
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

// Parts that were stored one by one are read one by one, with the events of earlier ones.
func TestStoredParts(t *testing.T) {
	var parts, alone int
	for seed := range generate.Programs(100) {
		c, err := generate.New(seed)
		require.NoError(t, err)
		result, err := c.Replay().Run()
		require.NoError(t, err)
		var texts history.Texts
		stored := make(map[int64]*history.Event)
		for part := range slices.Chunk(result.History, 3) {
			data := texts.AppendEvents(nil, part)
			parts, alone = parts+len(data), alone+len(history.AppendEvents(nil, part))
			read, err := history.ParseEvents(data, part[0].Execution, func(id int64) (*history.Event, error) { return stored[id], nil })
			require.NoError(t, err)
			for i := range part {
				want, err := json.Marshal(part[i])
				require.NoError(t, err)
				got, err := json.Marshal(read[i])
				require.NoError(t, err)
				require.Equal(t, string(want), string(got))
				stored[part[i].ID] = &read[i]
			}
		}
	}
	t.Logf("%d bytes, %d without texts of earlier parts", parts, alone)
	require.Less(t, parts, alone)
}

// Texts that are forgotten are stored again; the events of an execution may have any number.
func TestManyTexts(t *testing.T) {
	var texts history.Texts
	stored := make(map[int64]*history.Event)
	for id := int64(1); id <= 10_000; id++ {
		name := fmt.Sprintf("%0100d", id%6000)
		read, err := history.ParseEvents(texts.AppendEvents(nil, []history.Event{{ID: id, Type: "PassStateEntered", Name: name, Location: name}}), "x",
			func(id int64) (*history.Event, error) { return stored[id], nil })
		require.NoError(t, err)
		require.Equal(t, name, read[0].Name)
		require.Equal(t, name, read[0].Location)
		stored[id] = &read[0]
	}
}

// The error of whoever finds earlier events is that of ParseEvents.
func TestEarlierEventFails(t *testing.T) {
	lost := errors.New("lost")
	var texts history.Texts
	event := history.Event{ID: 1, Type: "PassStateEntered", Name: strings.Repeat("n", 100)}
	texts.AppendEvents(nil, []history.Event{event})
	event.ID = 2
	data := texts.AppendEvents(nil, []history.Event{event})
	_, err := history.ParseEvents(data, "x", func(int64) (*history.Event, error) { return nil, lost })
	require.ErrorIs(t, err, lost)
	_, err = history.ParseEvents(data, "x", func(int64) (*history.Event, error) { return nil, nil })
	require.Error(t, err)
}

// ParseEvents refuses bytes that are no stored form.
func TestStoredEventsOfOtherForms(t *testing.T) {
	events, err := history.ParseEvents(history.AppendEvents(nil, nil), "x", nil)
	require.NoError(t, err)
	require.Empty(t, events)
	for name, data := range map[string][]byte{
		"nothing":           nil,
		"a later version":   {99},
		"cut":               history.AppendEvents(nil, []history.Event{{ID: 1, Type: "PassStateEntered", Name: "P"}})[:6],
		"an unknown type":   {1, 2, 0, 120, 0, 0, 0},
		"an unknown detail": {1, 2, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"an earlier part":   {1, 4, 0, 1, 0, 0, 1, 3, 0},
		"an unknown field":  {1, 2, 0, 1, 0, 0, 1, 1, 99},
		"a value as a text": {1, 2, 0, 1, 0, 0, 1, 1, 1},
		"before the first":  {1, 2, 0, 1, 0, 0, 1, 9, 0},
	} {
		_, err := history.ParseEvents(data, "x", nil)
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
		events, err := history.ParseEvents(data, "x", nil)
		if err != nil {
			return
		}
		again, err := history.ParseEvents(history.AppendEvents(nil, events), "x", nil)
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
			_, _ = history.ParseEvents(data, "x", nil)
		}
	})
}
