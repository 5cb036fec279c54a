package statemillotel

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/statemill/statemill/runtime/history"
)

// run is an execution: what is open in it, found by the event that another one follows.
type run struct {
	tracer    *Tracer
	execution string

	mu       sync.Mutex
	root     *span            // nil: nothing has happened
	first    span             // the first root
	at       map[int64]*span  // what is open after an event. An event that another one has followed is gone
	stays    map[int64]string // events in at that more than one may follow, with the error that they tell: they go when what is open there ends
	trace    trace.TraceID    // zero: nothing has happened
	redrives int
	replays  bool // the events are old: what ends is not exported
	dark     bool // nothing is sampled. Only whoever observes the execution reads and writes it
	over     bool
}

func newRun(t *Tracer, execution string) *run {
	return &run{tracer: t, execution: execution}
}

// ignores reports whether an event is of this run and makes no span, because nothing is sampled. A nil run has none.
func (r *run) ignores(e *history.Event) bool {
	return r != nil && r.execution == e.Execution && r.dark && !strings.HasPrefix(e.Type, "Execution")
}

// take makes an event happen.
func (r *run) take(e *history.Event) {
	switch {
	case e.Type == "ExecutionStarted":
		r.begin(e, parseHeader(e.TraceHeader))
	case e.Type == "ExecutionRedriven":
		r.redrives, r.over = e.RedriveCount, false
		r.begin(e, trace.SpanContext{})
	default:
		if r.root == nil {
			r.begin(e, trace.SpanContext{}) // its beginning is not known
		}
		if strings.HasPrefix(e.Type, "Execution") {
			r.end(e)
		} else if !r.dark {
			r.follow(e)
		}
	}
}

// begin opens the span of the execution. A second one of it is linked to the first.
func (r *run) begin(e *history.Event, from trace.SpanContext) {
	ctx := context.Background()
	if from.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, from)
	}
	switch {
	case r.trace.IsValid(): // it is redriven
	case from.TraceID().IsValid():
		r.trace = from.TraceID()
	default:
		r.trace = traceIDOf(r.execution)
	}
	if r.root == nil {
		r.root = &r.first
	} else {
		r.root = new(span) // the first one may be redriven
	}
	r.root.kind, r.root.name, r.root.event = execution, machineOf(e.Execution), e.ID
	r.open(r.root, ctx, e.Time, consumer)
	if r.dark = !r.root.span.IsRecording(); r.dark {
		return
	}
	r.root.span.SetAttributes(executionAttributes(e)...)
	if e.Type != "ExecutionStarted" {
		r.root.span.AddLink(trace.Link{SpanContext: firstOf(r.execution, r.trace)})
	}
	if r.at == nil {
		r.at, r.stays = make(map[int64]*span), make(map[int64]string)
	}
	r.at[e.ID] = r.root
	r.at[0] = r.root // what the first state follows
}

var consumer = trace.WithSpanKind(trace.SpanKindConsumer)

// open opens a span.
func (r *run) open(s *span, ctx context.Context, at time.Time, options ...trace.SpanStartOption) {
	s.opening = opening{ctx, opener{r.trace, r.execution, s.event, r.redrives}}
	s.ctx, s.span = r.tracer.tracer.Start(&s.opening, s.kind.text()+s.name, append(options, trace.WithTimestamp(at))...)
}

// follow takes an event inside an execution.
func (r *run) follow(e *history.Event) {
	here := r.at[e.PreviousID]
	if here == nil {
		here = r.root
	}
	if why, stays := r.stays[e.PreviousID]; !stays && e.PreviousID != 0 {
		delete(r.at, e.PreviousID)
	} else if e.Failure() && e.Error == "" { // MapIterationFailed tells none
		told := *e
		told.Error, e = why, &told
	}
	if here.stopped {
		here = r.resume(here, e.Time) // a redrive goes on there
	}
	here = r.move(here, e)
	r.at[e.ID] = here
	if here.kind == iteration { // another one may follow the last event inside
		r.stays[e.ID] = ""
		here.up.events = append(here.up.events, e.ID)
	} else if forks(e) {
		r.stays[e.ID] = e.Error
		here.events = append(here.events, e.ID)
	}
}

// forks reports whether more than one event may follow: those of branches and iterations, of what a failure has cut, and
// of who asks for the attempt of a task.
func forks(e *history.Event) bool {
	return strings.HasPrefix(e.Type, "MapIteration") || strings.HasPrefix(e.Type, "MapRun") || strings.HasSuffix(e.Type, "StateStarted") ||
		strings.HasSuffix(e.Type, "Scheduled") || e.Failure()
}

