package runtime_test

import (
	"bytes"
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

// workload is a definition with an input, and the same work written by hand
// over map[string]any and encoding/json.
type workload struct {
	name    string
	program *runtime.Program
	input   []byte
	want    jsonvalue.Value
	hand    func(in []byte) []byte
}

// load reads a workload. Retries do not wait here.
func load(b testing.TB, name string) workload {
	b.Helper()
	read := func(kind string) []byte {
		text, err := os.ReadFile("testdata/workloads/" + name + "." + kind + ".json")
		require.NoError(b, err)
		return text
	}
	definition := bytes.ReplaceAll(read("asl"), []byte(`"IntervalSeconds": 1`), []byte(`"IntervalSeconds": 0`))
	machine, err := asl.Parse(definition)
	require.NoError(b, err)
	program, err := runtime.Compile(machine)
	require.NoError(b, err)
	return workload{name, program, read("input"), jsonvalue.MustParse(string(read("expected"))), handwritten[name]}
}

// run is one execution: JSON text in, JSON text out.
func (w *workload) run(tasks runtime.TaskInvoker) ([]byte, error) {
	input, err := jsonvalue.Parse(w.input)
	if err != nil {
		return nil, err
	}
	out, err := runtime.Run(context.Background(), w.program, input, tasks)
	if err != nil {
		return nil, err
	}
	return out.MarshalJSON()
}

var workloads = []string{
	"pass-chain-10", "pass-chain-100", "choice-loop-1000", "choice-loop-1000-task", "choice-chain-100",
	"task-chain-1", "task-chain-10", "params-chain-10", "retry-catch", "parallel-10",
	"map-1000-plain", "map-1000", "data-heavy-nofilter", "data-heavy", "jsonata-order", "order-workflow",
}

// Every workload gives what it must, by the machine and by hand.
func TestWorkloads(t *testing.T) {
	for _, name := range workloads {
		t.Run(name, func(t *testing.T) {
			w := load(t, name)
			out, err := w.run(functions())
			require.NoError(t, err)
			require.True(t, w.want.Equal(jsonvalue.MustParse(string(out))), "%s", out)
			byHand := w.hand(w.input)
			require.True(t, w.want.Equal(jsonvalue.MustParse(string(byHand))), "%s", byHand)
		})
	}
}

// BenchmarkWorkloads times each workload in turn with the same work written by
// hand; x-hand is how many times longer the machine takes.
func BenchmarkWorkloads(b *testing.B) {
	for _, name := range workloads {
		b.Run(name, func(b *testing.B) {
			w := load(b, name)
			tasks := functions()
			beside(b, func() { _ = w.hand(w.input) }, func() {
				if _, err := w.run(tasks); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// beside times ours in turn with a baseline, several calls at a time so that
// looking at the clock does not count. ns/op is both of them together.
func beside(b *testing.B, baseline, ours func()) {
	rounds := 1 + int(200*time.Microsecond/max(timed(1, ours), time.Nanosecond))
	var base, own time.Duration
	for b.Loop() {
		own += timed(rounds, ours)
		base += timed(rounds, baseline)
	}
	calls := float64(b.N * rounds)
	b.ReportMetric(float64(own.Nanoseconds())/calls, "ns/run")
	b.ReportMetric(float64(base.Nanoseconds())/calls, "hand-ns/run")
	b.ReportMetric(testing.AllocsPerRun(5, ours), "allocs/run")
	b.ReportMetric(float64(own)/float64(base), "x-hand")
}

func timed(rounds int, f func()) time.Duration {
	start := time.Now()
	for range rounds {
		f()
	}
	return time.Since(start)
}

// functions are the tasks of the workloads.
func functions() runtime.Mux {
	member := func(name string, v jsonvalue.Value) jsonvalue.Member { return jsonvalue.Member{Name: name, Value: v} }
	get := func(v jsonvalue.Value, names ...string) jsonvalue.Value {
		for _, name := range names {
			v, _ = v.Get(name)
		}
		return v
	}
	var flaky, charged atomic.Int64
	table := map[string]func(in jsonvalue.Value) (jsonvalue.Value, error){
		"echo": func(in jsonvalue.Value) (jsonvalue.Value, error) { return in, nil },
		"add1": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			i, _ := get(in, "i").AsInt64()
			return jsonvalue.Object(member("i", jsonvalue.Int(i+1)), member("n", get(in, "n"))), nil
		},
		"flaky": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			if flaky.Add(1)%3 != 0 {
				return in, errTransient
			}
			return in, nil
		},
		"broken": func(in jsonvalue.Value) (jsonvalue.Value, error) { return in, errCustom },
		"validate": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			return jsonvalue.Object(member("valid", jsonvalue.Bool(true)), member("orderId", get(in, "orderId"))), nil
		},
		"reserve": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			return jsonvalue.Object(member("reserved", jsonvalue.Bool(true)), member("orderId", get(in, "orderId"))), nil
		},
		"fraud": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			return jsonvalue.Object(member("score", jsonvalue.Int(7)), member("customer", get(in, "id"))), nil
		},
		"price": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			qty, _ := get(in, "line", "qty").AsFloat64()
			price, _ := get(in, "line", "price").AsFloat64()
			amount, err := jsonvalue.Float(qty * price)
			return jsonvalue.Object(member("sku", get(in, "line", "sku")), member("pos", get(in, "pos")),
				member("amount", amount), member("currency", get(in, "currency"))), err
		},
		"charge": func(in jsonvalue.Value) (jsonvalue.Value, error) {
			if charged.Add(1)%2 == 1 {
				return in, errTransient
			}
			return jsonvalue.Object(member("id", jsonvalue.String("pay-1")), member("count", jsonvalue.Int(int64(get(in, "lines").Len())))), nil
		},
		"ship": func(in jsonvalue.Value) (jsonvalue.Value, error) { return in, errStock },
	}
	mux := make(runtime.Mux, len(table))
	for name, f := range table {
		mux["arn:aws:lambda:us-east-1:123456789012:function:"+name] = runtime.InvokerFunc(
			func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return f(task.Input) })
	}
	return mux
}

