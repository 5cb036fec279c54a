package statemillotel

import (
	"context"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Invoker returns a TaskInvoker that gives the tasks of next a context with the span of their attempt. It is a
// runtime.Resolver if next is one.
func (t *Tracer) Invoker(next runtime.TaskInvoker) runtime.TaskInvoker {
	traced := invoker{t, next}
	if resolver, ok := next.(runtime.Resolver); ok {
		return resolving{traced, resolver}
	}
	return traced
}

type invoker struct {
	tracer *Tracer
	next   runtime.TaskInvoker
}

// InvokeTask implements runtime.TaskInvoker.
func (i invoker) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	return i.next.InvokeTask(i.tracer.contextOf(ctx, task.Execution, task.Event), task)
}

// resolving is an invoker that knows whom it asks.
type resolving struct {
	invoker
	resolver runtime.Resolver
}

// Resolve implements runtime.Resolver.
func (r resolving) Resolve(resource string) (runtime.TaskInvoker, error) {
	next, err := r.resolver.Resolve(resource)
	if err != nil || next == nil {
		return next, err
	}
	return invoker{r.tracer, next}, nil
}
