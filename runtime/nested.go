package runtime

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// nested performs arn:aws:states:::states:startExecution, in its patterns. It starts an
// execution under an id that is made of the task, so that a task which is performed again
// after a crash starts none twice. The first commit of the child sends a message to the
// execution with the task, and so does the last if the task waits for it: nothing waits in
// memory.
type nested struct{ engine *Engine }

// Machine is a state machine that a task starts.
type Machine struct {
	Program  *Program
	Identity Identity // the names and ARNs of the machine; those of the execution are filled in
	Meta     []byte   // what Start gets

	// Express starts an execution that the Engine does not keep, because the machine is of
	// that type: it returns when it has begun, and its ARN. A task that is performed again
	// after a crash starts another. No task waits for its end. Default: nil, the Engine starts
	// the execution, and keeps it.
	Express func(ctx context.Context, who Identity, input jsonvalue.Value) (execution string, start time.Time, err error)
}

func startsExecution(r *asl.Resource) bool {
	return r.Service == "states" && r.Action == "startExecution"
}

func (r *resident) isNested(index int) bool {
	_, yes := r.performers[index].(nested)
	return yes
}

// InvokeTask implements TaskInvoker. ErrPending says that the child is there: the message of
// its first commit has what the task is told.
func (n nested) InvokeTask(ctx context.Context, task *Task) (jsonvalue.Value, error) {
	call, err := nestedCall(task)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	found, who, err := n.engine.nestedMachine(ctx, task, &call)
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case found.Express != nil:
		return startElsewhere(ctx, task, found, who, call.input)
	}
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		r, err := n.engine.newExecution(found.Program, who, call.input, found.Meta, task)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		out, answer, err := n.start(ctx, task, r)
		if err == nil || ctx.Err() != nil {
			return out, answer
		}
		n.engine.log("an execution cannot be started", "task", task.ID(), "error", err)
		n.engine.sleep(pause)
	}
}

// StartNested performs a task with the Resource arn:aws:states:::states:startExecution of an
// execution that is not the Engine's, but a Runner's: EngineConfig.StateMachine finds what it starts.
// It does not wait for the end.
func (e *Engine) StartNested(ctx context.Context, task *Task) (jsonvalue.Value, error) {
	if e.config.StateMachine == nil {
		return jsonvalue.Value{}, fmt.Errorf("%w %q: EngineConfig.StateMachine is nil", ErrNoTask, task.Resource)
	}
	call, err := nestedCall(task)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	found, who, err := e.nestedMachine(ctx, task, &call)
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case found.Express != nil:
		return startElsewhere(ctx, task, found, who, call.input)
	}
	child, err := e.Start(ctx, found.Program, who, call.input, found.Meta)
	if errors.Is(err, store.ErrExists) {
		err = serviceFault(task, "ExecutionAlreadyExists", "Execution Already Exists: '"+who.Execution+"'")
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return startResponse(task, &child), nil
}

// nestedMachine finds what a task starts, and names the execution.
func (e *Engine) nestedMachine(ctx context.Context, task *Task, call *startCall) (found Machine, who Identity, err error) {
	found, err = e.config.StateMachine(ctx, call.machine)
	if errors.Is(err, store.ErrNotFound) {
		err = serviceFault(task, "StateMachineDoesNotExist", "State Machine Does Not Exist: '"+call.machine+"'")
	}
	who = found.Identity
	who.ExecutionName, who.Execution = call.name, executionARN(who.StateMachine, call.name)
	if call.trace != "" {
		who.TraceHeader = call.trace
	}
	return found, who, err
}

