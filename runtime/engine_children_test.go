package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// TestEngineDistributed runs the cases of testdata/distributed.txt in an Engine: the outcome
// and the history of the execution are those of a Runner.
func TestEngineDistributed(t *testing.T) {
	golden.Run(t, "testdata/distributed.txt", func(t *testing.T, c *golden.Case) func(string) string {
		program := compile(t, c.Setup)
		return func(input string) string {
			alone, events := inRunner(t, program, input)
			synctest.Test(t, func(t *testing.T) {
				e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: seconds, Seed: runtime.Seed{1}})
				require.NoError(t, err)
				defer e.Close(context.Background())
				_, err = e.Start(t.Context(), program, who, jsonvalue.MustParse(input), nil)
				require.NoError(t, err)
				out, err := e.Wait(t.Context(), who.Execution)
				require.Equal(t, alone, outcomeText(out, err))
				require.Equal(t, events, typesOf(historyOf(t, e, who.Execution)))
				synctest.Wait()
				left, err := e.List(t.Context(), store.Query{Status: interp.Running})
				require.NoError(t, err)
				require.Empty(t, left, "nothing is left running")
			})
			return distributed(t, program, input)
		}
	})
}

var who = runtime.Identity{
	Execution: "arn:aws:states:us-east-1:000000000000:execution:machine:e1", StateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
	StateMachineName: "machine", ExecutionName: "e1",
}

// seconds is a task that takes as many seconds as its input says, or fails.
var seconds = invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	n, _ := task.Input.AsInt64()
	if n < 0 {
		return task.Input, &runtime.TaskError{Name: "Negative", Cause: "it is less than nothing"}
	}
	select {
	case <-time.After(time.Duration(n) * time.Second):
	case <-ctx.Done():
	}
	return task.Input, ctx.Err()
})

func inRunner(t *testing.T, program *runtime.Program, input string) (outcome string, types []string) {
	synctest.Test(t, func(t *testing.T) {
		var events []history.Event
		r := runtime.Runner{Tasks: seconds, Seed: runtime.Seed{1}, Identity: who, Observe: func(e history.Event) {
			if e.Execution == who.Execution {
				events = append(events, e)
			}
		}}
		out, err := r.Run(t.Context(), program, jsonvalue.MustParse(input))
		outcome, types = outcomeText(out, err), typesOf(events)
	})
	return outcome, types
}

func outcomeText(out jsonvalue.Value, err error) string {
	var failed *runtime.ExecutionError
	if errors.As(err, &failed) {
		return fmt.Sprintf("%s %s %s", failed.Status, failed.Name, failed.Cause)
	}
	return out.String()
}

func typesOf(events []history.Event) (types []string) {
	for _, e := range events {
		types = append(types, fmt.Sprintf("%d<-%d %s %s", e.ID, e.PreviousID, e.Type, e.MapRunARN))
	}
	return types
}

// twoAtATime reads items from an object, two at a time.
const twoAtATime = `{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "ToleratedFailureCount": 1, "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
	"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}}}}`

// TestEngineDistributedSurvives lets the process die after commit n, for every n, and its n-th
// commit fail: each item has one child, and each child is counted once.
func TestEngineDistributedSurvives(t *testing.T) {
	whole := &faulty.Store{}
	mapAfter(t, whole)
	for n := 1; n <= whole.Commits(); n++ {
		mapAfter(t, &faulty.Store{Last: n})
		mapAfter(t, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.Before}})
		mapAfter(t, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.After}})
	}
	t.Logf("%d commits: each was the last one, and failed", whole.Commits())
}

func mapAfter(t *testing.T, s *faulty.Store) {
	t.Helper()
	from := objects.Memory()
	from.Put("b", "k", "[1, -1, 2, 3, 4]")
	synctest.Test(t, func(t *testing.T) {
		memory := store.Memory()
		s.Store = memory
		open := func(s store.Store) *runtime.Engine {
			e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: seconds, Objects: from, Name: "process"})
			require.NoError(t, err)
			return e
		}
		live := func(s *faulty.Store) (over bool) {
			e := open(s)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				select {
				case <-s.Dead():
				case <-ctx.Done():
				}
				cancel()
			}()
			_, _ = e.Start(ctx, compile(t, twoAtATime), who, jsonvalue.Object(), nil)
			_, err := e.Wait(ctx, who.Execution)
			_ = e.Close(context.Background())
			return err == nil
		}
		for !live(s) {
			require.True(t, isDead(s), "only a process that dies leaves it unfinished")
			s = &faulty.Store{Store: memory}
		}
		e := open(memory)
		defer e.Close(context.Background())
		out, err := e.Wait(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Equal(t, "[1,2,3,4]", out.String())
		all, err := e.List(t.Context(), store.Query{Oldest: true})
		require.NoError(t, err)
		require.Len(t, all, 6, "each item has one child")
		for i, child := range all[1:] {
			require.Equal(t, int64(i), child.Item)
		}
	})
}
