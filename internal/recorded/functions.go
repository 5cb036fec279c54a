package recorded

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Functions perform the Lambda functions that recorded cases create.
type Functions struct {
	behaviours map[string]string // by the name of the function
}

// NewFunctions returns what performs some functions.
func NewFunctions(lambdas []Lambda) *Functions {
	f := &Functions{behaviours: make(map[string]string)}
	for _, l := range lambdas {
		f.behaviours[l.Name] = l.Behaviour
	}
	return f
}

// InvokeTask implements runtime.TaskInvoker.
func (f *Functions) InvokeTask(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	_, name, ok := strings.Cut(task.Resource, ":function:")
	name, _, _ = strings.Cut(name, ":")
	behaviour, known := f.behaviours[name]
	if !ok || !known {
		return jsonvalue.Value{}, fmt.Errorf("%w %q", runtime.ErrNoTask, task.Resource)
	}
	return behave(behaviour, task.Input)
}

// ErrSleeps is returned by a function that takes longer than any timeout of the
// cases.
var ErrSleeps = errors.New("sleeps for a minute")

func behave(behaviour string, input jsonvalue.Value) (jsonvalue.Value, error) {
	switch behaviour {
	case "id":
		return input, nil
	case "hello-world":
		return jsonvalue.MustParse(`{"Return": "HelloWorld"}`), nil
	case "bytes-hello-world":
		return jsonvalue.String("HelloWorld!"), nil
	case "decorated-input":
		text, isText := input.AsString()
		if !isText {
			text = pythonText(input)
		}
		return jsonvalue.String("input-event-" + text), nil
	case "raise-exception":
		return jsonvalue.Value{}, raised("Exception", "Some exception was raised.",
			"  File \"/var/task/handler.py\", line 2, in handler\n    raise Exception(\"Some exception was raised.\")\n")
	case "raise-custom-exception":
		return jsonvalue.Value{}, raised("CustomException", "", "  File \"/var/task/handler.py\", line 9, in handler\n    raise CustomException()\n")
	case "large-output":
		return jsonvalue.String(strings.Repeat("a", 257*1024)), nil
	case "sleep-60":
		return input, ErrSleeps
	}
	return jsonvalue.Value{}, fmt.Errorf("no behaviour %q", behaviour)
}

// pythonText prints a value as Python's repr does.
func pythonText(v jsonvalue.Value) string {
	var parts []string
	switch v.Kind() {
	case jsonvalue.KindNull:
		return "None"
	case jsonvalue.KindBool:
		return map[string]string{"true": "True", "false": "False"}[v.String()]
	case jsonvalue.KindString:
		text, _ := v.AsString()
		quote := "'"
		if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
			quote = `"`
		}
		return quote + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, quote, `\`+quote).Replace(text) + quote
	case jsonvalue.KindArray:
		for _, element := range v.Elements() {
			parts = append(parts, pythonText(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case jsonvalue.KindObject:
		for name, member := range v.Members() {
			parts = append(parts, pythonText(jsonvalue.String(name))+": "+pythonText(member))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}

// raised is how AWS shows an exception of a Python function.
func raised(kind, message, line string) error {
	text := jsonvalue.String
	cause := jsonvalue.Object(
		jsonvalue.Member{Name: "errorMessage", Value: text(message)},
		jsonvalue.Member{Name: "errorType", Value: text(kind)},
		jsonvalue.Member{Name: "requestId", Value: text("11111111-2222-4333-8444-555555555555")},
		jsonvalue.Member{Name: "stackTrace", Value: jsonvalue.Array(text(line))},
	)
	return &runtime.TaskError{Name: kind, Cause: cause.String()}
}

// perform answers a task in virtual time, each after a delay of its own.
func (f *Functions) perform(s *interp.StartTask) replay.Answer {
	var invoker runtime.TaskInvoker = f
	r := &s.Task.Resource
	if r.Region == "" && r.Service == "lambda" && r.Action == "invoke" {
		invoker = runtime.Lambda(f)
	}
	task := &runtime.Task{
		Resource: r.Text, Service: r.Service, Action: r.Action, Pattern: r.Pattern, Input: s.Input,
		State: s.Task.Name, Execution: "arn:aws:states:us-east-1:111111111111:execution:x:y",
	}
	out, err := invoker.InvokeTask(context.Background(), task)
	answer := replay.Answer{After: Delay(s.ID), Output: out}
	var failed *runtime.TaskError
	switch {
	case errors.Is(err, ErrSleeps):
		answer.After = time.Minute
	case errors.As(err, &failed):
		answer.Err = failed
	case err != nil:
		answer.Err = &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: err.Error()}
	}
	if r.Pattern == asl.WaitForTaskToken {
		answer.Submitted, answer.Never = &out, true
	}
	return answer
}

// Delay differs between the tasks of an execution, so that no two answers fall
// on one instant.
func Delay(id interp.TaskID) time.Duration {
	return time.Duration(uint64(id.Frame)%997*7+uint64(id.Attempt)%7+1) * time.Millisecond
}
