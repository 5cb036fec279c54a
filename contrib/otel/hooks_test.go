package statemillotel_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	statemillotel "github.com/statemill/statemill/contrib/otel"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

const mapped = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}}}}`

// The context of a task has the span of its attempt, also where several iterations are in one state.
func TestInvoker(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(statemillotel.IDs{}), sdktrace.WithSyncer(exporter))
	tracer := statemillotel.NewTracer(statemillotel.Config{TracerProvider: provider})
	work := provider.Tracer("work")
	tasks := runtime.Mux{"t": runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		_, span := work.Start(ctx, "work "+task.Input.String())
		span.End()
		return task.Input, nil
	})}
	r := runtime.Runner{Tasks: tracer.Invoker(tasks), Observe: tracer.Observe, Identity: who}
	_, err := r.Run(t.Context(), compile(t, mapped), jsonvalue.MustParse(`[0, 1, 2]`))
	require.NoError(t, err)
	spans := make(map[trace.SpanID]tracetest.SpanStub)
	for _, s := range exporter.GetSpans() {
		spans[s.SpanContext.SpanID()] = s
	}
	found := 0
	for _, s := range spans {
		if s.Name == "execution machine" || s.Name[:4] != "work" {
			continue
		}
		found++
		up := spans[s.Parent.SpanID()]
		require.Equal(t, "task t", up.Name)
		iteration := spans[spans[up.Parent.SpanID()].Parent.SpanID()]
		require.Equal(t, "iteration M", iteration.Name)
		for _, a := range iteration.Attributes {
			if a.Key == "aws.step_functions.map.index" {
				require.Equal(t, "work "+a.Value.String(), s.Name)
			}
		}
	}
	require.Equal(t, 3, found)

	_, err = r.Run(t.Context(), compile(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "u", "End": true}}}`), jsonvalue.Value{})
	require.ErrorIs(t, err, runtime.ErrNoTask, "whom the wrapped TaskInvoker refuses, the Tracer's refuses")
}

// The trace of whoever started the execution goes on, if its header says which that is.
func TestTraceHeader(t *testing.T) {
	program := compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`)
	for header, want := range map[string]struct {
		trace, parent string
		exported      bool
	}{
		"": {"", "0000000000000000", true},
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1": {"5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", true},
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0": {"", "", false},
		"Root=1-5759e988-bd862e3fe1be46a994272793":                                   {"5759e988bd862e3fe1be46a994272793", "0000000000000000", true},
		"Root=1-5759e988;Parent=zz;; =":                                              {"", "0000000000000000", true},
	} {
		tracer, exporter := recorded(false)
		id := who
		id.TraceHeader = header
		r := runtime.Runner{Observe: tracer.Observe, Identity: id}
		_, err := r.Run(t.Context(), program, jsonvalue.Value{})
		require.NoError(t, err)
		spans := exporter.GetSpans()
		if !want.exported {
			require.Empty(t, spans, header)
			continue
		}
		require.Len(t, spans, 2, header)
		require.Equal(t, "execution machine", spans[1].Name)
		require.Equal(t, want.parent, spans[1].Parent.SpanID().String(), header)
		if want.trace != "" {
			require.Equal(t, want.trace, spans[1].SpanContext.TraceID().String(), header)
		}
	}
}

// A failure tells its cause only if that is wanted, and not all of a long one.
func TestCauses(t *testing.T) {
	program := compile(t, `{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "`+strings.Repeat("x", 2000)+`"}}}`)
	for causes, want := range map[bool]int{false: len("E"), true: len("E: ") + 1024} {
		tracer, exporter := recorded(causes)
		r := runtime.Runner{Observe: tracer.Observe, Identity: who}
		_, err := r.Run(t.Context(), program, jsonvalue.Value{})
		require.Error(t, err)
		require.Len(t, exporter.GetSpans()[0].Status.Description, want)
	}
}

// An Engine whose process ends in the middle of an execution, and another one that goes on, export the spans of one
// that runs through.
func TestEngine(t *testing.T) {
	program := compile(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "t", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 600, "Next": "B"}, "B": {"Type": "Task", "Resource": "t", "End": true}}}`)
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		var spans tracetest.SpanStubs
		open := func() (*runtime.Engine, *tracetest.InMemoryExporter) {
			tracer, exporter := recorded(false)
			meter, err := statemillotel.NewMeter(nil)
			require.NoError(t, err)
			e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{
				Name: "process", Tasks: tracer.Invoker(runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })),
				Observe: func(e history.Event) {
					tracer.Observe(e)
					meter.Observe(e)
				},
				Loaded: tracer.Loaded, Evicted: tracer.Evicted,
			})
			require.NoError(t, err)
			return e, exporter
		}
		e, exporter := open()
		record, err := e.Start(t.Context(), program, runtime.Identity{StateMachineName: "machine"}, jsonvalue.Object(), nil)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.NoError(t, e.Close(t.Context()))
		spans = exporter.GetSpans()
		require.Len(t, spans, 2, "A and its attempt have ended")
		e, exporter = open()
		defer e.Close(context.Background())
		_, err = e.Wait(t.Context(), record.Execution)
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, describe(append(spans, exporter.GetSpans()...)), 6, "three states, two attempts and the execution")
	})
}

