package command

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const taskHelp = "who performs tasks: `PATTERN=HOW`. PATTERN is a resource, in which * is any text, or the name of a function; " +
	"HOW is json:VALUE, file:PATH, echo, error:NAME:CAUSE, hang, exec:COMMAND ARGS, lambda (at --lambda-endpoint), or a URL that gets the input by POST"

const lambdaHelp = "the `URL` of a server with the API of AWS Lambda: it performs the functions that no --task takes"

const bucketsHelp = "the `folder` in which distributed Map states find their buckets, and write to them: a folder each"

// parseTasks reads the --task flags. A server of functions performs those that no flag takes.
func parseTasks(flags []string, by performers) (runtime.Mux, error) {
	tasks, err := parseFlags(flags, by)
	if err != nil || by.functions == "" || tasks[allFunctions] != nil {
		return tasks, err
	}
	tasks[allFunctions], err = newLambda(by.functions)
	return tasks, err
}

// allFunctions is the pattern of every function.
const allFunctions = "*:function:*"

func parseFlags(flags []string, by performers) (runtime.Mux, error) {
	tasks := make(runtime.Mux, len(flags))
	for _, flag := range flags {
		pattern, how, ok := strings.Cut(flag, "=")
		if !ok || pattern == "" || how == "" {
			return nil, fmt.Errorf("--task %s: expected PATTERN=HOW", flag)
		}
		if strings.HasPrefix(pattern, "state:") {
			return nil, fmt.Errorf("--task %s: serve performs tasks by their resource, not by the name of a state", flag)
		}
		if !strings.ContainsAny(pattern, ":*") {
			pattern = "*:function:" + pattern
		}
		if tasks[pattern] != nil {
			return nil, fmt.Errorf("--task %s: the pattern %s is there twice", flag, pattern)
		}
		task, err := parseHow(how, by)
		if err != nil {
			return nil, fmt.Errorf("--task %s: %w", flag, err)
		}
		tasks[pattern] = task
	}
	return tasks, nil
}

// performers are who may perform tasks besides.
type performers struct {
	functions string // the URL of a server of functions; "": there is none
	aws       AWS    // nil: this binary has no clients of AWS
}

// realAWS performs tasks by AWS itself, as the environment says.
func (p performers) realAWS() (runtime.TaskInvoker, error) {
	if p.aws == nil {
		return nil, fmt.Errorf("this program has no clients of AWS services; %s has them", withAWS)
	}
	tasks, _, err := p.aws(context.Background(), Endpoints{Real: true})
	return tasks, err
}

// parseHow reads what follows the = of a flag.
func parseHow(how string, by performers) (runtime.TaskInvoker, error) {
	kind, rest, _ := strings.Cut(how, ":")
	switch kind {
	case "echo", "hang", "lambda", "aws":
		if how != kind {
			return nil, fmt.Errorf("%s takes nothing, found %s", kind, how)
		}
	}
	switch kind {
	case "aws":
		return by.realAWS()
	case "lambda":
		return newLambda(by.functions)
	case "hang":
		return runtime.InvokerFunc(neverAnswers), nil
	case "file":
		return fixedFile(rest)
	case "echo":
		return runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }), nil
	case "json":
		v, err := jsonvalue.Parse([]byte(rest))
		if err != nil {
			return nil, fmt.Errorf("what follows json: is not JSON: %w", err)
		}
		return runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return v, nil }), nil
	case "error":
		name, cause, _ := strings.Cut(rest, ":")
		if name == "" {
			return nil, fmt.Errorf("error needs a name: error:NAME:CAUSE")
		}
		return runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.Value{}, &runtime.TaskError{Name: name, Cause: cause}
		}), nil
	case "exec":
		return newCommand(rest)
	case "http", "https":
		if u, err := url.Parse(how); err != nil || u.Host == "" {
			return nil, fmt.Errorf("%s is no URL", how)
		}
		return post{url: how}, nil
	}
	return nil, fmt.Errorf("%s is not known: expected json:VALUE, file:PATH, echo, error:NAME:CAUSE, hang, exec:COMMAND, lambda or a URL", how)
}

// neverAnswers leaves a task without an answer.
func neverAnswers(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if task.Pattern == asl.WaitForTaskToken {
		return jsonvalue.Object(), nil
	}
	return jsonvalue.Value{}, runtime.ErrPending
}

// fixedFile gives what a file holds as the result of each task.
func fixedFile(path string) (runtime.TaskInvoker, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not JSON: %w", path, err)
	}
	return runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return v, nil }), nil
}

// failureOf returns the failure that a text in JSON tells, in the form of Lambda or in
// that of Step Functions; ok is false if it tells none.
func failureOf(text []byte) (failure *runtime.TaskError, ok bool) {
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, false
	}
	for _, names := range [][2]string{{"errorType", "errorMessage"}, {"Error", "Cause"}} {
		member, _ := v.Get(names[0])
		name, isText := member.AsString()
		if !isText || name == "" {
			continue
		}
		member, _ = v.Get(names[1])
		cause, _ := member.AsString()
		return &runtime.TaskError{Name: name, Cause: cause}, true
	}
	return nil, false
}
