package interp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Frame is one strand of an execution: the root, a branch or an iteration. To
// a driver it is an id with bytes to store; what they hold is of this package
// alone. The form is versioned, and every later version reads it.
type Frame struct {
	ID FrameID

	frame *frame       // in a Ready
	read  *storedFrame // after UnmarshalBinary
}

// frameVersion is the first byte of the stored form.
const frameVersion = 1

// storedFrame is the control record of a frame. Values are stored apart, and
// referred to by number.
type storedFrame struct {
	Parent  FrameID  `json:"parent,omitempty"`
	Index   int      `json:"index,omitempty"`
	State   string   `json:"state"`
	Phase   string   `json:"phase"`
	Stopped string   `json:"stopped,omitempty"`
	Entered int64    `json:"entered,omitempty"`
	At      int64    `json:"at,omitempty"`
	Last    int64    `json:"last,omitempty"`
	FailAt  int64    `json:"failedAt,omitempty"`
	Attempt uint32   `json:"attempt,omitempty"`
	Retried uint32   `json:"retried,omitempty"`
	Retries []uint32 `json:"retries,omitempty"`
	Draws   uint32   `json:"draws,omitempty"`

	Until int64 `json:"until,omitempty"`
	Place int64 `json:"place,omitempty"`

	Borrowed bool        `json:"borrowed,omitempty"`
	Assigned int64       `json:"assigned,omitempty"`
	Task     *storedTask `json:"task,omitempty"`
	Fork     *storedFork `json:"fork,omitempty"`

	Numbers [valueSlots]uint32 `json:"numbers"`
	Bounds  [valueSlots]int    `json:"bounds"`
	Counter uint32             `json:"counter"`
}

type storedTask struct {
	Role      string `json:"role,omitempty"`
	Timeout   int64  `json:"timeout,omitempty"`
	Heartbeat int64  `json:"heartbeat,omitempty"`
	TimeoutAt int64  `json:"timeoutAt,omitempty"`
	Started   bool   `json:"started,omitempty"`
	Failed    bool   `json:"failed,omitempty"`

	Failure *storedFailure `json:"failure,omitempty"` // the answer
}

type storedFork struct {
	Open        int            `json:"open"`
	Concurrency int            `json:"concurrency,omitempty"`
	Broken      *storedFailure `json:"broken,omitempty"`
}

type storedFailure struct {
	history.ErrorInfo
	Kind     failureKind `json:"kind,omitempty"`
	Location string      `json:"location,omitempty"`
	State    string      `json:"state,omitempty"`
	Path     string      `json:"path,omitempty"`
	Task     TaskID      `json:"task"`
}

// MarshalBinary returns the stored form. A frame of a Ready must be stored
// before the next Step.
func (f Frame) MarshalBinary() ([]byte, error) {
	s := f.read
	if f.frame != nil {
		s = f.frame.record()
	}
	if s == nil {
		return nil, fmt.Errorf("interp: frame %d holds nothing", f.ID)
	}
	return versioned(frameVersion, s)
}

// UnmarshalBinary reads the stored form of this version and of all before it.
// The id is not part of it.
func (f *Frame) UnmarshalBinary(data []byte) error {
	s := new(storedFrame)
	if err := readVersioned(frameVersion, data, s); err != nil {
		return err
	}
	f.frame, f.read = nil, s
	return nil
}

// record makes the control record.
func (f *frame) record() *storedFrame {
	s := &storedFrame{
		Index: int(f.index), State: f.node.name, Phase: f.phase.String(),
		Entered: f.entered, At: f.enteredAt, Last: f.last, FailAt: f.failedAt,
		Attempt: f.attempt, Retried: f.retried, Draws: f.draws,
		Until: f.until, Borrowed: f.borrowed, Assigned: f.assigned,
		Numbers: f.numbers, Counter: f.counter,
	}
	if f.parent != nil {
		s.Parent = f.parent.id
	}
	if f.retries != nil {
		s.Retries = *f.retries
	}
	if f.phase.ready() || f.phase == phaseQueued {
		s.Place = f.place
	}
	if f.phase == phaseStopped {
		s.Stopped = f.stopped.String()
	}
	if t := f.task; t != nil {
		s.Task = &storedTask{t.role, t.timeout, t.heartbeat, t.timeoutAt, t.started, t.failed, nil}
		if f.phase == phaseAnswered {
			s.Task.Failure = t.answer.failure.record()
		}
	}
	if k := f.fork; k != nil {
		s.Fork = &storedFork{k.open, k.concurrency, nil}
		s.Fork.Broken = k.broken.record()
	}
	for slot, d := range f.data() {
		if d != nil && f.numbers[slot] != 0 {
			s.Bounds[slot] = d.size
		}
	}
	return s
}

// record makes the stored form of a failure; that of nil is nil.
func (fl *failure) record() *storedFailure {
	if fl == nil {
		return nil
	}
	return &storedFailure{fl.ErrorInfo, fl.kind, fl.location, fl.state, fl.path, fl.task}
}

// restored returns the failure that was stored.
func (s *storedFailure) restored() *failure {
	if s == nil {
		return nil
	}
	return &failure{s.ErrorInfo, s.Kind, s.Location, s.State, s.Path, s.Task}
}

