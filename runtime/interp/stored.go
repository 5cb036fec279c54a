package interp

import (
	"fmt"
	"slices"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Frame is one strand of an execution: the root, a branch or an iteration. To
// a driver it is an id with bytes to store; what they hold is of this package
// alone. The form is versioned, and every later version reads it.
type Frame struct {
	ID FrameID

	frame *frame       // in a Ready
	owner *Execution   // of that frame
	read  *storedFrame // after UnmarshalBinary
}

// frameVersion is the first byte of the stored form.
const frameVersion = 1

// storedFrame is a frame as it was stored: its links to others are still names.
type storedFrame struct {
	frame
	state  string
	parent FrameID
	inline [valueSlots]jsonvalue.Value // those that frame.inline tells of
}

// The bits that say which parts a stored frame has.
const (
	hasBorrowed = 1 << iota
	hasRetries
	hasTask
	hasFork
	hasBroken
	hasRun
)

// The bits that tell of a task.
const (
	taskStarted = 1 << iota
	taskFailed
	taskParked
	taskFailure
)

// MarshalBinary returns the stored form.
func (f Frame) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// AppendBinary appends the stored form. A frame of a Ready must be stored before
// the next Step.
func (f Frame) AppendBinary(dst []byte) ([]byte, error) {
	if f.frame == nil {
		return nil, fmt.Errorf("interp: frame %d holds nothing to store", f.ID)
	}
	return f.owner.appendFrame(append(dst, frameVersion), f.frame), nil
}

func (x *Execution) appendFrame(dst []byte, f *frame) []byte {
	dst = append(dst, byte(f.phase), byte(f.stopped), f.parts())
	dst = wire.AppendText(dst, f.node.name)
	parent := FrameID(0)
	if f.parent != nil {
		parent = f.parent.id
	}
	place := f.place
	if !f.inLine() && f.phase != phaseQueued {
		place = 0
	}
	for _, n := range [...]int64{
		int64(parent), int64(f.index), f.entered, f.enteredAt, f.last, f.failedAt,
		int64(f.attempt), int64(f.retried), int64(f.draws), f.until, place, f.assigned, int64(f.counter),
	} {
		dst = wire.AppendInt(dst, n)
	}
	if f.retries != nil {
		dst = wire.AppendUint(dst, uint64(len(*f.retries)))
		for _, made := range *f.retries {
			dst = wire.AppendUint(dst, uint64(made))
		}
	}
	if f.task != nil {
		dst = f.task.append(dst, f.phase == phaseAnswered)
	}
	if f.fork != nil {
		dst = f.fork.append(dst)
	}
	return x.appendValues(dst, f)
}

// parts tells which parts the stored form has.
func (f *frame) parts() (bits byte) {
	for _, part := range [...]struct {
		there bool
		bit   byte
	}{
		{f.borrowed, hasBorrowed}, {f.retries != nil, hasRetries}, {f.task != nil, hasTask},
		{f.fork != nil, hasFork}, {f.fork != nil && f.fork.broken != nil, hasBroken},
		{f.fork != nil && f.fork.run != nil, hasRun},
	} {
		if part.there {
			bits |= part.bit
		}
	}
	return bits
}

func (t *task) append(dst []byte, answered bool) []byte {
	bits := byte(0)
	failure := t.answer.failure
	if !answered {
		failure = nil
	}
	for _, part := range [...]struct {
		there bool
		bit   byte
	}{{t.started, taskStarted}, {t.failed, taskFailed}, {t.parked, taskParked}, {failure != nil, taskFailure}} {
		if part.there {
			bits |= part.bit
		}
	}
	dst = wire.AppendText(append(dst, bits), t.role)
	for _, n := range [...]int64{t.timeout, t.heartbeat, t.timeoutAt, t.scheduled} {
		dst = wire.AppendInt(dst, n)
	}
	if failure != nil {
		dst = failure.append(dst)
	}
	return dst
}

func (k *fork) append(dst []byte) []byte {
	dst = wire.AppendInt(wire.AppendInt(dst, int64(k.open)), int64(k.concurrency))
	if k.broken != nil {
		dst = k.broken.append(dst)
	}
	if k.run != nil {
		dst = k.run.append(dst)
	}
	return dst
}

func (fl *failure) append(dst []byte) []byte {
	dst = append(dst, byte(fl.kind))
	dst = wire.AppendBool(wire.AppendBool(dst, fl.HasError), fl.HasCause)
	for _, text := range [...]string{fl.Error, fl.Cause, fl.location, fl.state, fl.path} {
		dst = wire.AppendText(dst, text)
	}
	return wire.AppendUint(wire.AppendUint(dst, uint64(fl.task.Frame)), uint64(fl.task.Attempt))
}

// appendValues appends the number and bound of each value, and the text of those
// that are stored in the frame. A value in two slots has one text.
func (x *Execution) appendValues(dst []byte, f *frame) []byte {
	data := f.data()
	dst = append(dst, f.inline)
	for slot, number := range f.numbers {
		dst = wire.AppendUint(dst, uint64(number))
		if number == 0 {
			continue
		}
		bound := 0
		if data[slot] != nil {
			bound = data[slot].size
		}
		dst = wire.AppendUint(dst, uint64(bound))
		if f.isInline(slot) && !slices.Contains(f.numbers[:slot], number) {
			begin := len(dst)
			dst = wire.InsertLength(x.value(f, slot).AppendJSON(dst), begin)
		}
	}
	return dst
}

// UnmarshalBinary reads the stored form of this version and of all before it.
// The id is not part of it.
func (f *Frame) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != frameVersion {
		return errVersion
	}
	s := new(storedFrame)
	r := wire.NewReader(data[1:])
	if err := s.readFrom(r); err != nil {
		return fmt.Errorf("interp: frame %d: %w", f.ID, err)
	}
	f.frame, f.owner, f.read = nil, nil, s
	return nil
}

