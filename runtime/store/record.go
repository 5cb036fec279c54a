package store

import (
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Record describes an execution to whoever lists or looks at executions.
type Record struct {
	interp.Identity // Execution is the id
	Status          interp.Status
	Definition      interp.Hash // of the definition that it runs
	InputHash       [32]byte    // of whoever starts executions: equal if the inputs are
	Input           jsonvalue.Value
	Output          jsonvalue.Value // null: none

	history.ErrorInfo           // why it failed
	Start, Stop       time.Time // Stop is zero while it runs
	FailedState       string    // the state that failed; "" if none did
	FailedPath        string    // the way to it through Map and Parallel states: "M[1]/I"
	Redrives          int
	Redriven          time.Time // when it was redriven last; zero: it never was
	Meta              []byte    // of whoever started it
	Parent            string    // the task that started it, or the execution whose Map Run it belongs to; "" if none did
	Item              int64     // its index in the Map Run that it is a child of, from 0
	ParentRedrives    int       // of the execution whose Map Run that is, when this one began or was redriven last
}

// Stored is an execution as Load returns it.
type Stored struct {
	Record   Record // without Input and Output
	Revision int64
	Owner    string // "": nobody
	Writer   string // By of the last Change
	State    []byte
	Frames   []Row // by Frame
	Values   []Row // by Frame and Number
	Messages []Message
}

// Query asks for the records that agree with every field that is set. They come in the order
// in which the executions were created, newest first.
type Query struct {
	ID            string        // of one execution. The other fields do not count then
	StateMachine  string        // Identity.StateMachine
	Version       string        // Identity.StateMachineVersion
	Alias         string        // Identity.StateMachineAlias
	MapRun        string        // Identity.MapRun
	Status        interp.Status // Record.Status
	StoppedBefore time.Time     // it has stopped, before this instant

	Data   bool   // the records have Input and Output: ask for small pages
	Oldest bool   // oldest first. Default: newest first
	After  string // go on after this execution, the last of the page before; ErrNotFound if it is gone. Default: begin
	Limit  int    // how many records at most. Default: 1,000
}

// PageSize is how many records or documents come at most if the caller does not say.
const PageSize = 1000