// move returns what is open after an event.
func (r *run) move(here *span, e *history.Event) *span {
	if name, ok := e.StateEntered(); ok {
		s := &span{kind: state, name: name, event: e.ID, up: here, form: strings.TrimSuffix(e.Type, "StateEntered")}
		return r.enter(s, e)
	}
	if _, ok := e.StateExited(); ok {
		return r.leave(here, here.within(state, ""), e)
	}
	switch e.Type {
	case "MapIterationStarted": // with MaxConcurrency the event before is inside another iteration
		return r.enter(&span{kind: iteration, name: e.Name, event: e.ID, index: e.Index, up: here.within(state, e.Name)}, e)
	case "MapIterationSucceeded", "MapIterationFailed":
		return r.leave(here, here.within(iteration, ""), e)
	case "MapIterationAborted", "ParallelStateAborted", "MapStateAborted", "TaskStateAborted", "WaitStateAborted":
		return here // it ends with what contains it
	case "ParallelStateStarted", "MapStateStarted":
		here.failed = false
		return here
	case "ParallelStateFailed", "MapStateFailed":
		return r.cut(here, e)
	}
	if strings.HasPrefix(e.Type, "MapRun") {
		here.note(e)
		return here
	}
	return r.attempt(here, e, afterPrefix(e.Type, "LambdaFunction", "Activity", "Task"))
}

// attempt takes an event of the attempt of a task.
func (r *run) attempt(here *span, e *history.Event, what string) *span {
	switch what {
	case "Scheduled":
		here = here.within(state, "")
		here.attempts++
		return r.enter(&span{kind: task, name: serviceOf(e), event: e.ID, up: here, index: here.attempts}, e)
	case "Started", "Submitted":
		here.note(e)
		return here
	case "Succeeded", "Failed", "TimedOut", "ScheduleFailed", "StartFailed", "SubmitFailed":
		if here.kind == task {
			return r.leave(here, here, e)
		}
	}
	return here
}

// enter opens a span below another one, which may have been redriven.
func (r *run) enter(s *span, e *history.Event) *span {
	s.up = r.resume(s.up, e.Time)
	s.up.inner = append(s.up.inner, s)
	r.open(s, s.up.ctx, e.Time, trace.WithSpanKind(s.kind.spanKind()), trace.WithAttributes(s.attributes(e)...))
	return s
}

// resume opens what had ended with the execution again, or returns what contains it and is open.
func (r *run) resume(s *span, at time.Time) *span {
	switch {
	case s.span != nil:
		return s
	case s.up == nil:
		return r.root
	case !s.stopped:
		return r.resume(s.up, at)
	}
	s.stopped = false
	s.up = r.resume(s.up, at)
	s.up.inner = append(s.up.inner, s)
	r.open(s, s.up.ctx, at, trace.WithSpanKind(s.kind.spanKind()), trace.WithAttributes(s.attributes(nil)...))
	return s
}

// leave ends a span that contains here, and returns what contains it.
func (r *run) leave(here, s *span, e *history.Event) *span {
	if s.up == nil {
		return s
	}
	if e.Failure() {
		for ; here != s; here = here.up {
			here.fail(e, r.tracer.causes)
		}
		s.fail(e, r.tracer.causes)
	}
	r.close(s, e.Time)
	s.up.inner = slices.DeleteFunc(s.up.inner, func(o *span) bool { return o == s })
	for _, id := range s.events {
		delete(r.at, id)
		delete(r.stays, id)
	}
	return s.up
}

// cut ends what a Parallel or Map state contains: a branch or an iteration has failed.
func (r *run) cut(here *span, e *history.Event) *span {
	form := strings.TrimSuffix(e.Type, "StateFailed")
	container := here
	for container.up != nil && (container.form != form || container.failed) {
		container.fail(e, r.tracer.causes)
		container = container.up
	}
	container.failed = true
	for _, s := range slices.Clone(container.inner) {
		r.close(s, e.Time)
	}
	container.inner = nil
	return container
}

// close ends a span and what it contains, unless it is old.
func (r *run) close(s *span, at time.Time) {
	for _, inner := range s.inner {
		r.close(inner, at)
	}
	s.inner = nil
	if s.span != nil && !r.replays {
		s.span.End(trace.WithTimestamp(at))
	}
	s.span = nil
}

// end ends the execution, and all that is open in it. A redrive finds what did not succeed.
func (r *run) end(e *history.Event) {
	r.over = true
	if e.Failure() && !r.dark {
		here := r.at[e.PreviousID]
		if e.PreviousID == 0 || here == nil {
			here = r.root
		}
		for s := here; s != nil; s = s.up {
			s.fail(e, r.tracer.causes)
		}
		r.keep(r.root)
	}
	if r.dark {
		r.root.span.End()
		r.root.span = nil
		return
	}
	r.close(r.root, e.Time)
}

// keep lets the events stay that opened what is open, and stops with the execution.
func (r *run) keep(s *span) {
	r.at[s.event], s.stopped = s, true
	for _, inner := range s.inner {
		r.keep(inner)
	}
}
