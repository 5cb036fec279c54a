package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/objects"
)

// TestDistributed runs the cases of testdata/distributed.txt in virtual time: a definition,
// and inputs. It prints the history of the execution, those of its children, and the outcome.
func TestDistributed(t *testing.T) {
	golden.Run(t, "testdata/distributed.txt", func(t *testing.T, c *golden.Case) func(string) string {
		program := compile(t, c.Setup)
		return func(input string) string {
			first := distributed(t, program, input, nil)
			require.Equal(t, first, distributed(t, program, input, nil), "two runs are alike")
			return first
		}
	})
}

func distributed(t *testing.T, program *runtime.Program, input string, data objects.Objects) string {
	var out strings.Builder
	clock := runtime.NewVirtualClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	seen := make(map[string]int)
	r := runtime.Runner{
		Objects: data, Clock: clock, Seed: runtime.Seed{1}, Identity: runtime.Identity{StateMachineName: "machine", ExecutionName: "e1"},
		Tasks: invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			seconds, _ := task.Input.AsInt64()
			if seconds < 0 {
				return task.Input, &runtime.TaskError{Name: "Negative", Cause: "it is less than nothing"}
			}
			return task.Input, clock.Sleep(ctx, time.Duration(seconds)*time.Second)
		}),
		Observe: func(e history.Event) {
			if seen[e.Execution] == 0 {
				seen[e.Execution] = len(seen) + 1
			}
			fmt.Fprintf(&out, "%v %d: %d<-%d %s", e.Time.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), seen[e.Execution], e.ID, e.PreviousID, e.Type)
			for _, text := range []string{e.Name, e.MapRunARN, e.Error, e.Cause} {
				if text != "" && (e.Type != "ExecutionStarted" || text != e.MapRunARN) {
					fmt.Fprintf(&out, " %s", text)
				}
			}
			if e.Type == "ExecutionStarted" {
				fmt.Fprintf(&out, " %s", e.Input)
			}
			fmt.Fprintln(&out)
		},
	}
	result, err := r.Run(t.Context(), program, jsonvalue.MustParse(input))
	if err != nil {
		fmt.Fprintln(&out, err)
		return out.String()
	}
	fmt.Fprintln(&out, result)
	return out.String()
}

// A Map Run of many children on goroutines of the system's time: as many as there are items,
// with tasks of their own.
func TestDistributedAtOnce(t *testing.T) {
	program := compile(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
		"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}}}}`)
	items := make([]jsonvalue.Value, 2000)
	for i := range items {
		items[i] = jsonvalue.Int(int64(i))
	}
	all := jsonvalue.Array(items...)
	out, err := runtime.Run(t.Context(), program, all, invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		return task.Input, nil
	}))
	require.NoError(t, err)
	require.True(t, all.Equal(out))
}

// An execution whose context ends leaves no child behind.
func TestDistributedCancelled(t *testing.T) {
	program := compile(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}}}}`)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	begun := make(chan struct{}, 3)
	go func() {
		for range 3 {
			<-begun
		}
		cancel(why)
	}()
	var ended []string
	r := runtime.Runner{
		Tasks: invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			begun <- struct{}{}
			<-ctx.Done()
			return task.Input, ctx.Err()
		}),
		Observe: func(e history.Event) {
			if e.Type == "ExecutionAborted" {
				ended = append(ended, e.Cause)
			}
		},
	}
	_, err := r.Run(ctx, program, jsonvalue.MustParse("[1,2,3]"))
	require.ErrorIs(t, err, why)
	require.Len(t, ended, 4)
	require.Contains(t, ended[1], "which was managing this resource was aborted")
}

// BenchmarkDistributed runs children of one Pass state, in turn with executions of that
// state alone: x-alone is how many times longer a child takes.
func BenchmarkDistributed(b *testing.B) {
	alone := compile(b, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`)
	program := compile(b, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
		"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`)
	const children = 100_000
	items := make([]jsonvalue.Value, children)
	for i := range items {
		items[i] = jsonvalue.Int(int64(i))
	}
	all, r := jsonvalue.Array(items...), runtime.Runner{Limits: runtime.Limits{Payload: -1}}
	defer debug.FreeOSMemory()
	var together, each time.Duration
	for b.Loop() {
		together += timed(1, func() {
			if _, err := r.Run(b.Context(), program, all); err != nil {
				b.Fatal(err)
			}
		})
		each += timed(children, func() {
			if _, err := r.Run(b.Context(), alone, items[0]); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.ReportMetric(float64(together.Nanoseconds())/float64(b.N*children), "ns/child")
	b.ReportMetric(float64(together)/float64(each), "x-alone")
}
