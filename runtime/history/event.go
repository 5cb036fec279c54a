// Package history holds the events of an execution: what happened, in AWS's
// terms. It is data and knows nothing of how executions run.
package history

import (
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Event is one event of an execution's history, as GetExecutionHistory
// returns it. There are 62 types of events. Each type has the details
// that it has on AWS; the other fields are zero.
//
// Its JSON form is AWS's, both ways: the details are inside an object named
// after the type, texts such as input are JSON in a string.
type Event struct {
	ID         int64  // 1, 2, 3, ... in the order of recording
	PreviousID int64  // of the event that led to this one; 0: none
	Type       string // AWS's name: "TaskStateEntered", "LambdaFunctionFailed"
	Time       time.Time
	Execution  string // Identity.Execution; not part of the JSON form

	// Name is the name of the state: in StateEntered and StateExited events, in
	// MapIteration events (the Map state) and in EvaluationFailed.
	Name string

	Input     jsonvalue.Value // what went in: of executions, states, functions, activities
	Output    jsonvalue.Value // what came out: of executions, states, tasks
	Variables jsonvalue.Value // assignedVariables, an object; null: none

	ErrorInfo        // of events that tell a failure
	Location  string // EvaluationFailed: the field, "Arguments/FunctionName"

	Resource         string // of tasks, functions and activities
	ResourceType     string // "lambda", "aws-sdk:sqs"
	Region           string
	Parameters       jsonvalue.Value // TaskScheduled
	TimeoutSeconds   int64           // 0: none
	HeartbeatSeconds int64           // 0: none
	WorkerName       string

	Length int // MapStateStarted: how many items
	Index  int // MapIteration events: which item

	RoleARN      string // ExecutionStarted, and taskCredentials of Scheduled events
	MapRunARN    string // of Map Runs; of ExecutionStarted of a child, whose JSON form has none
	TraceHeader  string // ExecutionStarted; not part of the JSON form
	VersionARN   string // ExecutionStarted
	AliasARN     string
	RedriveCount int

	redacted bool
}

// ErrorInfo says why something failed, in AWS's terms. On AWS an absent text and an
// empty text differ: HasError and HasCause are false if the text is absent.
type ErrorInfo struct {
	Error    string // the error name: "States.Timeout"
	Cause    string
	HasError bool
	HasCause bool
}

// StateEntered returns the name of the state that the event says is entered.
func (e Event) StateEntered() (name string, ok bool) {
	return e.Name, strings.HasSuffix(e.Type, "StateEntered")
}

// StateExited returns the name of the state that the event says is left.
func (e Event) StateExited() (name string, ok bool) {
	return e.Name, strings.HasSuffix(e.Type, "StateExited")
}

// Failure reports whether the event tells that something failed, timed out or
// was aborted; Error and Cause then say why.
func (e Event) Failure() bool {
	for _, suffix := range []string{"Failed", "TimedOut", "Aborted"} {
		if strings.HasSuffix(e.Type, suffix) {
			return true
		}
	}
	return false
}

// Redacted returns the event without its input, output and variables, as
// GetExecutionHistory returns it with includeExecutionData false.
func (e Event) Redacted() Event {
	e.Input, e.Output, e.Variables = jsonvalue.Value{}, jsonvalue.Value{}, jsonvalue.Value{}
	e.redacted = true
	return e
}