// startElsewhere starts an execution that the Engine does not keep.
func startElsewhere(ctx context.Context, task *Task, m Machine, who Identity, input jsonvalue.Value) (jsonvalue.Value, error) {
	if task.Pattern == asl.Sync { // (unsure) with which words AWS refuses to wait for one
		return jsonvalue.Value{}, serviceFault(task, "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
	}
	execution, start, err := m.Express(ctx, who, input)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	who.Execution = execution
	return startResponse(task, &store.Record{Identity: who, Start: start}), nil
}

// start creates the child, and returns the answer to the task. err is trouble with the
// store, which is no answer.
func (n nested) start(ctx context.Context, task *Task, r *resident) (out jsonvalue.Value, answer, err error) {
	record := r.record
	if err := r.create(ctx); err == nil {
		return out, ErrPending, nil
	} else if !errors.Is(err, store.ErrExists) {
		return out, err, err
	}
	have, err := n.engine.Describe(ctx, record.Execution)
	switch {
	case err != nil:
		return out, err, err
	case have.Parent == task.ID():
		return out, ErrPending, nil
	case task.Pattern != asl.Sync && sameStart(&have, &record):
		return startResponse(task, &have), nil, nil
	}
	// (unsure) whether AWS waits for an execution that somebody else has started.
	return out, serviceFault(task, "ExecutionAlreadyExists", "Execution Already Exists: '"+record.Execution+"'"), nil
}

// startCall is what a task asks for.
type startCall struct {
	machine, name, trace string
	input                jsonvalue.Value
}

func nestedCall(task *Task) (call startCall, err error) {
	for field, to := range map[string]*string{"StateMachineArn": &call.machine, "Name": &call.name, "TraceHeader": &call.trace} {
		if v, there := task.Input.Get(field); there {
			*to, _ = v.AsString()
		}
	}
	if call.machine == "" {
		return call, &TaskError{Name: asl.StatesRuntime, Cause: "The field 'StateMachineArn' is required but was missing"}
	}
	if v, there := task.Input.Get("Name"); !there || v.IsNull() {
		sum := sha256.Sum256([]byte("child\x00" + task.Token()))
		call.name = uuid.Format([16]byte(sum[:16]), 4)
	} else if !isExecutionName(call.name) {
		return call, serviceFault(task, "InvalidName", "Invalid Name: '"+call.name+"'")
	}
	call.input = jsonvalue.Object()
	v, there := task.Input.Get("Input")
	text, isText := v.AsString()
	switch {
	case isText:
		if call.input, err = jsonvalue.Parse([]byte(text)); err != nil {
			return call, serviceFault(task, "InvalidExecutionInput", "Invalid State Machine Execution Input: '"+err.Error()+"'")
		}
	case there && !v.IsNull():
		call.input = v
	}
	return call, nil
}

// isExecutionName reports whether AWS takes a text as the name of an execution.
func isExecutionName(name string) bool {
	return name != "" && len([]rune(name)) <= 80 && !strings.ContainsFunc(name, func(c rune) bool {
		return unicode.IsControl(c) || unicode.IsSpace(c) || strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", c)
	})
}

// executionARN returns the ARN of an execution of a state machine. It is empty for a machine
// that has none: names stand for it then.
func executionARN(machine, name string) string {
	before, rest, ok := strings.Cut(machine, ":stateMachine:")
	if !ok {
		return ""
	}
	return before + ":execution:" + rest + ":" + name
}

// serviceFault is an error of the service, in the words of its SDK.
func serviceFault(task *Task, code, text string) error {
	return &TaskError{
		Name:  "StepFunctions." + code + "Exception",
		Cause: fmt.Sprintf("%s (Service: AWSStepFunctions; Status Code: 400; Error Code: %s; Request ID: %s; Proxy: null)", text, code, requestID(task)),
	}
}

// startResponse is what the service answers to the request.
func startResponse(task *Task, child *store.Record) jsonvalue.Value {
	text := jsonvalue.String
	body := fmt.Sprintf(`{"executionArn":%s,"startDate":%.3f}`, text(child.Execution), float64(child.Start.UnixMilli())/1000)
	members := []jsonvalue.Member{{Name: "ExecutionArn", Value: text(child.Execution)}}
	members = append(members, sdkMetadata(requestID(task),
		jsonvalue.Member{Name: "Connection", Value: text("keep-alive")},
		jsonvalue.Member{Name: "Content-Length", Value: text(fmt.Sprint(len(body)))},
		jsonvalue.Member{Name: "Content-Type", Value: text("application/x-amz-json-1.0")},
		jsonvalue.Member{Name: "x-amzn-RequestId", Value: text(requestID(task))},
	)...)
	return jsonvalue.Object(append(members, jsonvalue.Member{Name: "StartDate", Value: jsonvalue.Int(child.Start.UnixMilli())})...)
}

// childDescription is what DescribeExecution tells of an execution that is over.
func childDescription(child *store.Record, input jsonvalue.Value) jsonvalue.Value {
	text := jsonvalue.String
	included := jsonvalue.Object(jsonvalue.Member{Name: "Included", Value: jsonvalue.Bool(true)})
	var members []jsonvalue.Member
	add := func(there bool, name string, v jsonvalue.Value) {
		if there {
			members = append(members, jsonvalue.Member{Name: name, Value: v})
		}
	}
	succeeded := child.Status == interp.Succeeded
	told := child.Status != interp.TimedOut // one whose own time was up has neither (recorded)
	add(child.HasCause && told, "Cause", text(child.Cause))
	add(child.HasError && told, "Error", text(child.Error))
	add(true, "ExecutionArn", text(child.Execution))
	add(true, "Input", input)
	add(true, "InputDetails", included)
	add(true, "Name", text(child.ExecutionName))
	add(succeeded, "Output", child.Output)
	add(succeeded, "OutputDetails", included)
	add(true, "RedriveCount", jsonvalue.Int(int64(child.Redrives)))
	add(!succeeded, "RedriveStatus", text("REDRIVABLE"))
	add(succeeded, "RedriveStatus", text("NOT_REDRIVABLE"))
	add(succeeded, "RedriveStatusReason", text("Execution is SUCCEEDED and cannot be redriven"))
	add(true, "StartDate", jsonvalue.Int(child.Start.UnixMilli()))
	add(child.StateMachineAlias != "", "StateMachineAliasArn", text(child.StateMachineAlias))
	add(true, "StateMachineArn", text(child.StateMachine))
	add(child.StateMachineVersion != "", "StateMachineVersionArn", text(child.StateMachineVersion))
	add(true, "Status", text(string(child.Status)))
	add(true, "StopDate", jsonvalue.Int(child.Stop.UnixMilli()))
	return jsonvalue.Object(members...)
}

// withTexts returns a description with input and output as texts, which .sync has. (unsure)
// whether a failure of .sync:2 shows them so too.
func withTexts(description jsonvalue.Value) jsonvalue.Value {
	for _, name := range []string{"Input", "Output"} {
		if v, there := description.Get(name); there {
			description = description.With(name, jsonvalue.String(v.String()))
		}
	}
	return description
}

// startedLetter returns the message of the first commit of a child.
func (r *resident) startedLetter() store.Message {
	by := r.created.by
	m := message{kind: started, task: by.id, pattern: by.Pattern, output: startResponse(by, &r.created.record)}
	return m.stored("started:"+r.id, by.Execution, r.id)
}

// endedLetter returns the message of the last commit of a child.
func (r *resident) endedLetter(record *store.Record) store.Message {
	parent := &r.elsewhere.parent
	m := message{kind: ended, task: parent.Task, output: childDescription(record, r.x.Input())}
	return m.stored("ended:"+r.id, parent.Execution, r.id)
}

// stopLetter returns the message that stops a child whose task is cut, with the cause that
// AWS gives.
func (r *resident) stopLetter(child string) store.Message {
	m := message{kind: aborted, cause: "The Task state in AWS Step Functions execution [" + r.id + "] which was managing this resource was aborted"}
	return m.stored("stop:"+child, child, r.id)
}

// takeStarted notes that a child is there. If its task is over by now and would have waited
// for it, the child is stopped.
func (r *resident) takeStarted(m *message) (taken bool) {
	r.cancel(m.task) // who started the child has no more to say
	s, out := r.x.Task(m.task)
	switch {
	case !out && m.pattern == asl.Sync:
		r.abroad().unsent = append(r.abroad().unsent, r.stopLetter(m.from))
		return false
	case !out:
		return false
	case s.Task.Resource.Pattern == asl.RequestResponse:
		return r.x.Succeed(m.task, m.output)
	case s.Task.Resource.Pattern == asl.Sync:
		r.abroad().children[m.task] = m.from
		r.x.Parked(m.task)
	}
	return r.x.Submitted(m.task, m.output)
}

// takeEnded answers the task that waited for the end of a child.
func (r *resident) takeEnded(m *message) (taken bool) {
	s, out := r.x.Task(m.task)
	if !out {
		return false
	}
	delete(r.abroad().children, m.task)
	status, _ := m.output.Get("Status")
	if !status.Equal(jsonvalue.String(string(interp.Succeeded))) {
		return r.x.Fail(m.task, asl.StatesTaskFailed, withTexts(m.output).String())
	}
	if s.Task.Resource.Version != "2" {
		m.output = withTexts(m.output)
	}
	return r.x.Succeed(m.task, m.output)
}

// takeStop stops a child because its task is cut: nobody is to be told of its end.
func (r *resident) takeStop(m *message) (taken bool) {
	if !r.note(m) {
		return false
	}
	if r.elsewhere != nil && m.from == r.elsewhere.parent.Execution {
		r.elsewhere.unwanted = true
	}
	return true
}
