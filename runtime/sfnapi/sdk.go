package sfnapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// sdkCall performs aws-sdk:sfn:ACTION: an operation of this API, asked for by a task. Its
// members begin with capitals there, and its dates are texts.
type sdkCall struct {
	handler   *Handler
	operation string
	kept      bool // the task is of an execution that the Engine keeps
}

// sdkService is in the Resource of such tasks.
const sdkService = ":states:::aws-sdk:sfn:"

// sdkOperation returns the operation that a Resource names.
func sdkOperation(resource string) (name string, ok bool) {
	_, action, ok := strings.Cut(resource, sdkService)
	action, _ = strings.CutSuffix(action, ".waitForTaskToken")
	name = capital(action)
	return name, ok && operations[name] != nil && name != action
}

// InvokeTask implements runtime.TaskInvoker.
func (c sdkCall) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	h, o := c.handler, operations[c.operation]
	if err := h.awaitOpen(ctx); err != nil {
		return jsonvalue.Value{}, err
	}
	body, err := o.in.uncapitalised(task.Input)
	if err != nil {
		return body, err
	}
	p, err := placeOf(task.Execution)
	if err != nil {
		return body, err
	}
	answer, err := o.do(&scope{handler: h, ctx: ctx, operation: c.operation, now: time.Now(), place: p}, body)
	if err == nil && !(h.isClosing() && answer.Len() == 0 && c.operation == getActivityTask) {
		return capitalised(answer), nil
	}
	f, internal := unavailable(), false
	if err != nil {
		f, internal = faultOf(err)
	}
	if internal {
		h.log(slog.LevelError, "an operation that a task asked for failed", "task", task.ID(), "error", err)
	}
	if c.kept && h.isClosing() && f.code() == http.StatusServiceUnavailable {
		<-ctx.Done() // that the server ends is no answer: the task is performed again
		return body, context.Cause(ctx)
	}
	return body, sdkFault(f)
}

// placeOf returns where an execution is.
func placeOf(execution string) (place, error) {
	a, err := parseARN(execution, kindExecution, kindExpress)
	return a.place, err
}

// sdkFault is a fault as the SDK tells it to an execution (recorded).
func sdkFault(f *fault) error {
	return &runtime.TaskError{
		Name:  "Sfn." + strings.TrimSuffix(f.name, "Exception") + "Exception",
		Cause: fmt.Sprintf("%s (Service: Sfn, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)", f.message, f.code(), randomUUID()),
	}
}

// uncapitalised returns a request of a task as clients send it. What is to be a text may be
// JSON, which is written as a text then (recorded).
func (s *shape) uncapitalised(v jsonvalue.Value) (jsonvalue.Value, error) {
	if v.Kind() != jsonvalue.KindObject {
		return v, &runtime.TaskError{Name: asl.StatesRuntime, Cause: "The input of the task must be an object."}
	}
	var members []jsonvalue.Member
	for name, part := range v.Members() {
		m := s.member(name)
		if m == nil {
			return v, &runtime.TaskError{Name: asl.StatesRuntime, Cause: "The field '" + name + "' is not supported by Step Functions"}
		}
		inner, err := m.uncapitalised(part)
		if err != nil {
			return v, err
		}
		members = append(members, jsonvalue.Member{Name: m.name, Value: inner})
	}
	return jsonvalue.Object(members...), nil
}

// member returns the member that a task names.
func (s *shape) member(name string) *member {
	for i := range s.members {
		if capital(s.members[i].name) == name {
			return &s.members[i]
		}
	}
	return nil
}

func (m *member) uncapitalised(v jsonvalue.Value) (jsonvalue.Value, error) {
	switch {
	case v.IsNull():
		return v, nil
	case m.kind == isText && v.Kind() != jsonvalue.KindString:
		return text(v.String()), nil
	case m.kind == isStructure:
		return m.structure.uncapitalised(v)
	case m.kind != isList || v.Kind() != jsonvalue.KindArray:
		return v, nil
	}
	elements := make([]jsonvalue.Value, 0, v.Len())
	for _, e := range v.Elements() {
		inner, err := m.elements.uncapitalised(e)
		if err != nil {
			return v, err
		}
		elements = append(elements, inner)
	}
	return jsonvalue.Array(elements...), nil
}

// capitalised returns an answer as tasks get it.
func capitalised(v jsonvalue.Value) jsonvalue.Value {
	switch v.Kind() {
	case jsonvalue.KindArray:
		elements := make([]jsonvalue.Value, 0, v.Len())
		for _, e := range v.Elements() {
			elements = append(elements, capitalised(e))
		}
		return jsonvalue.Array(elements...)
	case jsonvalue.KindObject:
		answer := make(fields, v.Len())
		for name, part := range v.Members() {
			switch {
			case name == "variableReferences" || name == "assignedVariables": // whose names are data
			case strings.HasSuffix(name, "Date") || name == "timestamp":
				part = date(part)
			default:
				part = capitalised(part)
			}
			answer[capital(name)] = part
		}
		return answer.value()
	}
	return v
}

// date returns an instant as Java prints it: without a fraction if there is none.
func date(seconds jsonvalue.Value) jsonvalue.Value {
	f, ok := seconds.AsFloat64()
	if !ok {
		return seconds
	}
	at := time.UnixMilli(int64(f*1000 + 0.5)).UTC()
	if at.Nanosecond() == 0 {
		return text(at.Format("2006-01-02T15:04:05Z"))
	}
	return text(at.Format("2006-01-02T15:04:05.000Z"))
}

// capital returns a name with a capital.
func capital(name string) string {
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
