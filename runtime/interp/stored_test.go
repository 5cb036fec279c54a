package interp_test

import (
	"time"

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
