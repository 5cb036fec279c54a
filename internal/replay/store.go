package replay

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// Store keeps one execution as bytes, as a database would, and holds the
// machine to what it promises of them. The zero Store is empty. It is not safe
// for concurrent use.
type Store struct {
	Header []byte
	Frames map[interp.FrameID][]byte
	Values map[interp.ValueID]string // JSON texts
}

// Commit stores what a step changed. It fails if a value is written twice, or
// if something is deleted that was never written.
func (s *Store) Commit(ready interp.Ready) (err error) {
	if s.Frames == nil {
		s.Frames, s.Values = make(map[interp.FrameID][]byte), make(map[interp.ValueID]string)
	}
	if s.Header, err = ready.Header.MarshalBinary(); err != nil {
		return err
	}
	for _, f := range ready.Changed {
		if s.Frames[f.ID], err = f.MarshalBinary(); err != nil {
			return err
		}
	}
	for _, v := range ready.Values {
		if _, there := s.Values[v.ID]; there {
			return fmt.Errorf("value %v is written twice", v.ID)
		}
		s.Values[v.ID] = v.Value.String()
	}
	return s.delete(ready)
}

func (s *Store) delete(ready interp.Ready) error {
	for _, id := range ready.Dropped {
		if _, there := s.Values[id]; !there {
			return fmt.Errorf("value %v is dropped, but was never written", id)
		}
		delete(s.Values, id)
	}
	for _, id := range ready.Removed {
		if s.Frames[id] == nil {
			return fmt.Errorf("frame %d is removed, but was never written", id)
		}
		delete(s.Frames, id)
		for v := range s.Values {
			if v.Frame == id {
				delete(s.Values, v)
			}
		}
	}
	return nil
}

// Load restores the execution.
func (s *Store) Load(p *interp.Program, c interp.Config) (*interp.Execution, error) {
	var header interp.Header
	if err := header.UnmarshalBinary(s.Header); err != nil {
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
		v, err := jsonvalue.Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		values = append(values, interp.FrameValue{ID: id, Value: v})
	}
	return p.Restore(header, frames, values, c)
}
