package statemillotel

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/statemill/statemill/runtime/history"
)

// The names of attributes.
const (
	attributePrefix = "aws.step_functions."

	executionARN = attribute.Key(attributePrefix + "execution.arn")
	machineARN   = attribute.Key(attributePrefix + "state_machine.arn")
	mapRunARN    = attribute.Key(attributePrefix + "map_run.arn")
	redriveCount = attribute.Key(attributePrefix + "redrive_count")
	stateName    = attribute.Key(attributePrefix + "state.name")
	stateType    = attribute.Key(attributePrefix + "state.type")
	mapIndex     = attribute.Key(attributePrefix + "map.index")
	taskResource = attribute.Key(attributePrefix + "task.resource")
	taskAttempt  = attribute.Key(attributePrefix + "task.attempt")
	errorType    = attribute.Key("error.type")
)

type kind uint8

const (
	execution kind = iota
	state
	iteration
	task
)

func (k kind) text() string { return [...]string{"execution ", "state ", "iteration ", "task "}[k] }

func (k kind) spanKind() trace.SpanKind {
	if k == task {
		return trace.SpanKindClient
	}
	return trace.SpanKindInternal
}

// span is an execution, a visit of a state, an iteration of a Map state, or an attempt of a task.
type span struct {
	kind  kind
	name  string
	form  string // of a state: "Map"
	event int64  // that opened it
	index int    // of an iteration; of an attempt, from 1
	up    *span  // that contains it; nil: it is an execution
	inner []*span

	opening opening         // with which it was opened
	ctx     context.Context // of what is inside
	span    trace.Span      // nil: it has ended

	resource string  // of an attempt
	attempts int     // in a state
	failed   bool    // a branch or an iteration has
	stopped  bool    // it ended with the execution, and may be redriven
	events   []int64 // that stay in run.at until it ends
}

// within returns the innermost of a kind, and with a name if there is one; the outermost of all if there is none.
func (s *span) within(k kind, name string) *span {
	for s.up != nil && (s.kind != k || name != "" && s.name != name) {
		s = s.up
	}
	return s
}

// note adds what an event tells of something that goes on.
func (s *span) note(e *history.Event) {
	if s.span == nil {
		return
	}
	switch {
	case strings.HasPrefix(e.Type, "MapRun"):
		s.span.SetAttributes(mapRunARN.String(e.MapRunARN))
	case strings.HasSuffix(e.Type, "Submitted"):
		s.span.AddEvent("submitted", trace.WithTimestamp(e.Time))
		if child, ok := e.Output.Get("ExecutionArn"); ok {
			if arn, ok := child.AsString(); ok {
				s.span.AddLink(trace.Link{SpanContext: firstOf(arn, traceIDOf(arn))})
			}
		}
	case strings.HasSuffix(e.Type, "Started") && s.kind == task:
		s.span.AddEvent("started", trace.WithTimestamp(e.Time))
	}
}

// maxCause is how many bytes of a cause a span tells.
const maxCause = 1024

// fail gives a span the status of a failure.
func (s *span) fail(e *history.Event, causes bool) {
	if s.span == nil {
		return
	}
	name := e.Error
	if name == "" {
		name = e.Type
	}
	told := name
	if causes && e.Cause != "" {
		cause := e.Cause
		if len(cause) > maxCause {
			cause = strings.ToValidUTF8(cause[:maxCause], "")
		}
		told += ": " + cause
	}
	s.span.SetStatus(codes.Error, told)
	s.span.SetAttributes(errorType.String(name))
}

// attributes returns what a span has besides its name. e opened it; nil: it is opened again.
func (s *span) attributes(e *history.Event) []attribute.KeyValue {
	switch s.kind {
	case state:
		return []attribute.KeyValue{stateName.String(s.name), stateType.String(s.form)}
	case iteration:
		return []attribute.KeyValue{stateName.String(s.name), mapIndex.Int(s.index)}
	case task:
		if e != nil {
			s.resource = e.Resource
		}
		return []attribute.KeyValue{taskResource.String(s.resource), taskAttempt.Int(s.index)}
	}
	return nil
}

func executionAttributes(e *history.Event) []attribute.KeyValue {
	all := []attribute.KeyValue{executionARN.String(e.Execution)}
	if arn := machineARNOf(e.Execution); arn != "" {
		all = append(all, machineARN.String(arn))
	}
	if e.MapRunARN != "" {
		all = append(all, mapRunARN.String(e.MapRunARN))
	}
	if e.RedriveCount > 0 {
		all = append(all, redriveCount.Int(e.RedriveCount))
	}
	return all
}

// serviceOf returns what performs an attempt: "sqs:sendMessage".
func serviceOf(e *history.Event) string {
	switch {
	case strings.HasPrefix(e.Type, "Lambda"):
		return "lambda"
	case strings.HasPrefix(e.Type, "Activity"):
		return "activity"
	}
	if e.ResourceType == "" {
		return e.Resource
	}
	return e.ResourceType + ":" + e.Resource
}

// machineOf returns the name of the state machine of an execution.
func machineOf(execution string) string {
	rest := execution
	for range 6 {
		_, after, ok := strings.Cut(rest, ":")
		if !ok {
			return execution
		}
		rest = after
	}
	name, _, _ := strings.Cut(rest, ":")
	return name
}

// machineARNOf returns the ARN of the state machine of an execution; "" if its id is no ARN.
func machineARNOf(execution string) string {
	parts := strings.Split(execution, ":")
	if len(parts) < 7 || parts[0] != "arn" {
		return ""
	}
	return strings.Join(parts[:5], ":") + ":stateMachine:" + parts[6]
}

// afterPrefix returns what follows the first of the prefixes that a text has.
func afterPrefix(text string, prefixes ...string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(text, p); ok {
			return rest
		}
	}
	return ""
}
