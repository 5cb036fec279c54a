package statemillotel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/statemill/statemill/asl"
	statemillotel "github.com/statemill/statemill/contrib/otel"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func compile(t testing.TB, definition string) *runtime.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	p, err := runtime.Compile(machine)
	require.NoError(t, err)
	return p
}

var who = runtime.Identity{StateMachineName: "machine", ExecutionName: "e1"}

// events runs an execution in virtual time.
func events(t testing.TB, program *runtime.Program, input string) (all []history.Event) {
	t.Helper()
	clock := runtime.NewVirtualClock(start)
	r := runtime.Runner{
		Clock: clock, Identity: who, Seed: runtime.Seed{1},
		Observe: func(e history.Event) { all = append(all, e) },
		Tasks: runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			n, _ := task.Input.AsInt64()
			if n < 0 {
				return task.Input, &runtime.TaskError{Name: "Negative", Cause: "it is less than nothing"}
			}
			return task.Input, clock.Sleep(ctx, time.Duration(n)*time.Second)
		}),
	}
	_, _ = r.Run(t.Context(), program, jsonvalue.MustParse(input))
	return all
}

// recorded is where a Tracer exports to.
func recorded(causes bool) (*statemillotel.Tracer, *tracetest.InMemoryExporter) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(statemillotel.IDs{}), sdktrace.WithSyncer(exporter))
	return statemillotel.NewTracer(statemillotel.Config{TracerProvider: provider, Causes: causes}), exporter
}

// TestSpans prints the spans of the executions of testdata/spans.txt.
func TestSpans(t *testing.T) {
	golden.Run(t, "testdata/spans.txt", func(t *testing.T, c *golden.Case) func(string) string {
		program := compile(t, c.Setup)
		return func(input string) string {
			all := events(t, program, input)
			spans := spansOf(all, len(all))
			requireCut(t, all, spans)
			return tree(t, spans)
		}
	})
}

// tree prints spans below each other, and requires that each lies within its parent.
func tree(t *testing.T, spans tracetest.SpanStubs) string {
	t.Helper()
	var out strings.Builder
	below := make(map[trace.SpanID][]tracetest.SpanStub)
	ids := make(map[trace.SpanID]bool)
	for _, s := range spans {
		require.False(t, ids[s.SpanContext.SpanID()], "the id of %s is there twice", s.Name)
		ids[s.SpanContext.SpanID()] = true
		below[s.Parent.SpanID()] = append(below[s.Parent.SpanID()], s)
	}
	var show func(parent trace.SpanID, depth int, from, to time.Time)
	show = func(parent trace.SpanID, depth int, from, to time.Time) {
		inside := below[parent]
		delete(below, parent)
		slices.SortStableFunc(inside, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
		for _, s := range inside {
			if depth > 0 {
				require.False(t, s.StartTime.Before(from) || s.EndTime.After(to), "%s is within its parent", s.Name)
			}
			fmt.Fprintf(&out, "%s%s %v..%v", strings.Repeat("  ", depth), s.Name, s.StartTime.Sub(start), s.EndTime.Sub(start))
			if s.Status.Description != "" {
				fmt.Fprintf(&out, " %s", s.Status.Description)
			}
			for _, a := range s.Attributes {
				if name := strings.TrimPrefix(string(a.Key), "aws.step_functions."); name != "error.type" && !strings.HasSuffix(name, "arn") && name != "state.name" {
					fmt.Fprintf(&out, " %s=%s", name, a.Value.String())
				}
			}
			for _, e := range s.Events {
				fmt.Fprintf(&out, " (%s %v)", e.Name, e.Time.Sub(start))
			}
			fmt.Fprintln(&out)
			show(s.SpanContext.SpanID(), depth+1, s.StartTime, s.EndTime)
		}
	}
	show(trace.SpanID{}, 0, start, start)
	require.Empty(t, below, "spans whose parent is not there")
	return out.String()
}

// requireCut lets the process die after each event: another one that has the history so far exports what is
// missing, with the same ids.
func requireCut(t *testing.T, all []history.Event, whole tracetest.SpanStubs) {
	t.Helper()
	want := describe(whole)
	for n := range all {
		require.Equal(t, want, describe(spansOf(all, n+1)), "cut after event %d", n+1)
	}
}

// spansOf returns the spans of events, after so many of which the process dies. Those that are exported twice are
// there once.
func spansOf(all []history.Event, dies int) tracetest.SpanStubs {
	tracer, exporter := recorded(false)
	sofar := make(map[string][]history.Event)
	forgotten := make(map[string]bool)
	var spans tracetest.SpanStubs
	for i, e := range all {
		if i == dies {
			spans = exporter.GetSpans()
			tracer, exporter = recorded(false)
			for execution := range sofar {
				forgotten[execution] = true
			}
		}
		if forgotten[e.Execution] || e.Type == "ExecutionRedriven" {
			tracer.Loaded(e.Execution, sofar[e.Execution])
			forgotten[e.Execution] = false
		}
		tracer.Observe(e)
		sofar[e.Execution] = append(sofar[e.Execution], e)
	}
	there := make(map[string]bool)
	return slices.DeleteFunc(append(spans, exporter.GetSpans()...), func(s tracetest.SpanStub) bool {
		key := fmt.Sprint(s.SpanContext.TraceID(), s.SpanContext.SpanID(), s.EndTime)
		defer func() { there[key] = true }()
		return there[key]
	})
}

// TestRandomSpans makes spans of random programs, which are redriven: each visit of a state, each iteration and each attempt
// has one, within that of what contains it, and none is lost when the process dies.
func TestRandomSpans(t *testing.T) {
	spans, redriven := 0, 0
	for seed := range generate.Programs(25) {
		c, err := generate.New(9_000_000 + seed)
		require.NoError(t, err)
		r := c.Replay()
		r.Redrives = c.Redrives
		result, err := r.Run()
		require.NoError(t, err)
		if len(result.History) > 300 {
			continue
		}
		found := spansOf(result.History, len(result.History))
		tree(t, found)
		requireCut(t, result.History, found)
		opened, again := 0, 0
		for _, e := range result.History {
			_, entered := e.StateEntered()
			if entered || e.Type == "ExecutionStarted" || e.Type == "MapIterationStarted" || strings.HasSuffix(e.Type, "Scheduled") {
				opened++
			}
			if e.Type == "ExecutionRedriven" {
				again++
			}
		}
		if redriven += again; again == 0 {
			require.Len(t, found, opened, "seed %d", c.Seed)
		}
		spans += len(found)
	}
	t.Logf("%d spans, %d redrives: 0 differences", spans, redriven)
}

// describe returns spans by their ids.
func describe(spans tracetest.SpanStubs) map[string]string {
	all := make(map[string]string)
	for _, s := range spans {
		all[s.SpanContext.TraceID().String()+s.SpanContext.SpanID().String()] = fmt.Sprint(s.Name, s.Parent.SpanID(), s.StartTime, s.EndTime, s.Status, s.Attributes)
	}
	return all
}
