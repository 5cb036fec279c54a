package interp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/runtime/interp"
)

// stored is an execution as it is kept.
type stored struct {
	replay.Store
	wake time.Time
}

// storedAt returns what is stored of a case after some steps, or before its
// end.
func storedAt(c *generate.Case, steps int) *stored {
	s := new(stored)
	r := c.Replay()
	n := 0
	r.Watch = func(ready interp.Ready) {
		if n++; n <= max(steps, 1) && ready.Outcome == nil || n == 1 {
			s.commit(ready)
		}
	}
	_, _ = r.Run()
	return s
}

func (s *stored) commit(ready interp.Ready) {
	s.wake = ready.Wake
	if err := s.Commit(ready); err != nil {
		panic(err)
	}
}

func (s *stored) restore(p *interp.Program) (*interp.Execution, error) {
	return s.Load(p, interp.Config{History: true, Limits: interp.Limits{History: 400}})
}

// spoil puts hostile bytes in place of the first frame and the header.
func (s *stored) spoil(record, header []byte) {
	if len(record) > 0 {
		s.Frames[1] = record
	}
	if len(header) > 0 {
		s.Header = header
	}
}

// Every field of a header that a driver sets is stored.
func TestHeaderIsStored(t *testing.T) {
	h := interp.Header{
		Identity: interp.Identity{
			Execution: "x", ExecutionName: "n", StateMachine: "m", StateMachineName: "mn", RoleARN: "r",
			StateMachineVersion: "v", StateMachineAlias: "a", TraceHeader: "t", MapRun: "run",
		},
		Parent: interp.Parent{Execution: "p", Task: interp.TaskID{Frame: 7, Attempt: 2}, Run: "run", Index: 3, Items: 4, Map: "M", Express: true},
		Seed:   interp.Seed{1, 2, 3},
	}
	data, err := h.MarshalBinary()
	require.NoError(t, err)
	var read interp.Header
	require.NoError(t, read.UnmarshalBinary(data))
	require.Equal(t, h, read)
	require.Error(t, read.UnmarshalBinary(data[:len(data)-1]))
}