// Restore returns an execution as it was when the header, the frames and the
// values were committed. Their order does not matter. It fails if they do not
// belong together, or to another definition, or were written by a later
// version.
func (p *Program) Restore(h Header, frames []Frame, values []FrameValue, c Config) (*Execution, error) {
	if h.definition == nil || *h.definition != p.hash {
		return nil, fmt.Errorf("interp: the execution belongs to another definition")
	}
	x := p.New(h, c)
	x.continueFrom(&h)
	r := restorer{execution: x, frames: make(map[FrameID]*frame, len(frames)), values: make(map[ValueID]jsonvalue.Value, len(values))}
	for _, v := range values {
		r.values[v.ID] = v.Value
	}
	for _, stored := range frames {
		if err := r.frame(stored); err != nil {
			return nil, err
		}
	}
	if err := r.connect(frames); err != nil {
		return nil, err
	}
	return x, nil
}

// restorer rebuilds the frames of an execution.
type restorer struct {
	execution *Execution
	frames    map[FrameID]*frame
	values    map[ValueID]jsonvalue.Value
}

func (r *restorer) frame(stored Frame) error {
	s := stored.read
	if s == nil && stored.frame != nil {
		s = stored.frame.record()
	}
	if s == nil || r.frames[stored.ID] != nil {
		return fmt.Errorf("interp: frame %d is empty or there twice", stored.ID)
	}
	f := &frame{
		id: stored.ID, index: int32(s.Index), node: r.execution.program.states[s.State],
		entered: s.Entered, enteredAt: s.At, last: s.Last, failedAt: s.FailAt,
		attempt: s.Attempt, retried: s.Retried, draws: s.Draws,
		until: s.Until, place: s.Place, borrowed: s.Borrowed, assigned: s.Assigned,
		numbers: s.Numbers, kept: s.Numbers, counter: s.Counter,
	}
	if f.node == nil {
		return fmt.Errorf("interp: frame %d is in state %q, which the definition lacks", f.id, s.State)
	}
	var known, knownStopped bool
	f.phase, known = phaseNamed(s.Phase)
	f.stopped, knownStopped = phaseNamed(s.Stopped)
	if !known || !knownStopped && s.Stopped != "" {
		return fmt.Errorf("interp: frame %d is in phase %q, which this version does not know", f.id, s.Phase)
	}
	if s.Retries != nil {
		if len(s.Retries) != len(f.node.retry) {
			return fmt.Errorf("interp: frame %d counts retries of %d retriers, and the state has %d", f.id, len(s.Retries), len(f.node.retry))
		}
		retries := slices.Clone(s.Retries)
		f.retries = &retries
	}
	if t := s.Task; t != nil {
		f.task = &task{role: t.Role, timeout: t.Timeout, heartbeat: t.Heartbeat, timeoutAt: t.TimeoutAt, started: t.Started, failed: t.Failed}
		f.task.answered, f.task.answer.failure = f.phase == phaseAnswered, t.Failure.restored()
	}
	if k := s.Fork; k != nil {
		f.fork = &fork{open: k.Open, concurrency: k.Concurrency, broken: k.Broken.restored()}
	}
	r.frames[f.id] = f
	return r.fill(f, s)
}

func phaseNamed(name string) (p phase, ok bool) {
	i := slices.Index(phaseNames[:], name)
	return phase(max(i, 0)), i >= 0
}

// fill puts the values into their places.
func (r *restorer) fill(f *frame, s *storedFrame) error {
	data := f.data()
	for slot, number := range s.Numbers {
		if number == 0 {
			continue
		}
		v, ok := r.values[ValueID{f.id, number}]
		if !ok {
			return fmt.Errorf("interp: frame %d refers to value %d, which is missing", f.id, number)
		}
		switch {
		case slot == slotVariables:
			f.variables = v
		case slot == slotOrigin:
			r.execution.input = v
		case data[slot] != nil:
			*data[slot] = datum{v, s.Bounds[slot]}
		}
	}
	return nil
}

// connect links frames with their parents and makes the rest of the execution.
func (r *restorer) connect(stored []Frame) error {
	x := r.execution
	for _, s := range stored {
		f := r.frames[s.ID]
		record := s.read
		if record == nil {
			record = s.frame.record()
		}
		if record.Parent != 0 {
			f.parent = r.frames[record.Parent]
			if f.parent == nil || f.parent.fork == nil {
				return fmt.Errorf("interp: frame %d lacks its parent %d", f.id, record.Parent)
			}
		}
		x.frames = append(x.frames, f)
	}
	slices.SortFunc(x.frames, byID)
	if len(x.frames) == 0 && x.header.Status == Succeeded {
		return nil // nothing is left of it, and nothing can happen to it
	}
	if len(x.frames) == 0 || x.frames[0].parent != nil {
		return fmt.Errorf("interp: the execution lacks its first frame")
	}
	for _, f := range x.frames {
		r.enlist(f)
	}
	slices.SortFunc(x.ready, byPlace)
	if x.rare != nil {
		slices.SortFunc(x.rare.queue, byPlace)
	}
	return x.sound()
}

func (r *restorer) enlist(f *frame) {
	x := r.execution
	x.variables += f.assigned
	if f.parent != nil {
		f.parent.fork.children = append(f.parent.fork.children, f)
		f.borrow()
	}
	if f.until != 0 {
		x.wakes.push(f)
	}
	switch {
	case f.phase == phaseWorking:
		x.out++
	case f.phase == phaseQueued:
		r := x.noted()
		r.queue = append(r.queue, f)
	case f.phase.ready():
		x.ready = append(x.ready, f)
	}
}

// byPlace orders strands as they have their turns.
func byPlace(a, b *frame) int { return cmp.Or(cmp.Compare(a.place, b.place), byID(a, b)) }

// borrow takes the input of a child from its parent, which is complete.
func (f *frame) borrow() {
	switch k := f.parent.fork; {
	case !f.borrowed:
	case f.parent.node.kind == kindMap:
		item, _ := k.items.value.Index(int(f.index))
		f.input = datum{item, k.items.size}
	default:
		f.input = k.input
	}
}
