package replay_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/runtime/history"
)

// The visits that the history of a random program is folded into are those of its
// definition: each lies in the state around it, in place and in time, and none is open
// when the execution is over.
func TestVisitsOfPrograms(t *testing.T) {
	visits := 0
	for seed := range generate.Programs(150) {
		c, err := generate.New(3_000_000 + seed)
		require.NoError(t, err)
		run, err := c.Replay().Run()
		require.NoError(t, err)
		folded := fold(run.History)
		parents := make(map[string]string)
		enclose(parents, "", &c.Program.StateMachine().Graph)
		entered := 0
		for _, e := range run.History {
			if _, ok := e.StateEntered(); ok {
				entered++
			}
		}
		require.Len(t, folded, entered)
		for _, v := range folded {
			require.NoError(t, sound(v), "seed %d, %s\n%s", seed, v.Path(), c.Definition)
			around := ""
			if v.Parent != nil {
				around = v.Parent.State
			}
			require.Equal(t, parents[v.State], around, "seed %d, %s at %d", seed, v.Path(), v.Event)
		}
		visits += entered
	}
	t.Logf("%d visits", visits)
}

func enclose(parents map[string]string, around string, g *asl.Graph) {
	for _, s := range g.States {
		parents[s.Info().Name] = around
		switch s := s.(type) {
		case *asl.Parallel:
			for _, branch := range s.Branches {
				enclose(parents, s.Name, branch)
			}
		case *asl.Map:
			enclose(parents, s.Name, s.Processor)
		}
	}
}

func fold(events []history.Event) []*history.Visit {
	var visits history.Visits
	for _, e := range events {
		visits.Add(e)
	}
	return visits.All()
}

type unsound string

func (u unsound) Error() string { return string(u) }

func sound(v *history.Visit) error {
	switch {
	case v.Status == history.Open:
		return unsound("it is open")
	case v.Left.Before(v.Entered):
		return unsound("it ends before it begins")
	case v.Parent != nil && (v.Entered.Before(v.Parent.Entered) || v.Left.After(v.Parent.Left)):
		return unsound("it reaches beyond the state around it")
	}
	for _, a := range v.Attempts {
		if a.Status == history.Open {
			return unsound("an attempt is open")
		}
	}
	for _, it := range v.Iterations {
		if it.Status == history.Open {
			return unsound("an iteration is open")
		}
	}
	return nil
}

// Recorded histories fold as well.
func TestVisitsOfRecordings(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	histories, visits := 0, 0
	require.NoError(t, filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var recorded any
		if json.Unmarshal(text, &recorded) != nil {
			return nil
		}
		for _, events := range historiesIn(recorded) {
			sort.SliceStable(events, func(i, j int) bool { return events[i].ID < events[j].ID })
			folded := fold(events)
			last := events[len(events)-1].Type
			for _, v := range folded {
				if strings.HasPrefix(last, "Execution") && last != "ExecutionRedriven" {
					require.NoError(t, sound(v), "%s: %s", path, v.Path())
				}
			}
			histories, visits = histories+1, visits+len(folded)
		}
		return nil
	}))
	t.Logf("%d histories, %d visits", histories, visits)
}

// historiesIn finds lists of events, at any depth of a document.
func historiesIn(document any) (found [][]history.Event) {
	switch d := document.(type) {
	case map[string]any:
		for _, inner := range d {
			found = append(found, historiesIn(inner)...)
		}
	case []any:
		if events := eventsOf(d); len(events) > 0 {
			return [][]history.Event{events}
		}
		for _, inner := range d {
			found = append(found, historiesIn(inner)...)
		}
	}
	return found
}

// eventsOf reads what a fold needs of recorded events, whose times and ARNs are replaced.
func eventsOf(list []any) (events []history.Event) {
	for _, element := range list {
		members, _ := element.(map[string]any)
		kind, _ := members["type"].(string)
		id, ok := members["id"].(float64)
		if !ok || kind == "" {
			return nil
		}
		previous, _ := members["previousEventId"].(float64)
		e := history.Event{ID: int64(id), PreviousID: int64(previous), Type: kind, Time: time.Unix(int64(id), 0)}
		for name, details := range members {
			details, _ := details.(map[string]any)
			if !strings.HasSuffix(name, "EventDetails") {
				continue
			}
			e.Name, _ = details["name"].(string)
			index, _ := details["index"].(float64)
			length, _ := details["length"].(float64)
			e.Index, e.Length = int(index), int(length)
		}
		events = append(events, e)
	}
	return events
}
