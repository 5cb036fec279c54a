package runtime

import (
	"context"
	"fmt"
	"strings"

	"github.com/statemill/statemill/internal/pattern"
	"github.com/statemill/statemill/jsonvalue"
)

// Mux performs each task by the invoker whose pattern matches its Resource:
//
//	runtime.Mux{
//		"*:function:validateOrder":              runtime.Function(validateOrder),
//		"arn:aws:lambda:eu-*:*:function:charge": runtime.Function(charge),
//		"arn:aws:states:::sqs:*":                queue,
//		"notify":                                runtime.Function(notify),
//	}
//
// In a pattern, * stands for any number of characters, as in StringMatches and in
// IAM policies; every other character stands for itself. If several patterns
// match, the Mux takes the one without *, else the one with the most characters
// other than *, else the first in the order of strings.
//
// If no pattern matches the ARN of a function with a qualifier
// ("...:function:price:live"), the Mux looks for the ARN without the qualifier.
//
// If no pattern matches a Resource, Run returns an error before the first state is
// entered; it names the state and is [ErrNoTask]. If a wrapper hides the Mux from
// Run, the execution begins; a task that nobody performs then fails it with
// States.Runtime, which is never retried or caught. The pattern "*" matches every
// Resource.
//
// A Mux must not change while executions run. The nil Mux performs nothing.
type Mux map[string]TaskInvoker

// InvokeTask implements [TaskInvoker].
func (m Mux) InvokeTask(ctx context.Context, task *Task) (jsonvalue.Value, error) {
	inv, err := m.Resolve(task.Resource)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return inv.InvokeTask(ctx, task)
}

// Resolve implements [Resolver]. An invoker of the Mux that is a Resolver itself decides.
func (m Mux) Resolve(resource string) (TaskInvoker, error) {
	invoker := m.find(resource)
	if invoker == nil {
		if function, ok := pattern.WithoutQualifier(resource); ok {
			invoker = m.find(function)
		}
	}
	if invoker == nil {
		return nil, fmt.Errorf("%w %q", ErrNoTask, resource)
	}
	if inner, ok := invoker.(Resolver); ok {
		return inner.Resolve(resource)
	}
	return invoker, nil
}

// find returns the invoker whose pattern matches, or nil.
func (m Mux) find(resource string) TaskInvoker {
	if exact, ok := m[resource]; ok && !strings.Contains(resource, "*") && exact != nil {
		return exact
	}
	best := ""
	for p, invoker := range m {
		if invoker != nil && pattern.Match(p, resource) && (best == "" || pattern.MoreExact(p, best)) {
			best = p
		}
	}
	return m[best]
}

// Resolver is an optional second interface of a [TaskInvoker]. Each Resource of a
// program is then resolved once, before an execution begins, and a Resource with an
// error refuses the execution. Invokers that wrap others should pass it on.
type Resolver interface {
	Resolve(resource string) (TaskInvoker, error)
}
