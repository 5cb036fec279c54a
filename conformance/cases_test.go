package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/runtime/interp"
)

const cases = "testdata/cases/*.txt"

// TestCases holds every case to its outcome and history, straight through and
// restored from what was stored after each step.
func TestCases(t *testing.T) {
	golden.Run(t, cases, func(t *testing.T, g *golden.Case) func(string) string {
		c := scripted.Parse(t, g)
		return func(string) string {
			got := replayed(t, c, false)
			require.Equal(t, got, replayed(t, c, true), "%s, restored after each step", c.Title)
			return got
		}
	})
}

func replayed(t *testing.T, c *scripted.Case, restore bool) string {
	t.Helper()
	result, err := replay.Replay{
		Program: c.Program, Header: interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}}, Input: c.Input,
		Start: scripted.Start, Restore: restore, Stop: c.Stop,
		Perform: func(s *interp.StartTask) replay.Answer { return c.Answer(s.Task.Name, s.ID) },
	}.Run()
	require.NoError(t, err, c.Title)
	return scripted.Printed(string(result.Status), result.Output, result.Error, result.Cause, result.History)
}
