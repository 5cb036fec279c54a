package interp_test

import (
	"time"

	"github.com/statemill/statemill/conformance/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// stored is an execution as it is kept: bytes, and the texts of values.
type stored struct {
	Header []byte
	Frames map[interp.FrameID][]byte
	Values map[interp.ValueID]string
	wake   time.Time
}

// storedAt returns what is stored of a case after some steps, or before its
// end.
func storedAt(c *generate.Case, steps int) *stored {
	s := &stored{Frames: make(map[interp.FrameID][]byte), Values: make(map[interp.ValueID]string)}
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
	s.Header, s.wake = bytesOf(ready.Header.MarshalBinary()), ready.Wake
	for _, f := range ready.Changed {
		s.Frames[f.ID] = bytesOf(f.MarshalBinary())
	}
	for _, v := range ready.Values {
		s.Values[v.ID] = v.Value.String()
	}
	for _, id := range ready.Dropped {
		delete(s.Values, id)
	}
	for _, id := range ready.Removed {
		delete(s.Frames, id)
		for v := range s.Values {
			if v.Frame == id {
				delete(s.Values, v)
			}
		}
	}
}

func (s *stored) restore(p *interp.Program) (*interp.Execution, error) {
	var h interp.Header
	if err := h.UnmarshalBinary(s.Header); err != nil {
		return nil, err
	}
	var frames []interp.Frame
	for id, data := range s.Frames {
		f := interp.Frame{ID: id}
		if err := f.UnmarshalBinary(data); err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
	var values []interp.FrameValue
	for id, text := range s.Values {
		values = append(values, interp.FrameValue{ID: id, Value: jsonvalue.MustParse(text)})
	}
	return p.Restore(h, frames, values, interp.Config{History: true, Limits: interp.Limits{History: 400}})
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
