package history_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/runtime/history"
)

// TestVisits runs the files in testdata/visits: events as "ID<-PREVIOUS TYPE NAME[INDEX]
// ERROR", a second after each other, and the visits that they are.
func TestVisits(t *testing.T) {
	golden.Run(t, "testdata/visits/*.txt", func(*testing.T, *golden.Case) func(string) string {
		var visits history.Visits
		return func(command string) string {
			for line := range strings.Lines(command) {
				if line = strings.TrimSpace(line); line != "" {
					visits.Add(event(t, line))
				}
			}
			return printed(&visits)
		}
	})
}

var start = time.Unix(0, 0).UTC()

func event(t *testing.T, line string) history.Event {
	words := strings.Fields(line)
	id, previous, ok := strings.Cut(words[0], "<-")
	require.True(t, ok, line)
	e := history.Event{Type: words[1]}
	var err error
	e.ID, err = strconv.ParseInt(id, 10, 64)
	require.NoError(t, err)
	e.PreviousID, err = strconv.ParseInt(previous, 10, 64)
	require.NoError(t, err)
	e.Time = start.Add(time.Duration(e.ID) * time.Second)
	if len(words) > 2 {
		name, index, _ := strings.Cut(strings.TrimSuffix(words[2], "]"), "[")
		e.Name = name
		e.Index, _ = strconv.Atoi(index)
	}
	if len(words) > 3 {
		e.ErrorInfo = history.ErrorInfo{Error: words[3], HasError: true}
	}
	return e
}

func printed(visits *history.Visits) string {
	var b strings.Builder
	for _, v := range visits.All() {
		fmt.Fprintf(&b, "%d %s %s %s..%s", v.Event, v.Path(), v.Status, at(v.Entered), at(v.Left))
		if v.HasError {
			fmt.Fprintf(&b, " %s", v.Error)
		}
		for _, a := range v.Attempts {
			fmt.Fprintf(&b, " attempt(%d %s %s..%s", a.Event, a.Status, at(a.Scheduled), at(a.Ended))
			if a.HasError {
				fmt.Fprintf(&b, " %s", a.Error)
			}
			b.WriteString(")")
		}
		for i, it := range v.Iterations {
			fmt.Fprintf(&b, " [%d %s %s..%s]", i, it.Status, at(it.Started), at(it.Ended))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Sub(start).String()
}

// Whatever the events say, a fold ends, and its visits lead to no circle.
func FuzzVisits(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 2, 2, 2, 3, 4, 9, 5, 3, 3, 6, 1, 2, 2, 2, 8, 7, 1})
	kinds := []string{
		"MapStateEntered", "MapStateStarted", "MapIterationStarted", "MapIterationSucceeded", "MapIterationFailed", "MapStateSucceeded", "MapStateFailed",
		"MapStateExited", "ParallelStateEntered", "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited",
		"TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "TaskSucceeded", "TaskStateExited", "TaskStateAborted", "EvaluationFailed",
		"ExecutionFailed", "ExecutionAborted", "ExecutionRedriven", "ExecutionSucceeded", "ExecutionStarted",
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = text[:min(len(text), 1500)]
		var visits history.Visits
		for i := 0; i+2 < len(text); i += 3 {
			visits.Add(history.Event{
				ID: int64(i/3 + 1), PreviousID: int64(text[i]) % int64(i/3+2), Type: kinds[int(text[i+1])%len(kinds)],
				Name: string('A' + rune(text[i+2]%4)), Index: int(text[i+2] % 5),
			})
		}
		for _, v := range visits.All() {
			require.NotEmpty(t, v.Path())
		}
	})
}
