package asltemporal

import (
	"crypto/rand"
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	commonpb "go.temporal.io/api/common/v1"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Semantics numbers what this package makes of a state machine. It is larger than that of an
// earlier version if a history of that version would not replay as it is. A worker runs
// executions of its own number and of smaller ones.
const Semantics = 2

// wholeRuns are the semantics from which on every child that a Map Run counts has a workflow.
const wholeRuns = 2

// start is the first argument of the workflow: all that decides its commands. The second is
// the input of the execution, as it is. Members are added and never changed.
type start struct {
	Semantics  int      `json:"semantics,omitempty"`  // 0: 1
	Definition string   `json:"definition,omitempty"` // its text; "": Hash tells which
	Hash       string   `json:"hash,omitempty"`       // SHA-256 of the text, in hexadecimal digits
	Header     []byte   `json:"header,omitempty"`     // as package interp stores it; nil: the workflow makes one
	Limits     *limits  `json:"limits,omitempty"`
	Local      []string `json:"local,omitempty"`      // patterns of the tasks that run as local activities
	Checkpoint int64    `json:"checkpoint,omitempty"` // milliseconds; 0: never
	MaxHistory int      `json:"maxHistory,omitempty"` // events; 0: when the server suggests it
	State      []byte   `json:"state,omitempty"`      // of the run before, instead of Header
	Redrive    bool     `json:"redrive,omitempty"`    // the run before has failed, and is to go on
	Before     string   `json:"before,omitempty"`     // the id of that run

	Meta []byte `json:"meta,omitempty"` // of the execution, for the children of its Map Runs

	// Of a child of a Map Run:
	Began          int64  `json:"began,omitempty"`          // when it was started, in milliseconds
	Transformation string `json:"transformation,omitempty"` // of its output, in the results of the Map Run
	Stopped        string `json:"stopped,omitempty"`        // the ARN of the Map Run that was stopped before the child began: it is over at once
	ParentRedrives int    `json:"parentRedrives,omitempty"` // redrives of the parent when it was begun, or redriven last
	Written        bool   `json:"written,omitempty"`        // the results of the Map Run go to objects: the parent needs none
}

// limits are runtime.Limits in their stored form.
type limits struct {
	Payload    int `json:"payload,omitempty"`
	Variables  int `json:"variables,omitempty"`
	History    int `json:"history,omitempty"`
	Iterations int `json:"iterations,omitempty"`
	Children   int `json:"children,omitempty"`
	InFlight   int `json:"inFlight,omitempty"`
	Seconds    int `json:"seconds,omitempty"`
	Steps      int `json:"steps,omitempty"`
	Work       int `json:"work,omitempty"`
}

// The bounds of what Temporal accepts: 2 MiB for a payload and 4 MiB for a message, with room
// for what surrounds them.
const (
	maxPayload = 2<<20 - 64<<10
	maxInputs  = 3 << 20 // of the tasks that one workflow task starts
)

// encoded returns how many bytes a value has as JSON.
func encoded(v any) int {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // these are our own types
	}
	return len(text)
}

// maxLimit is the largest Limits.Payload.
const maxLimit = 1 << 20

// check refuses limits with which Temporal would end the workflow.
func (l *limits) check() error {
	if l != nil && (l.Payload < 0 || l.Payload > maxLimit) {
		return fmt.Errorf("asltemporal: Limits.Payload is %d: expected at most %d, because Temporal takes payloads of 2 MiB", l.Payload, maxLimit)
	}
	return nil
}

// stepTransitions bounds a Step: the SDK takes a workflow for stuck that computes for a second.
const stepTransitions = 100

func (in *start) limits() interp.Limits {
	var l interp.Limits
	if in.Limits != nil {
		l = interp.Limits(*in.Limits)
	}
	if l.Steps <= 0 || l.Steps > stepTransitions {
		l.Steps = stepTransitions
	}
	if in.Semantics >= wholeRuns && (l.Children <= 0 || l.Children > mostChildren) {
		l.Children = mostChildren
	}
	return l
}

// header returns the header of an execution that begins. A workflow that was not started by a
// Client, but by hand, has names made of its own, and draws a seed.
func (in *start) header(ctx workflow.Context) (h interp.Header, err error) {
	info := workflow.GetInfo(ctx)
	if in.Header != nil {
		if err = h.UnmarshalBinary(in.Header); err == nil && h.Execution != info.WorkflowExecution.ID {
			err = fmt.Errorf("the workflow id is %q, and the execution %q", info.WorkflowExecution.ID, h.Execution)
		}
		return h, err
	}
	drawn := workflow.SideEffect(ctx, func(workflow.Context) any {
		var seed interp.Seed
		_, _ = rand.Read(seed[:]) // it does not fail
		return seed[:]
	})
	var seed []byte
	if err := drawn.Get(&seed); err != nil {
		panic(err)
	}
	copy(h.Seed[:], seed)
	h.Identity = runtime.CompleteIdentity(interp.Identity{
		Execution: info.WorkflowExecution.ID, ExecutionName: info.WorkflowExecution.ID, StateMachineName: info.WorkflowType.Name,
	}, h.Seed)
	return h, nil
}

// payload returns a value as the payload that Temporal's converter for JSON makes, so that
// workers in any language can read it.
func payload(v jsonvalue.Value) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     v.AppendJSON(nil),
	})
}

// nothing is what is returned beside an error: the SDK encodes it all the same, and a codec may not know what to do with no payload.
func nothing() converter.RawValue { return payload(jsonvalue.Value{}) }

// value returns the value of a payload. One that holds nothing is null.
func value(r converter.RawValue) (jsonvalue.Value, error) {
	p := r.Payload()
	if p == nil || len(p.Data) == 0 {
		return jsonvalue.Value{}, nil
	}
	switch encoding := string(p.Metadata[converter.MetadataEncoding]); encoding {
	case converter.MetadataEncodingJSON, converter.MetadataEncodingProtoJSON:
		return jsonvalue.Parse(p.Data)
	default:
		return jsonvalue.Value{}, fmt.Errorf("its encoding is %q: expected %q", encoding, converter.MetadataEncodingJSON)
	}
}

// The types of the errors that workflows and updates of this package return, besides the error
// names of executions.
const (
	inputError        = "Statemill.Input"        // the workflow was started with something else than a Client sends
	pendingError      = "Statemill.Pending"      // of an activity: the answer will come by token
	unreadableError   = "Statemill.Unreadable"   // of an activity: its arguments cannot be decoded
	largeError        = "Statemill.TooLarge"     // of an activity: Temporal does not take the result
	invalidTokenError = "Statemill.InvalidToken" // of an update
	taskOverError     = "Statemill.TaskOver"     // of an update
)

// refuse ends a workflow that was started by hand with something that makes no execution. What a
// Client has sent, or the run before, some release has taken: this one may be too old for it, so the
// workflow task fails, and a worker that knows better gets it.
func (in *start) refuse(err error) error {
	if in.Header != nil || in.State != nil {
		panic(fmt.Sprintf("statemill: this worker cannot run the execution, and it waits for one that can: %v", err))
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), inputError, nil)
}
