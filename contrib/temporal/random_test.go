package asltemporal

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// TestRandomPrograms runs random programs in one run, and in a new run at each wait. Outcomes
// are equal to those of the simulation. So are histories, in the same order, of programs without
// activities and jobs: when a worker has begun, and what a service has answered to a request,
// Temporal tells at the end of the task only.
func TestRandomPrograms(t *testing.T) {
	runs := 0
	for seed := range generate.Programs(150) {
		c, err := generate.New(3_000_000 + seed)
		require.NoError(t, err)
		c.Limits.Steps, c.Limits.Work = 0, 0 // a pause between two workflow tasks takes time
		if tellsLate(c) {
			c.Limits.History = 0
		}
		simulation := c.Replay()
		simulation.Perform = func(s *interp.StartTask) replay.Answer { return performed(c, s.Task.Name, s.ID, s.Input) }
		want, err := simulation.Run()
		require.NoError(t, err)
		if tellsLate(c) && strings.Contains(want.Cause, "number of history events") {
			continue // which event exceeds it depends on the order
		}
		for _, checkpoint := range []int64{0, 1} {
			l := limits(c.Limits)
			s := &simulated{
				t: t, worker: new(Worker), program: c.Program, input: c.Input, header: c.Header, begins: generate.Start, stop: c.Stop,
				answer: func(state string, id interp.TaskID, input jsonvalue.Value) replay.Answer {
					return performed(c, state, id, input)
				},
				in: start{Limits: &l, Checkpoint: checkpoint},
			}
			r := s.run()
			runs += s.runs
			expected := scripted.Printed(string(want.Status), want.Output, want.Error, want.Cause, nameless(want.History))
			got := scripted.Printed(string(r.status), r.output, r.name, r.cause, nameless(s.events))
			if tellsLate(c) {
				expected, got = unordered(expected), unordered(got)
			}
			require.Equal(t, expected, got, "seed %d, checkpoint %d\n%s", c.Seed, checkpoint, c.Definition)
		}
	}
	t.Logf("%d runs", runs)
}

// performed says what the mocks of a case do.
func performed(c *generate.Case, state string, id interp.TaskID, input jsonvalue.Value) replay.Answer {
	for _, task := range c.Program.Tasks() {
		if task.Name == state {
			a := whole(c.Perform(&interp.StartTask{ID: id, Task: task, Input: input}))
			if task.Resource.Pattern == asl.Activity && a.Worker == nil {
				a.Beats = nil // nobody has it who could send them
			}
			return a
		}
	}
	return replay.Answer{}
}

// whole rounds to milliseconds: a timer that begins within one ends within one, too, and what
// follows would be later.
func whole(a replay.Answer) replay.Answer {
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	a.After, a.SubmittedAfter, a.StartedAfter = round(a.After), round(a.SubmittedAfter), round(a.StartedAfter)
	for i := range a.Beats {
		a.Beats[i] = round(a.Beats[i])
	}
	return a
}

func tellsLate(c *generate.Case) bool {
	return slices.ContainsFunc(c.Program.Tasks(), func(task *asl.Task) bool {
		return task.Resource.Pattern == asl.Activity || task.Resource.Pattern == asl.Sync
	})
}

// unordered returns what was printed sorted, without the ids of events, and without what
// Temporal tells late, or never if the task was cancelled.
func unordered(printed string) string {
	var lines []string
	for line := range strings.Lines(printed) {
		id, event, _ := strings.Cut(line, " ")
		switch {
		case !strings.Contains(id, "<-"):
			lines = append(lines, eventID.ReplaceAllString(line, "#"))
		case !strings.HasPrefix(event, "ActivityStarted") && !strings.HasPrefix(event, "TaskSubmitted"):
			lines = append(lines, eventID.ReplaceAllString(event, "#"))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// eventID is what messages say of events.
var eventID = regexp.MustCompile(`#\d+`)