// passes returns a program of so many Pass states.
func passes(tb testing.TB, n int) *runtime.Program {
	var states []string
	for i := range n - 1 {
		states = append(states, fmt.Sprintf(`"S%d": {"Type": "Pass", "Next": "S%d"}`, i, i+1))
	}
	states = append(states, fmt.Sprintf(`"S%d": {"Type": "Pass", "End": true}`, n-1))
	return compile(tb, `{"StartAt": "S0", "States": {`+strings.Join(states, ", ")+`}}`)
}

// observers are what executions of benchmarks are observed by.
func observers() map[string]func(history.Event) {
	traced := func(sampler sdktrace.Sampler) func(history.Event) {
		provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(statemillotel.IDs{}), sdktrace.WithSampler(sampler))
		return statemillotel.NewTracer(statemillotel.Config{TracerProvider: provider}).Observe
	}
	return map[string]func(history.Event){
		"none": nil, "empty": func(history.Event) {}, "asked": asked(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())).Tracer("asked")),
		"sampled-out": traced(sdktrace.NeverSample()), "recording": traced(sdktrace.AlwaysSample()),
	}
}

// asked begins and ends the span of an execution, and does nothing else: the sampler cannot be asked for less.
func asked(tracer trace.Tracer) func(history.Event) {
	var span trace.Span
	return func(e history.Event) {
		switch e.Type {
		case "ExecutionStarted":
			_, span = tracer.Start(context.Background(), "execution", trace.WithTimestamp(e.Time))
		case "ExecutionSucceeded":
			span.End(trace.WithTimestamp(e.Time))
		}
	}
}