var (
	errTransient = &runtime.TaskError{Name: "Transient"}
	errCustom    = &runtime.TaskError{Name: "CustomError", Cause: "boom"}
	errStock     = &runtime.TaskError{Name: "OutOfStock", Cause: "boom"}
)

// BenchmarkHistory tells what making events costs for each transition of a
// chain of Pass states, beside a run that makes none.
func BenchmarkHistory(b *testing.B) {
	const transitions = 100
	w := load(b, "pass-chain-100")
	input := jsonvalue.MustParse(string(w.input))
	events := make([]history.Event, 0, 1000)
	run := func(observe func(history.Event)) func() {
		return func() {
			events = events[:0]
			if _, err := (runtime.Runner{Observe: observe}).Run(context.Background(), w.program, input); err != nil {
				b.Fatal(err)
			}
		}
	}
	without, with := run(nil), run(func(e history.Event) { events = append(events, e) })
	var base, own time.Duration
	for b.Loop() {
		own += timed(20, with)
		base += timed(20, without)
	}
	b.ReportMetric(float64((own-base).Nanoseconds())/float64(20*transitions*b.N), "extra-ns/transition")
	b.ReportMetric((testing.AllocsPerRun(5, with)-testing.AllocsPerRun(5, without))/transitions, "extra-allocs/transition")
}

// BenchmarkReach tells what counting what is reached costs, beside a run that counts
// nothing.
func BenchmarkReach(b *testing.B) {
	for _, name := range []string{"pass-chain-100", "choice-loop-1000", "choice-chain-100", "order-workflow"} {
		b.Run(name, func(b *testing.B) {
			w := load(b, name)
			tasks := functions()
			hits := make([]int, len(w.program.Points()))
			run := func(reach func(string, int, int64)) func() {
				r := runtime.Runner{Tasks: tasks, Reach: reach}
				return func() {
					if _, err := r.Run(b.Context(), w.program, jsonvalue.MustParse(string(w.input))); err != nil {
						b.Fatal(err)
					}
				}
			}
			beside(b, run(nil), run(func(_ string, point int, _ int64) { hits[point]++ }))
		})
	}
}

// BenchmarkColdStart parses, compiles and runs definitions for the first time, as a test of a workflow does.
func BenchmarkColdStart(b *testing.B) {
	for _, name := range []string{"choice-chain-100", "parallel-10", "order-workflow"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile("testdata/workloads/" + name + ".asl.json")
			require.NoError(b, err)
			text = bytes.ReplaceAll(text, []byte(`"IntervalSeconds": 1`), []byte(`"IntervalSeconds": 0`))
			input, err := os.ReadFile("testdata/workloads/" + name + ".input.json")
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				machine, err := asl.Parse(text)
				require.NoError(b, err)
				program, err := runtime.Compile(machine)
				require.NoError(b, err)
				_, err = runtime.Run(context.Background(), program, jsonvalue.MustParse(string(input)), functions())
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(text)), "bytes")
		})
	}
}
