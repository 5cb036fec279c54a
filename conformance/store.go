package conformance

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// store keeps an execution as bytes, as a database would.
type store struct {
	header []byte
	frames map[interp.FrameID][]byte
	values map[interp.ValueID][]byte
}

func newStore() *store {
	return &store{frames: make(map[interp.FrameID][]byte), values: make(map[interp.ValueID][]byte)}
}

// commit stores what a step changed.
func (s *store) commit(ready interp.Ready) (err error) {
	if s.header, err = ready.Header.MarshalBinary(); err != nil {
		return err
	}
	for _, f := range ready.Changed {
		if s.frames[f.ID], err = f.MarshalBinary(); err != nil {
			return err
		}
	}
	for _, v := range ready.Values {
		if s.values[v.ID] != nil {
			return fmt.Errorf("value %v is written twice", v.ID)
		}
		s.values[v.ID] = v.Value.AppendJSON(nil)
	}
	for _, id := range ready.Dropped {
		if s.values[id] == nil {
			return fmt.Errorf("value %v is dropped, but was never written", id)
		}
		delete(s.values, id)
	}
	for _, id := range ready.Removed {
		if s.frames[id] == nil {
			return fmt.Errorf("frame %d is removed, but was never written", id)
		}
		delete(s.frames, id)
		for v := range s.values {
			if v.Frame == id {
				delete(s.values, v)
			}
		}
	}
	return nil
}

// load restores the execution.
func (s *store) load(p *interp.Program, c interp.Config) (*interp.Execution, error) {
	var header interp.Header
	if err := header.UnmarshalBinary(s.header); err != nil {
		return nil, err
	}
	var frames []interp.Frame
	for id, data := range s.frames {
		f := interp.Frame{ID: id}
		if err := f.UnmarshalBinary(data); err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
	var values []interp.FrameValue
	for id, text := range s.values {
		v, err := jsonvalue.Parse(text)
		if err != nil {
			return nil, err
		}
		values = append(values, interp.FrameValue{ID: id, Value: v})
	}
	return p.Restore(header, frames, values, c)
}
