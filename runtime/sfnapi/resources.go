package sfnapi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// resources perform the tasks of executions: those of the embedder come first, and
// behind them what is built in.
type resources struct {
	tasks   runtime.TaskInvoker // of the embedder; nil: none
	handler *Handler
	starts  bool // executions, which the Engine does itself for its own
}

// Resources that are built in.
const (
	lambdaInvoke   = ":states:::lambda:invoke" // a call of a function by its name
	startExecution = ":states:::states:startExecution"
)

// Resolve implements runtime.Resolver.
func (r resources) Resolve(resource string) (runtime.TaskInvoker, error) {
	invoker, err := r.embedded(resource)
	if err == nil {
		return invoker, nil
	}
	if service, _ := strings.CutSuffix(resource, ".waitForTaskToken"); r.tasks != nil && strings.HasSuffix(service, lambdaInvoke) {
		return runtime.Lambda(runtime.InvokerFunc(r.function)), nil
	}
	if operation, ok := sdkOperation(resource); ok {
		return sdkCall{handler: r.handler, operation: operation, kept: !r.starts}, nil
	}
	if starter, ok := r.handler.executions.(nested); ok && r.starts && strings.HasSuffix(resource, startExecution) {
		return runtime.InvokerFunc(starter.StartNested), nil
	}
	return nil, err
}

func (r resources) embedded(resource string) (runtime.TaskInvoker, error) {
	if r.tasks == nil {
		return nil, fmt.Errorf("%w %q", runtime.ErrNoTask, resource)
	}
	if resolver, ok := r.tasks.(runtime.Resolver); ok {
		return resolver.Resolve(resource)
	}
	if strings.Contains(resource, startExecution) { // which the Engine performs itself
		return nil, fmt.Errorf("%w %q", runtime.ErrNoTask, resource)
	}
	return r.tasks, nil
}

// InvokeTask implements runtime.TaskInvoker.
func (r resources) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	invoker, err := r.Resolve(task.Resource)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return invoker.InvokeTask(ctx, task)
}

// function performs a function that lambda:invoke names. One that is not there fails
// the task, as on AWS.
func (r resources) function(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	invoker, err := r.embedded(task.Resource)
	if errors.Is(err, runtime.ErrNoTask) {
		return jsonvalue.Value{}, &runtime.TaskError{
			Name:  "Lambda.ResourceNotFoundException",
			Cause: "Function not found: " + task.Resource + " (Service: Lambda, Status Code: 404)",
		}
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return invoker.InvokeTask(ctx, task)
}
