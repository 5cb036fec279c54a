package interp

import (
	"encoding/json"
	"errors"
)

// Identity holds the names of an execution, as the Context Object shows them. This
// package leaves empty fields empty; package runtime fills them in.
type Identity struct {
	Execution        string // $$.Execution.Id, an ARN on AWS
	ExecutionName    string // $$.Execution.Name
	StateMachine     string // $$.StateMachine.Id, an ARN on AWS
	StateMachineName string // $$.StateMachine.Name
	RoleARN          string // $$.Execution.RoleArn
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

// Header holds the state of an execution besides its frames. A driver sets Identity
// and Seed; the rest is the core's. Its stored form is versioned, and every
// later version reads it.
type Header struct {
	Identity
	Seed     Seed  // what is random in the execution is a function of it
	Revision int64 // grows by one with each Ready that changes something
	Status   Status
	Redrives int

	definition *Hash // of the program that it belongs to; nil before the execution begins
	counters
}

// counters are the part of a header that is the core's alone.
type counters struct {
	lastFrame FrameID
	lastEvent int64
	deadline  int64 // instants in milliseconds
	now       int64 // of the last Step
	started   int64
	redriven  int64
}

// progress is the part of a header that changes while the execution runs, without
// the values that turns read, which are in env.
type progress struct {
	Revision  int64
	Status    Status
	lastFrame FrameID
	lastEvent int64
	deadline  int64 // in milliseconds
	now       int64 // of the last Ready
}

// storedAs returns the header of the execution.
func (x *Execution) storedAs() Header {
	p := &x.header
	return Header{
		*x.identity, x.seed, p.Revision, p.Status, x.redrives, &x.program.hash,
		counters{p.lastFrame, p.lastEvent, p.deadline, p.now, x.started, x.redriven},
	}
}

// continueFrom takes up the state of an execution that a header tells.
func (x *Execution) continueFrom(h *Header) {
	x.header = progress{h.Revision, h.Status, h.lastFrame, h.lastEvent, h.deadline, h.now}
	x.now, x.started, x.redriven, x.redrives = h.now, h.started, h.redriven, h.Redrives
}

// headerVersion is the first byte of the stored form.
const headerVersion = 1

type storedHeader struct {
	Identity   Identity `json:"identity"`
	Seed       Seed     `json:"seed"`
	Revision   int64    `json:"revision"`
	Status     Status   `json:"status"`
	Redrives   int      `json:"redrives,omitempty"`
	Definition *Hash    `json:"definition"`
	LastFrame  FrameID  `json:"lastFrame"`
	LastEvent  int64    `json:"lastEvent"`
	Started    int64    `json:"started"`
	Redriven   int64    `json:"redriven,omitempty"`
	Deadline   int64    `json:"deadline,omitempty"`
	Now        int64    `json:"now"`
}

// errVersion reports stored bytes of a form that this version does not know.
var errVersion = errors.New("interp: stored by a later version, or not by this package")

// MarshalBinary returns the stored form.
func (h Header) MarshalBinary() ([]byte, error) {
	return versioned(headerVersion, storedHeader{
		h.Identity, h.Seed, h.Revision, h.Status, h.Redrives, h.definition,
		h.lastFrame, h.lastEvent, h.started, h.redriven, h.deadline, h.now,
	})
}

// UnmarshalBinary reads the stored form of this version and of all before it.
func (h *Header) UnmarshalBinary(data []byte) error {
	var s storedHeader
	if err := readVersioned(headerVersion, data, &s); err != nil {
		return err
	}
	*h = Header{
		Identity: s.Identity, Seed: s.Seed, Revision: s.Revision, Status: s.Status, Redrives: s.Redrives,
		definition: s.Definition,
		counters:   counters{s.LastFrame, s.LastEvent, s.Deadline, s.Now, s.Started, s.Redriven},
	}
	return nil
}

// versioned prints x as JSON after a byte that tells the version of the form.
func versioned(version byte, x any) ([]byte, error) {
	text, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	return append([]byte{version}, text...), nil
}

func readVersioned(version byte, data []byte, x any) error {
	if len(data) == 0 || data[0] != version {
		return errVersion
	}
	return json.Unmarshal(data[1:], x)
}
