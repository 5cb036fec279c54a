package asltemporal

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

var discard = slog.New(slog.DiscardHandler)

func workflowOptions(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: "queue"}
}

const cases = "../../conformance/testdata/cases/*.txt"

// TestCases runs the cases of folder conformance in the test environment of the SDK: outputs, errors and
// histories are equal.
func TestCases(t *testing.T) {
	header := interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}}
	for _, g := range golden.Read(t, cases) {
		t.Run(g.Name, func(t *testing.T) {
			c := scripted.Parse(t, g)
			want, err := replay.Replay{
				Program: c.Program, Header: header, Input: c.Input, Start: scripted.Start, Stop: c.Stop,
				Perform: func(s *interp.StartTask) replay.Answer { return c.Answer(s.Task.Name, s.ID) },
			}.Run()
			require.NoError(t, err)
			for name, length := range map[string]int{"one run": 0, "many runs": 10} {
				s := &simulated{
					t: t, worker: new(Worker), program: c.Program, input: c.Input, begins: scripted.Start, stop: c.Stop,
					answer: func(state string, id interp.TaskID, _ jsonvalue.Value) replay.Answer { return c.Answer(state, id) },
					header: header, in: start{Checkpoint: 3600_000, MaxHistory: 1}, length: func(int) int { return length },
				}
				r := s.run()
				require.Equal(t,
					scripted.Printed(string(want.Status), want.Output, want.Error, want.Cause, nameless(want.History)),
					scripted.Printed(string(r.status), r.output, r.name, r.cause, nameless(s.events)), name)
			}
		})
	}
}

// nameless leaves out the names of the workers of activities: on Temporal nobody tells them.
func nameless(events []history.Event) []history.Event {
	for i := range events {
		events[i].WorkerName = ""
	}
	return events
}
