package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
			return distributed(t, program, input, nil)
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
			ctx, cancel := untilDeath(t, s)
			defer cancel()
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

// A Map Run can be looked at and changed while it runs, and looked at afterwards.
func TestEngineMapRun(t *testing.T) {
	from := objects.Memory()
	from.Put("b", "k", "[10, 20, -1, 30]")
	synctest.Test(t, func(t *testing.T) {
		e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: seconds, Objects: from})
		require.NoError(t, err)
		defer e.Close(context.Background())
		_, err = e.Start(t.Context(), compile(t, twoAtATime), who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		synctest.Wait()
		runs, err := e.MapRuns(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Len(t, runs, 1)
		one := int64(1)
		require.Equal(t, interp.MapRunLimits{MaxConcurrency: 2, ToleratedFailureCount: &one}, runs[0].Limits)
		require.Equal(t, interp.MapRunCounts{Running: 2}, runs[0].Children)
		require.Equal(t, interp.Running, runs[0].Status)

		arn, most := runs[0].ARN, int64(5)
		require.NoError(t, e.UpdateMapRun(t.Context(), arn, runtime.MapRunUpdate{MaxConcurrency: &most}))
		synctest.Wait()
		run, err := e.MapRun(t.Context(), arn)
		require.NoError(t, err)
		require.Equal(t, interp.MapRunCounts{Running: 3, Failed: 1}, run.Items, "all run by now")
		require.Equal(t, interp.MapRunLimits{MaxConcurrency: 5, ToleratedFailureCount: &one}, run.Limits)

		_, err = e.Wait(t.Context(), who.Execution)
		require.NoError(t, err)
		run, err = e.MapRun(t.Context(), arn)
		require.NoError(t, err)
		require.Equal(t, interp.Succeeded, run.Status)
		require.Equal(t, interp.MapRunCounts{Succeeded: 3, Failed: 1}, run.Children)
		require.Equal(t, 30*time.Second, run.Stop.Sub(run.Start))
		require.ErrorIs(t, e.UpdateMapRun(t.Context(), arn, runtime.MapRunUpdate{MaxConcurrency: &most}), runtime.ErrMapRunOver)
		_, err = e.MapRun(t.Context(), arn+"x")
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

// A stopped execution aborts its children, and its Map Run.
func TestEngineMapRunStopped(t *testing.T) {
	from := objects.Memory()
	from.Put("b", "k", "[10, 20, 30]")
	synctest.Test(t, func(t *testing.T) {
		e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: seconds, Objects: from})
		require.NoError(t, err)
		defer e.Close(context.Background())
		_, err = e.Start(t.Context(), compile(t, twoAtATime), who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		synctest.Wait()
		_, err = e.Stop(t.Context(), who.Execution, "", "enough")
		require.NoError(t, err)
		synctest.Wait()
		aborted, err := e.List(t.Context(), store.Query{Status: interp.Aborted})
		require.NoError(t, err)
		require.Len(t, aborted, 3)
		require.Contains(t, aborted[0].Cause, "which was managing this resource was aborted")
		runs, err := e.MapRuns(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Equal(t, interp.Aborted, runs[0].Status)
		require.Equal(t, interp.MapRunCounts{Aborted: 2}, runs[0].Children)
	})
}

// A redrive goes on with the Map Run: children that failed or were aborted are redriven, others begin.
func TestEngineMapRunRedriven(t *testing.T) {
	for _, kind := range []string{"STANDARD", "EXPRESS"} {
		whole := &faulty.Store{}
		redriveAfter(t, kind, whole)
		for n := 1; n <= whole.Commits(); n++ {
			redriveAfter(t, kind, &faulty.Store{Last: n})
			redriveAfter(t, kind, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.Before}})
			redriveAfter(t, kind, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.After}})
		}
		t.Logf("%s: %d commits: each was the last one, and failed", kind, whole.Commits())
	}
}

func redriveAfter(t *testing.T, kind string, s *faulty.Store) {
	t.Helper()
	program := compile(t, strings.NewReplacer(`"ToleratedFailureCount": 1, `, "", "STANDARD", kind).Replace(twoAtATime))
	from := objects.Memory()
	from.Put("b", "k", "[0, 60, 2]")
	synctest.Test(t, func(t *testing.T) {
		memory := store.Memory()
		s.Store = memory
		mended := false
		config := runtime.EngineConfig{Objects: from, Name: "process", Tasks: invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if n, _ := task.Input.AsInt64(); n == 0 && !mended {
				return task.Input, &runtime.TaskError{Name: "Broken"}
			}
			return seconds.InvokeTask(ctx, task)
		})}
		// live has a process wait for the end of the execution. It returns false if it dies before.
		live := func(act func(ctx context.Context, e *runtime.Engine)) bool {
			e, err := runtime.Open(t.Context(), s, config)
			require.NoError(t, err)
			ctx, cancel := untilDeath(t, s)
			defer cancel()
			act(ctx, e)
			_, err = e.Wait(ctx, who.Execution)
			_ = e.Close(context.Background())
			var ended *runtime.ExecutionError
			return err == nil || errors.As(err, &ended)
		}
		until := func(act func(ctx context.Context, e *runtime.Engine)) {
			for !live(act) {
				require.True(t, isDead(s), "only a process that dies leaves it unfinished")
				s = &faulty.Store{Store: memory}
			}
			if isDead(s) {
				s = &faulty.Store{Store: memory}
			}
		}
		until(func(ctx context.Context, e *runtime.Engine) {
			_, _ = e.Start(ctx, program, who, jsonvalue.Object(), nil)
		})
		mended = true
		until(func(ctx context.Context, e *runtime.Engine) {
			if record, err := e.Describe(ctx, who.Execution); err == nil && record.Redrives == 0 {
				_, _ = e.Redrive(ctx, who.Execution, nil)
			}
		})
		redriven(t, memory)
	})
}

// redriven holds an execution that was redriven to what it should be.
func redriven(t *testing.T, s store.Store) {
	t.Helper()
	e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Name: "last", Tasks: seconds, Objects: objects.Memory()})
	require.NoError(t, err)
	defer e.Close(context.Background())
	out, err := e.Wait(t.Context(), who.Execution)
	require.NoError(t, err)
	require.Equal(t, "[0,60,2]", out.String())
	runs, err := e.MapRuns(t.Context(), who.Execution)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, 1, runs[0].Redrives)
	require.Equal(t, interp.MapRunCounts{Succeeded: 3}, runs[0].Children)
	require.Equal(t, interp.MapRunCounts{Succeeded: 3}, runs[0].Items)
	children, err := e.List(t.Context(), store.Query{MapRun: runs[0].ARN, Oldest: true})
	require.NoError(t, err)
	require.Len(t, children, 3)
	for i, child := range children {
		require.Equal(t, interp.Succeeded, child.Status)
		require.Equal(t, int64(i), child.Item)
	}
	require.Equal(t, 1, children[0].Redrives)
}