func (s *storedFrame) readFrom(r *wire.Reader) error {
	s.phase, s.stopped = phase(r.Byte()), phase(r.Byte())
	parts := r.Byte()
	s.state = r.Text()
	s.parent, s.index = FrameID(r.Int()), int32(r.Int())
	s.entered, s.enteredAt, s.last, s.failedAt = r.Int(), r.Int(), r.Int(), r.Int()
	s.attempt, s.retried, s.draws = uint32(r.Int()), uint32(r.Int()), uint32(r.Int())
	s.until, s.place, s.assigned, s.counter = r.Int(), r.Int(), r.Int(), uint32(r.Int())
	s.borrowed = parts&hasBorrowed != 0
	if int(s.phase) >= len(phaseNames) || int(s.stopped) >= len(phaseNames) {
		return fmt.Errorf("phase %d, which this version does not know", max(s.phase, s.stopped))
	}
	if parts&hasRetries != 0 {
		retries := make([]uint32, r.Count())
		for i := range retries {
			retries[i] = uint32(r.Uint())
		}
		s.retries = &retries
	}
	if parts&hasTask != 0 {
		s.task = readTask(r)
		s.task.answered = s.phase == phaseAnswered
	}
	if parts&hasFork != 0 {
		s.fork = readFork(r, parts)
	}
	if err := s.readValues(r); err != nil {
		return err
	}
	return r.End()
}

func readTask(r *wire.Reader) *task {
	bits := r.Byte()
	t := &task{role: r.Text(), timeout: r.Int(), heartbeat: r.Int(), timeoutAt: r.Int(), scheduled: r.Int()}
	t.started, t.failed, t.parked = bits&taskStarted != 0, bits&taskFailed != 0, bits&taskParked != 0
	if bits&taskFailure != 0 {
		t.answer.failure = readFailure(r)
	}
	return t
}

func readFork(r *wire.Reader, parts byte) *fork {
	k := &fork{open: int(r.Int()), concurrency: int(r.Int())}
	if parts&hasBroken != 0 {
		k.broken = readFailure(r)
	}
	if parts&hasRun != 0 {
		k.run = readMapRun(r)
	}
	return k
}

func readFailure(r *wire.Reader) *failure {
	kind := failureKind(r.Byte())
	info := history.ErrorInfo{HasError: r.Bool(), HasCause: r.Bool()}
	info.Error, info.Cause = r.Text(), r.Text()
	fl := &failure{ErrorInfo: info, kind: kind, location: r.Text(), state: r.Text(), path: r.Text()}
	fl.task = TaskID{FrameID(r.Uint()), uint32(r.Uint())}
	return fl
}

func (s *storedFrame) readValues(r *wire.Reader) error {
	s.frame.inline = r.Byte()
	data := s.data()
	for slot := range s.numbers {
		s.numbers[slot] = uint32(r.Uint())
		if s.numbers[slot] == 0 {
			continue
		}
		bound := int(r.Uint())
		if data[slot] != nil {
			data[slot].size = bound
		}
		if !s.isInline(slot) {
			continue
		}
		if before := slices.Index(s.numbers[:slot], s.numbers[slot]); before >= 0 {
			s.inline[slot] = s.inline[before]
			continue
		}
		v, err := jsonvalue.Parse([]byte(r.Text()))
		if err != nil {
			return fmt.Errorf("value %d: %w", s.numbers[slot], err)
		}
		s.inline[slot] = v
	}
	s.kept = s.numbers
	return nil
}
