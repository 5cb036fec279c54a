package history_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/runtime/history"
)

// The stored form of this version is that of the files, and every later version reads what they
// have. A case begins with events, one a line. "store 3" prints the stored form of parts of three events;
// "read" is followed by parts that a version has stored, and prints the events.
func TestStoredForm(t *testing.T) {
	golden.Run(t, "testdata/stored/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		return func(input string) string {
			verb, rest, _ := strings.Cut(input, " ")
			if verb == "read" {
				return linesOf(t, readParts(t, strings.Fields(rest)))
			}
			var size int
			require.NoError(t, json.Unmarshal([]byte(rest), &size))
			parts := storedParts(eventsOf(t, c.Setup), size)
			require.Equal(t, c.Setup, linesOf(t, readParts(t, parts)), "what is stored is read")
			return strings.Join(parts, "\n")
		}
	})
}

func eventsOf(t *testing.T, lines string) (events []history.Event) {
	for line := range strings.Lines(lines) {
		var e history.Event
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		events = append(events, e)
	}
	return events
}

func linesOf(t *testing.T, events []history.Event) string {
	lines := make([]string, len(events))
	for i := range events {
		text, err := json.Marshal(events[i])
		require.NoError(t, err)
		lines[i] = string(text)
	}
	return strings.Join(lines, "\n")
}

func storedParts(events []history.Event, size int) (parts []string) {
	var texts history.Texts
	for ; len(events) > 0; events = events[min(size, len(events)):] {
		parts = append(parts, hex.EncodeToString(texts.AppendEvents(nil, events[:min(size, len(events))])))
	}
	return parts
}

func readParts(t *testing.T, parts []string) (events []history.Event) {
	for _, part := range parts {
		data, err := hex.DecodeString(part)
		require.NoError(t, err)
		read, err := history.ParseEvents(data, "x", func(id int64) (*history.Event, error) { return &events[id-1], nil })
		require.NoError(t, err)
		events = append(events, read...)
	}
	return events
}
