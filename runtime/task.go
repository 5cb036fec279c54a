package runtime

import (
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// Task is one attempt to perform a Task state. Its fields are for reading; its
// methods are safe for concurrent use and may be called after InvokeTask has
// returned. A Task made by hand, in a test of a TaskInvoker, works: what it
// reports goes nowhere.
type Task struct {
	Resource string      // as the definition has it: "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
	Service  string      // "sqs"; "" if the Resource is no ARN
	Action   string      // "sendMessage"
	Pattern  asl.Pattern // asl.WaitForTaskToken

	Input jsonvalue.Value // after InputPath and Parameters, or Arguments

	State      string // the name of the state
	Execution  string // $$.Execution.Id
	RetryCount int    // $$.State.RetryCount: how often the state has been retried
	RoleARN    string // Credentials; "" if none

	ExecutionRoleARN string // $$.Execution.RoleArn: the role of the execution; "" in a test of a state that names none

	Event      int64           // the id of the event that scheduled the attempt
	Entered    int64           // the id of the event with which the state was entered; 0 in a Task made by hand
	Submission jsonvalue.Value // of a task with the pattern asl.Sync whose process has ended: what Submitted told before; null: nothing

	Deadline         time.Time     // of TimeoutSeconds; zero: none
	HeartbeatTimeout time.Duration // of HeartbeatSeconds; zero: none, as for asl.RequestResponse with a service of AWS

	id   interp.TaskID
	mail *mailbox // nil for a Task made by hand
	link *TaskLink
}

// TaskLink connects a Task with a driver that is not of this package.
type TaskLink struct {
	ID        string                         // what Task.ID returns
	Token     string                         // what Task.Token returns
	Heartbeat func()                         // gets what Task.Heartbeat tells. Default: nil, it goes nowhere
	Submitted func(response jsonvalue.Value) // gets what Task.Submitted tells. Default: likewise
}

// NewTask returns a task whose exported fields are those of t, and whose methods are
// connected by the link. Service, Action and Pattern are those of t.Resource. It is for
// drivers that are not of this package.
func NewTask(t Task, link TaskLink) *Task {
	r := asl.ParseResource(t.Resource)
	t.Service, t.Action, t.Pattern = r.Service, r.Action, r.Pattern
	t.mail, t.link = nil, &link
	return &t
}

// newTask returns a task of an execution. Its reports go nowhere yet.
func newTask(s *interp.StartTask, execution, role string) *Task {
	r := &s.Task.Resource
	return &Task{
		Resource: r.Text, Service: r.Service, Action: r.Action, Pattern: r.Pattern,
		Input: s.Input, State: s.Task.Name, Execution: execution,
		RetryCount: s.RetryCount, RoleARN: s.RoleARN, ExecutionRoleARN: role, Event: s.Event, Entered: s.Entered, Submission: s.Submission,
		Deadline: s.Deadline, HeartbeatTimeout: s.Heartbeat,
		id: s.ID,
	}
}

// ID returns a text that no other attempt of any task has: an idempotency key.
// If a crash makes the attempt start twice, it is the same both times.
func (t *Task) ID() string {
	if t.link != nil {
		return t.link.ID
	}
	return taskID(t.Execution, t.id)
}

func taskID(execution string, id interp.TaskID) string { return execution + "#" + id.String() }

// Token returns the task token. Whoever has it can answer the task.
func (t *Task) Token() string {
	switch {
	case t.link != nil:
		return t.link.Token
	case t.mail != nil:
		return t.mail.token(t.id)
	}
	return ""
}

// Heartbeat tells that the task is alive. It does not block. As on AWS, a task
// with the pattern asl.RequestResponse has no heartbeats to send, unless its
// Resource is one that AWS does not know.
func (t *Task) Heartbeat() {
	if t.link != nil && t.link.Heartbeat != nil {
		t.link.Heartbeat()
		return
	}
	t.report(message{kind: heartbeat})
}

// Submitted tells, for a task with the pattern asl.Sync, that its job has
// begun, and what the service said to that. The history shows it, and the Submission of the task that is
// performed again after its process has ended.
func (t *Task) Submitted(response jsonvalue.Value) {
	if t.link != nil && t.link.Submitted != nil {
		t.link.Submitted(response)
		return
	}
	t.report(message{kind: submitted, output: response})
}

// RuntimeError returns the error of a task that cannot be performed as it is, which no Retry or Catch takes:
// States.Runtime, with a cause that says in AWS's words where that was.
func (t *Task) RuntimeError(format string, args ...any) *TaskError {
	cause := fmt.Sprintf(format, args...)
	if t.Entered > 0 {
		cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", t.State, t.Entered, cause)
	}
	return &TaskError{Name: asl.StatesRuntime, Cause: cause}
}

func (t *Task) report(m message) {
	if t.mail != nil {
		m.task = t.id
		t.mail.post(m)
	}
}
