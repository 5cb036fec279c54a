// Package statemillotel makes traces and metrics of OpenTelemetry from the events of executions:
//
//	tracer := statemillotel.NewTracer(statemillotel.Config{})
//	r := runtime.Runner{Tasks: tracer.Invoker(tasks), Observe: tracer.Observe}
//
// An execution is a trace: a span of its own, and below it one for each visit of a state, each iteration
// of a Map state, and each attempt of a task. Under the span of its attempt is what a task does, if it makes spans
// with its context.
//
// # After a restart
//
// With the ids of [IDs] a span has the same id wherever it is made: an Engine that tells the Tracer of
// Loaded and Evicted goes on with the spans of an execution whose process has died, with none lost. Those that were
// exported last may be exported twice, with the same ids.
//
//	provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(statemillotel.IDs{}), sdktrace.WithBatcher(exporter))
//	tracer := statemillotel.NewTracer(statemillotel.Config{TracerProvider: provider})
//	config := runtime.EngineConfig{
//		Tasks: tracer.Invoker(tasks), Observe: tracer.Observe, Loaded: tracer.Loaded, Evicted: tracer.Evicted,
//	}
//
// Inputs, outputs and parameters are never in a span. Causes are, if Config.Causes says so: they may quote data.
package statemillotel

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/statemill/statemill/runtime/history"
)

// scope is the name of the instrumentation.
const scope = "github.com/statemill/statemill/contrib/otel"

// Config says how a Tracer makes spans. The zero value works.
type Config struct {
	TracerProvider trace.TracerProvider // Default: that of package otel
	Causes         bool                 // failed spans tell the cause, up to 1 kB. Default: the error name alone
}

// Tracer makes spans of the events of executions. Its methods may be called at the same time, for one execution
// in the order of its events: as a Runner and an Engine do.
type Tracer struct {
	// Observe takes an event. It is for Runner.Observe and EngineConfig.Observe. It is a function, set by NewTracer, and no
	// method: the value of a method copies the event, which is large, once more.
	Observe func(history.Event)

	tracer trace.Tracer
	causes bool
	last   atomic.Pointer[run] // of the last event: events of one execution come together. nil: it is not known
	mu     sync.Mutex
	runs   map[string]*run // by execution
}

// NewTracer returns a Tracer.
func NewTracer(c Config) *Tracer {
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	t := &Tracer{tracer: c.TracerProvider.Tracer(scope), causes: c.Causes, runs: make(map[string]*run)}
	t.Observe = func(e history.Event) { t.observe(&e) }
	return t
}

func (t *Tracer) observe(e *history.Event) {
	if t.last.Load().ignores(e) {
		return
	}
	r := t.run(e.Execution)
	if r.ignores(e) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.take(e); r.over {
		t.Evicted(e.Execution)
	}
}

// Loaded goes on with an execution whose spans began in another process, or before it left memory. It is for
// EngineConfig.Loaded.
func (t *Tracer) Loaded(execution string, sofar []history.Event) {
	r := newRun(t, execution)
	for i := range sofar {
		r.replays = sofar[i].Time.Before(sofar[len(sofar)-1].Time) // what was committed last may not have been exported
		r.take(&sofar[i])
	}
	r.replays = false
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[execution] = r
	t.last.Store(nil)
}

// Evicted forgets an execution. It is for EngineConfig.Evicted.
func (t *Tracer) Evicted(execution string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.runs, execution)
	t.last.Store(nil)
}

// run returns what is known of an execution.
func (t *Tracer) run(execution string) *run {
	if r := t.last.Load(); r != nil && r.execution == execution {
		return r
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.runs[execution]
	if r == nil {
		r = newRun(t, execution)
		t.runs[execution] = r
	}
	t.last.Store(r)
	return r
}

// contextOf returns ctx with the span of an attempt, or with that of its execution.
func (t *Tracer) contextOf(ctx context.Context, execution string, event int64) context.Context {
	t.mu.Lock()
	r := t.runs[execution]
	t.mu.Unlock()
	if r == nil {
		return ctx
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.at[event]; s != nil && s.span != nil {
		return trace.ContextWithSpan(ctx, s.span)
	}
	if r.root != nil && r.root.span != nil {
		return trace.ContextWithSpan(ctx, r.root.span)
	}
	return ctx
}
