package interp

import (
	"errors"
	"fmt"
	"time"

	"github.com/statemill/statemill/internal/wire"
)

// Identity holds the names of an execution, as the Context Object and its history
// show them. This package leaves empty fields empty; package runtime fills in those
// without which the Context Object would have none.
type Identity struct {
	Execution        string // $$.Execution.Id, an ARN on AWS
	ExecutionName    string // $$.Execution.Name
	StateMachine     string // $$.StateMachine.Id, an ARN on AWS
	StateMachineName string // $$.StateMachine.Name
	RoleARN          string // $$.Execution.RoleArn

	StateMachineVersion string // ARN of the version that was started; "": none
	StateMachineAlias   string // ARN of the alias that was started; "": none
	TraceHeader         string // of whoever started it; "": none
	MapRun              string // ARN of the Map Run that it is a child of; "": none
}

// texts returns the fields in the order in which they are stored.
func (id *Identity) texts() []*string {
	return []*string{
		&id.Execution, &id.ExecutionName, &id.StateMachine, &id.StateMachineName, &id.RoleARN,
		&id.StateMachineVersion, &id.StateMachineAlias, &id.TraceHeader, &id.MapRun,
	}
}

// Parent is for executions that another one waits for: the children of a distributed
// Map state, which belong to a Map Run, and those that a task started. Every other
// execution has the zero Parent.
type Parent struct {
	Execution string // Identity.Execution of the execution that waits
	Task      TaskID // that waits for the end; zero for a child of a Map Run
	Run       string // names the Map Run
	Index     int64  // of the child, from 0
	Items     int64  // how many items it has
	Map       string // the state whose ItemProcessor it runs
	Express   bool   // its history is not kept
}

// Status tells how an execution stands, in the words of the API.
type Status string

// The statuses. The zero Status is that of an execution that has not begun.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// statuses are the statuses by the number under which they are stored.
var statuses = []Status{"", Running, Succeeded, Failed, TimedOut, Aborted}

// Semantics numbers the rules by which this version runs executions. A version
// whose Step would do something else with the same header has a larger number.
// Each execution keeps the number with which it began.
const Semantics = 1

// Header holds the state of an execution besides its frames. A driver sets Identity,
// Parent and Seed; the core sets the other fields. Its stored form is versioned, and every
// later version reads it.
type Header struct {
	Identity
	Parent   Parent
	Seed     Seed  // what is random in the execution is a function of it
	Revision int64 // grows by one with each Ready that changes something
	Status   Status
	Redrives int

	definition *Hash // of the program that it belongs to; nil before the execution begins
	counters
}

// Definition returns the hash of the definition that the execution belongs to,
// which is that of [Program.Hash]; ok is false before it begins.
func (h Header) Definition() (hash Hash, ok bool) {
	if h.definition == nil {
		return Hash{}, false
	}
	return *h.definition, true
}

// Now returns the instant of the last Step.
func (h Header) Now() time.Time { return time.UnixMilli(h.now).UTC() }

// Token returns the task token of a task, as [Execution.Token] does.
func (h Header) Token(task TaskID) string { return h.Seed.token(h.Execution, task) }

// Deadline returns when the time of the execution is up; zero: never, or it has not begun.
func (x *Execution) Deadline() time.Time {
	if x.header.deadline == 0 {
		return time.Time{}
	}
	return time.UnixMilli(x.header.deadline).UTC()
}

// Size returns about how many bytes of memory the execution takes, its program apart. It
// looks at every frame.
func (x *Execution) Size() int {
	const perFrame = 512
	size := perFrame * len(x.frames)
	for _, f := range x.frames {
		size += int(f.assigned)
		for slot, d := range f.data() {
			if d != nil && f.numbers[slot] != 0 {
				size += d.size
			}
		}
	}
	return size
}

// counters are the part of a header that is the core's alone.
type counters struct {
	semantics int64
	lastFrame FrameID
	lastEvent int64
	deadline  int64 // instants in milliseconds
	now       int64 // of the last Step
	started   int64
	redriven  int64
	condemned string // why it is to fail at its next transition; "": it is not
}

