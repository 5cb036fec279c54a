package interp

// FrameView shows the parts of a stored frame that tests look at.
type FrameView struct {
	Parent, Index    int
	State, Phase     string
	Stopped          string
	Until            int64
	Attempt, Retried int
	Forked, Parked   bool
	Open             int
}

// ViewFrame reads a stored frame.
func ViewFrame(data []byte) (FrameView, error) {
	var f Frame
	if err := f.UnmarshalBinary(data); err != nil {
		return FrameView{}, err
	}
	s := f.read
	v := FrameView{
		Parent: int(s.parent), Index: int(s.index), State: s.state, Phase: s.phase.String(),
		Until: s.until, Attempt: int(s.attempt), Retried: int(s.retried),
		Forked: s.fork != nil, Parked: s.task != nil && s.task.parked,
	}
	if s.phase == phaseStopped {
		v.Stopped = s.stopped.String()
	}
	if s.fork != nil {
		v.Open = s.fork.open
	}
	return v, nil
}

// Drains reports whether a Map Run makes what is pending in its results.
func (x *Execution) Drains() bool {
	for _, f := range x.frames {
		if f.phase == phaseMapping && f.drains() {
			return true
		}
	}
	return false
}

func init() { leastShared = 2 }
