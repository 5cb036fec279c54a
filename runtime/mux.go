package runtime

import (
	"context"
	"fmt"
	"strings"

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
// In a pattern, * stands for any run of characters, as in StringMatches and in
// IAM policies; every other character stands for itself. If several patterns
// match, the one without * is taken, else the one with the most characters
// that are not *, else the first in the order of strings.
//
// A Resource that no pattern matches is an error that is [ErrNoTask], and that
// names the state: from Run, before the first state is entered. Should an
// execution meet one nevertheless, because a wrapper hides the Mux from Run, it
// fails with States.Runtime, which is never retried or caught. A pattern "*"
// takes whatever is left.
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

// Resolve implements [Resolver].
func (m Mux) Resolve(resource string) (TaskInvoker, error) {
	if exact, ok := m[resource]; ok && !strings.Contains(resource, "*") && exact != nil {
		return exact, nil
	}
	best := ""
	for pattern, invoker := range m {
		if invoker != nil && matchResource(pattern, resource) && (best == "" || moreExact(pattern, best)) {
			best = pattern
		}
	}
	if best == "" {
		return nil, fmt.Errorf("%w %q", ErrNoTask, resource)
	}
	return m[best], nil
}

// moreExact reports whether pattern p goes before q, when both match.
func moreExact(p, q string) bool {
	stars, others := strings.Count(p, "*"), strings.Count(q, "*")
	if (stars == 0) != (others == 0) {
		return stars == 0
	}
	if a, b := len(p)-stars, len(q)-others; a != b {
		return a > b
	}
	return p < q
}

// matchResource reports whether the whole of s matches a pattern in which *
// stands for any run of characters.
func matchResource(pattern, s string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		part, more, starred := strings.Cut(rest, "*")
		if !starred {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s, rest = s[at+len(part):], more
	}
}

// Resolver is what a [TaskInvoker] may be as well. If it is, each Resource of a
// program is resolved once, before an execution begins, and a Resource with an
// error refuses the execution. Invokers that wrap others should pass it on.
type Resolver interface {
	Resolve(resource string) (TaskInvoker, error)
}