// progress is the part of a header that changes while the execution runs, without
// the values that turns read, which are in env.
type progress struct {
	Revision  int64
	Status    Status
	semantics int64
	lastFrame FrameID
	lastEvent int64
	deadline  int64 // in milliseconds
	now       int64 // of the last Ready
	condemned string
}

// storedAs returns the header of the execution.
func (x *Execution) storedAs() *Header {
	p := &x.header
	h := &Header{
		Identity: *x.identity, Seed: x.seed, Revision: p.Revision, Status: p.Status, Redrives: x.redrives,
		definition: &x.program.hash,
		counters:   counters{p.semantics, p.lastFrame, p.lastEvent, p.deadline, p.now, x.started, x.redriven, p.condemned},
	}
	if x.parent != nil {
		h.Parent = *x.parent
	}
	return h
}

// continueFrom takes up the state of an execution that a header tells.
func (x *Execution) continueFrom(h *Header) {
	x.header = progress{h.Revision, h.Status, h.semantics, h.lastFrame, h.lastEvent, h.deadline, h.now, h.condemned}
	x.now, x.started, x.redriven, x.redrives = h.now, h.started, h.redriven, h.Redrives
}

// headerVersion is the first byte of the stored form.
const headerVersion = 1

// errVersion reports stored bytes of a form that this version does not know.
var errVersion = errors.New("interp: stored by a later version, or not by this package")

// MarshalBinary returns the stored form.
func (h Header) MarshalBinary() ([]byte, error) { return h.AppendBinary(nil) }

// AppendBinary appends the stored form.
func (h Header) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(dst, headerVersion)
	for _, text := range h.Identity.texts() {
		dst = wire.AppendText(dst, *text)
	}
	dst = append(dst, h.Seed[:]...)
	dst = wire.AppendBool(dst, h.definition != nil)
	if h.definition != nil {
		dst = append(dst, h.definition[:]...)
	}
	status := byte(0)
	for i, s := range statuses {
		if s == h.Status {
			status = byte(i)
		}
	}
	dst = append(dst, status)
	for _, n := range h.numbers() {
		dst = wire.AppendInt(dst, *n)
	}
	dst = wire.AppendInt(wire.AppendInt(dst, int64(h.Redrives)), int64(h.lastFrame))
	dst = wire.AppendText(dst, h.condemned)
	dst = wire.AppendBool(dst, h.Parent != Parent{})
	if p := h.Parent; p != (Parent{}) {
		dst = wire.AppendText(wire.AppendText(wire.AppendText(dst, p.Execution), p.Run), p.Map)
		dst = wire.AppendBool(wire.AppendInt(wire.AppendInt(dst, p.Index), p.Items), p.Express)
		dst = wire.AppendUint(wire.AppendUint(dst, uint64(p.Task.Frame)), uint64(p.Task.Attempt))
	}
	return dst, nil
}

// numbers returns fields in the order in which they are stored.
func (h *Header) numbers() []*int64 {
	return []*int64{&h.Revision, &h.semantics, &h.lastEvent, &h.started, &h.redriven, &h.deadline, &h.now}
}

// UnmarshalBinary reads the stored form of this version and of all before it.
func (h *Header) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != headerVersion {
		return errVersion
	}
	r := wire.NewReader(data[1:])
	var read Header
	for _, text := range read.Identity.texts() {
		*text = r.Text()
	}
	copy(read.Seed[:], r.Bytes(len(read.Seed)))
	if r.Bool() {
		read.definition = new(Hash)
		copy(read.definition[:], r.Bytes(len(read.definition)))
	}
	status := int(r.Byte())
	if status >= len(statuses) {
		return errVersion
	}
	read.Status = statuses[status]
	for _, n := range read.numbers() {
		*n = r.Int()
	}
	read.Redrives, read.lastFrame = int(r.Int()), FrameID(r.Int())
	read.condemned = r.Text()
	if r.Bool() {
		read.Parent = Parent{Execution: r.Text(), Run: r.Text(), Map: r.Text(), Index: r.Int(), Items: r.Int(), Express: r.Bool()}
		read.Parent.Task = TaskID{FrameID(r.Uint()), uint32(r.Uint())}
	}
	if err := r.End(); err != nil {
		return fmt.Errorf("interp: header: %w", err)
	}
	if read.semantics > Semantics {
		return errVersion
	}
	*h = read
	return nil
}