// BenchmarkObserve runs five Pass states, with and without a Tracer.
func BenchmarkObserve(b *testing.B) {
	program, all := passes(b, 5), observers()
	for _, name := range []string{"none", "empty", "sampled-out", "recording"} {
		b.Run(name, func(b *testing.B) {
			r := runtime.Runner{Observe: all[name], Identity: who}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Run(b.Context(), program, jsonvalue.Value{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSampledOut runs executions in turns of a few hundred: with an observer that does nothing, with one that asks the sampler and
// hears no, and with a Tracer whose sampler takes none. asked/empty and x/empty are how many times the shortest turn of the first the
// shortest turns of the others take.
func BenchmarkSampledOut(b *testing.B) {
	all := observers()
	for _, n := range []int{5, 10, 100} {
		b.Run(fmt.Sprintf("states=%d", n), func(b *testing.B) {
			program := passes(b, n)
			least := make(map[string]time.Duration)
			for b.Loop() {
				for _, name := range []string{"empty", "asked", "sampled-out"} {
					r := runtime.Runner{Observe: all[name], Identity: who}
					begun := time.Now()
					for range 2000 / n {
						if _, err := r.Run(b.Context(), program, jsonvalue.Value{}); err != nil {
							b.Fatal(err)
						}
					}
					if took := time.Since(begun); least[name] == 0 || took < least[name] {
						least[name] = took
					}
				}
			}
			b.ReportMetric(float64(least["asked"])/float64(least["empty"]), "asked/empty")
			b.ReportMetric(float64(least["sampled-out"])/float64(least["empty"]), "x/empty")
		})
	}
}

// Events of an execution whose beginning the Tracer has not seen make spans with a link, or none if nothing is sampled; its
// end is one.
func TestUnknownBeginning(t *testing.T) {
	all := events(t, compile(t, mapped), `[1]`)
	for _, sampler := range []sdktrace.Sampler{sdktrace.AlwaysSample(), sdktrace.NeverSample()} {
		for from := 1; from < len(all); from++ {
			exporter := tracetest.NewInMemoryExporter()
			provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(statemillotel.IDs{}), sdktrace.WithSyncer(exporter), sdktrace.WithSampler(sampler))
			tracer := statemillotel.NewTracer(statemillotel.Config{TracerProvider: provider})
			for _, e := range all[from:] {
				tracer.Observe(e)
			}
			spans := exporter.GetSpans()
			if sampler.Description() == sdktrace.NeverSample().Description() {
				require.Empty(t, spans)
				continue
			}
			root := spans[len(spans)-1]
			require.Equal(t, "execution machine", root.Name, "from event %d", from+1)
			require.Len(t, root.Links, 1)
		}
	}
}

// choosy takes spans whose name begins with a word, and notes of which it was asked.
type choosy struct {
	word  string
	asked []string
}

func (c *choosy) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	c.asked = append(c.asked, p.Name)
	if strings.HasPrefix(p.Name, c.word) {
		return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
	}
	return sdktrace.SamplingResult{Decision: sdktrace.Drop}
}

func (c *choosy) Description() string { return "choosy" }

// A sampler is asked about what an execution contains only if it takes the execution.
func TestSampler(t *testing.T) {
	for word, want := range map[string]struct{ asked, exported []string }{
		"state":     {asked: []string{"execution machine"}},
		"execution": {[]string{"execution machine", "state P"}, []string{"execution machine"}},
		"":          {[]string{"execution machine", "state P"}, []string{"state P", "execution machine"}},
	} {
		exporter, sampler := tracetest.NewInMemoryExporter(), &choosy{word: word}
		tracer := statemillotel.NewTracer(statemillotel.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithSyncer(exporter))})
		r := runtime.Runner{Observe: tracer.Observe, Identity: who}
		_, err := r.Run(t.Context(), compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`), jsonvalue.Value{})
		require.NoError(t, err)
		var exported []string
		for _, s := range exporter.GetSpans() {
			exported = append(exported, s.Name)
		}
		require.Equal(t, want.asked, sampler.asked, word)
		require.Equal(t, want.exported, exported, word)
	}
}

// Executions whose events come in turns do not disturb each other, whichever is sampled.
func TestInTurns(t *testing.T) {
	program := compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}, "Q": {"Type": "Pass", "End": true}}}`)
	var all [2][]history.Event
	for i := range all {
		r := runtime.Runner{Observe: func(e history.Event) { all[i] = append(all[i], e) }, Identity: runtime.Identity{StateMachineName: "machine", ExecutionName: fmt.Sprint(i), TraceHeader: fmt.Sprintf("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=%d", i)}}
		_, err := r.Run(t.Context(), program, jsonvalue.Value{})
		require.NoError(t, err)
	}
	tracer, exporter := recorded(false)
	for i := range all[0] {
		tracer.Observe(all[0][i])
		tracer.Observe(all[1][i])
	}
	require.Len(t, exporter.GetSpans(), 3, "those of the second")
	require.Equal(t, describe(spansOf(all[1], len(all[1]))), describe(exporter.GetSpans()))

	tracer, exporter = recorded(false)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for _, e := range all[i%2] {
				e.Execution += fmt.Sprint("-", i)
				tracer.Observe(e)
			}
		})
	}
	group.Wait()
	require.Len(t, exporter.GetSpans(), 4*3)
}
