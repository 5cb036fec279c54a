package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime/interp"
)

// Change says what is to be stored of one execution. What its fields ask for happens in
// the order in which they stand here.
//
// A Change is refused with ErrExists if From is 0 and the execution exists, and with
// ErrConflict if the stored revision is not From, if an owner other than By has the execution,
// or if a message of Consume is not there. A Change without ID changes no execution: it sends,
// consumes and stores a definition.
type Change struct {
	// By is the name of the owner that commits. The owner of the execution must be By or
	// nobody; Stored.Writer is By from now on.
	By string
	// ID names the execution. It is Record.Execution.
	ID string

	// From is the revision that is stored, and Revision the one that will be. From 0 creates
	// the execution. They may be equal, if Owner or messages alone change.
	From, Revision int64

	// Record is shown by List. A Change that creates has one, and so has one that changes
	// the status, the output, the error, the redrives or Meta. Of a record that replaces another the fields
	// Status, Output, ErrorInfo, FailedState, FailedPath, Start, Stop, Redrives, Redriven, ParentRedrives and Meta count. Default: nil, it stays.
	Record *Record

	// Owner has the execution afterwards. Default: nobody.
	Owner string
	// Due is when the execution needs an owner, if it has none. Default: never, only
	// when a message comes. It counts while nobody owns the execution.
	Due time.Time

	// State replaces the state. Default: nil, it stays.
	State []byte

	Clear   bool             // delete all frames and values
	Frames  []Row            // insert or replace; Number is 0
	Values  []Row            // insert or replace
	Removed []interp.FrameID // delete these frames, with their values
	Dropped []interp.ValueID // delete these values

	// Delete deletes the execution with everything that belongs to it, messages
	// to it included.
	Delete bool

	// History is appended. Default: nil, nothing is.
	History *HistoryPart

	// Children are executions to create with this Change: they have From 0, no Children and no Consume.
	// One that exists is skipped.
	Children []Change

	// Consume has the ids of messages to delete. Each must be there. A message to an
	// execution is consumed by a Change of that execution, every other by any Change.
	Consume []string
	// Send has messages to insert.
	Send []Message

	// Definition is stored under its SHA-256, unless it is there. Default: nil, none.
	Definition []byte
}

// Row is the stored form of a frame or of a value of a frame.
type Row struct {
	Frame  interp.FrameID
	Number uint32 // of the value
	Data   []byte
}

// HistoryPart is a run of events of one execution, in a form that a Store does not read.
// Parts of one execution follow each other and do not overlap.
type HistoryPart struct {
	First, Last int64 // the ids of its first and last event; 1 <= First <= Last
	Data        []byte
}

// Message waits for an execution, a worker or a process. Messages to one destination are read
// in the order in which they were stored.
type Message struct {
	// ID is unique; its sender chooses it. Sending a message whose ID is
	// there does nothing.
	ID string
	// To is the id of an execution or the name of a queue. A message to an execution that
	// is not there is not stored. One to an execution without owner makes it need one.
	To   string
	From string // an execution, or the queue of a process
	Kind string
	Task interp.TaskID // that it is about; zero: none
	Data []byte
}

// The names of queues begin with one of these. No id of an execution does.
const (
	ActivityQueue = "activity:" // and the ARN of an activity
	ProcessQueue  = "process:"  // and the name of an owner
)

// Queued reports whether the message is to a queue, and not to an execution.
func (m Message) Queued() bool {
	return strings.HasPrefix(m.To, ActivityQueue) || strings.HasPrefix(m.To, ProcessQueue)
}

// Check returns an error if changes contradict themselves or each other, which is a
// fault of whoever made them: two that name one execution, one that creates and has no
// record. Every Store calls it before it looks at anything else.
func Check(changes []Change) error {
	named := make(map[string]bool, len(changes))
	for i := range changes {
		c := &changes[i]
		if err := c.check(named); err != nil {
			return fmt.Errorf("store: change %d, of execution %q: %w", i, c.ID, err)
		}
		for j := range c.Children {
			child := &c.Children[j]
			err := child.check(named)
			if err == nil && (child.ID == "" || child.From != 0 || child.Delete || child.Children != nil || child.Consume != nil) {
				err = errors.New("it does more than create an execution")
			}
			if err != nil {
				return fmt.Errorf("store: change %d, of execution %q: child %d, %q: %w", i, c.ID, j, child.ID, err)
			}
		}
	}
	return nil
}

func (c *Change) check(named map[string]bool) error {
	for _, m := range c.Send {
		if m.ID == "" || m.To == "" {
			return fmt.Errorf("a message has the id %q and the destination %q: both are needed", m.ID, m.To)
		}
	}
	if c.ID == "" {
		if c.From != 0 || c.Revision != 0 || c.Record != nil || c.Children != nil || c.History != nil || c.Delete {
			return errors.New("it changes an execution and has no ID")
		}
		return nil
	}
	if named[c.ID] {
		return errors.New("another change names this execution")
	}
	named[c.ID] = true
	return c.checkExecution()
}

func (c *Change) checkExecution() error {
	switch {
	case c.From < 0 || c.Revision < c.From || c.Revision == 0:
		return fmt.Errorf("revision %d does not follow on %d", c.Revision, c.From)
	case c.From == 0 && (c.Record == nil || c.Delete):
		return errors.New("it creates the execution: it needs a Record, and does not Delete")
	case c.Record != nil && c.Record.Execution != c.ID:
		return fmt.Errorf("its record is that of %q", c.Record.Execution)
	case c.History != nil && (c.History.First < 1 || c.History.Last < c.History.First):
		return fmt.Errorf("its history goes from event %d to %d", c.History.First, c.History.Last)
	}
	return nil
}
