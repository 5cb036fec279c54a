package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const machines = "arn:aws:states:us-east-1:123456789012:stateMachine:"

// children are the definitions of the machines that the tests start, by name.
var children = map[string]string{
	"quick": `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($.n, $.n)"}, "End": true}}}`,
	"slow":  `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($.n, $.n)"}, "End": true}}}`,
	"fails": `{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "why"}}}`,
	"tells": `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "tell", "End": true}}}`,
	"late":  `{"StartAt": "W", "TimeoutSeconds": 5, "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}`,
	"never": `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}`,
}

// machine finds one of them, as EngineConfig.StateMachine does.
func machine(t *testing.T) func(context.Context, string) (runtime.Machine, error) {
	return func(_ context.Context, arn string) (runtime.Machine, error) {
		name := strings.TrimPrefix(arn, machines)
		if children[name] == "" {
			return runtime.Machine{}, store.ErrNotFound
		}
		return runtime.Machine{
			Program: compile(t, children[name]), Identity: runtime.Identity{StateMachine: arn, StateMachineName: name}, Meta: []byte("meta of " + name),
		}, nil
	}
}

// starts is a definition with one task that starts a machine.
func starts(suffix, name, more string) string {
	return fmt.Sprintf(`{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution%s",
		"Parameters": {"StateMachineArn": "%s%s", "Input": {"n": 21}%s}, "End": true}}}`, suffix, machines, name, more)
}

// nestedEngine runs f with an Engine whose tasks may start machines.
func nestedEngine(t *testing.T, s store.Store, f func(t *testing.T, e *runtime.Engine)) {
	t.Helper()
	var e *runtime.Engine
	tasks := runtime.Mux{"tell": invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		token, _ := task.Input.Get("token")
		text, _ := token.AsString()
		return null, e.SucceedTask(ctx, text, jsonvalue.String("told"))
	})}
	bubble(t, s, runtime.EngineConfig{Tasks: tasks, StateMachine: machine(t)}, func(t *testing.T, opened *runtime.Engine) {
		e = opened
		f(t, e)
	})
}

func ended(t *testing.T, e *runtime.Engine, definition string) (id string, out jsonvalue.Value) {
	t.Helper()
	id = start(t, e, definition, `{}`)
	out, err := e.Wait(t.Context(), id)
	require.NoError(t, err)
	return id, out
}

func field(t *testing.T, v jsonvalue.Value, name string) string {
	t.Helper()
	found, there := v.Get(name)
	require.True(t, there, "%s in %s", name, v)
	if text, ok := found.AsString(); ok {
		return text
	}
	return found.String()
}

func names(v jsonvalue.Value) (names []string) {
	for name := range v.Members() {
		names = append(names, name)
	}
	return names
}

// Each pattern has the events and the result that AWS has.
func TestEngineNested(t *testing.T) {
	nestedEngine(t, store.Memory(), func(t *testing.T, e *runtime.Engine) {
		id, out := ended(t, e, starts("", "slow", ""))
		require.Equal(t, []string{"ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"}, names(out))
		require.Equal(t, "1<-0 ExecutionStarted\n2<-0 TaskStateEntered\n3<-2 TaskScheduled\n4<-3 TaskStarted\n5<-4 TaskSucceeded\n6<-5 TaskStateExited\n7<-6 ExecutionSucceeded",
			chain(historyOf(t, e, id)))
		child, err := e.Describe(t.Context(), field(t, out, "ExecutionArn"))
		require.NoError(t, err)
		require.Equal(t, interp.Running, child.Status)
		require.Equal(t, id+"#1.1", child.Parent)
		require.Equal(t, "meta of slow", string(child.Meta))
		require.Equal(t, `{"n":21}`, child.Input.String())
		require.True(t, strings.HasPrefix(child.Execution, "arn:aws:states:us-east-1:123456789012:execution:slow:"))

		for _, name := range []string{"quick", "slow"} {
			id, out = ended(t, e, starts(".sync", name, ""))
			require.Equal(t, []string{"ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails", "RedriveCount", "RedriveStatus", "RedriveStatusReason",
				"StartDate", "StateMachineArn", "Status", "StopDate"}, names(out))
			require.Equal(t, `{"twice":42}`, field(t, out, "Output"))
			kind, _ := out.Get("Output")
			require.Equal(t, jsonvalue.KindString, kind.Kind())
			events := historyOf(t, e, id)
			require.Equal(t, "1<-0 ExecutionStarted\n2<-0 TaskStateEntered\n3<-2 TaskScheduled\n4<-3 TaskStarted\n5<-4 TaskSubmitted\n6<-5 TaskSucceeded\n7<-6 TaskStateExited\n8<-7 ExecutionSucceeded", chain(events))
			require.Equal(t, "states startExecution.sync", events[4].ResourceType+" "+events[4].Resource)
			require.Equal(t, []string{"ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"}, names(events[4].Output))
		}
		_, out = ended(t, e, starts(".sync:2", "quick", ""))
		output, _ := out.Get("Output")
		require.Equal(t, jsonvalue.KindObject, output.Kind())
		_, out = ended(t, e, strings.Replace(starts(".waitForTaskToken", "tells", ""), `"n": 21`, `"token.$": "$$.Task.Token"`, 1))
		require.Equal(t, `"told"`, out.String())
		synctest.Wait()
		require.Zero(t, e.Resident())
	})
}

// What can be wrong with a start fails the task, in the words of AWS.
func TestEngineNestedFails(t *testing.T) {
	nestedEngine(t, store.Memory(), func(t *testing.T, e *runtime.Engine) {
		failed := func(definition string) *runtime.ExecutionError {
			_, err := e.Wait(t.Context(), start(t, e, definition, `{}`))
			var failure *runtime.ExecutionError
			require.ErrorAs(t, err, &failure)
			return failure
		}
		child := failed(starts(".sync:2", "fails", `, "Name": "lost"`))
		require.Equal(t, "States.TaskFailed", child.Name)
		cause := jsonvalue.MustParse(child.Cause)
		require.Equal(t, []string{"Cause", "Error", "ExecutionArn", "Input", "InputDetails", "Name", "RedriveCount", "RedriveStatus", "StartDate", "StateMachineArn", "Status", "StopDate"}, names(cause))
		require.Equal(t, "E why lost FAILED "+`{"n":21}`, strings.Join([]string{field(t, cause, "Error"), field(t, cause, "Cause"), field(t, cause, "Name"), field(t, cause, "Status"), field(t, cause, "Input")}, " "))

		cause = jsonvalue.MustParse(failed(starts(".sync", "late", "")).Cause)
		require.Equal(t, []string{"ExecutionArn", "Input", "InputDetails", "Name", "RedriveCount", "RedriveStatus", "StartDate", "StateMachineArn", "Status", "StopDate"}, names(cause))
		require.Equal(t, "TIMED_OUT", field(t, cause, "Status"))

		for definition, want := range map[string]string{
			starts("", "nobody", ""):                                              "StateMachineDoesNotExist: State Machine Does Not Exist: '" + machines + "nobody'",
			starts("", "quick", `, "Name": "a/b"`):                                "InvalidName: Invalid Name: 'a/b'",
			starts(".sync", "fails", `, "Name": "lost"`):                          "ExecutionAlreadyExists: Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:fails:lost'",
			strings.Replace(starts("", "quick", ""), `{"n": 21}`, `"no JSON"`, 1): "InvalidExecutionInput: Invalid State Machine Execution Input: '",
		} {
			failure := failed(definition)
			code, text, _ := strings.Cut(want, ": ")
			require.Equal(t, "StepFunctions."+code+"Exception", failure.Name)
			require.True(t, strings.HasPrefix(failure.Cause, text), failure.Cause)
			require.Contains(t, failure.Cause, " (Service: AWSStepFunctions; Status Code: 400; Error Code: "+code+"; Request ID: ")
		}
		_, one := ended(t, e, starts("", "never", `, "Name": "same"`))
		_, two := ended(t, e, starts("", "never", `, "Name": "same"`))
		require.Equal(t, field(t, one, "StartDate"), field(t, two, "StartDate"), "the same request finds the execution that runs")
	})
	bubble(t, store.Memory(), runtime.EngineConfig{}, func(t *testing.T, e *runtime.Engine) {
		_, err := e.Start(t.Context(), compile(t, starts("", "quick", "")), runtime.Identity{}, null, nil)
		require.ErrorIs(t, err, runtime.ErrRefused)
		require.ErrorIs(t, err, runtime.ErrNoTask)
		require.ErrorContains(t, err, "EngineConfig.StateMachine is nil")
	})
}

// A child is stopped when the task that waits for it is cut, however that happens, and
// none else is.
func TestEngineStopsChildren(t *testing.T) {
	beside := func(task string) string {
		return `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [` + task + `,
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "F"}, "F": {"Type": "Fail"}}}]}}}`
	}
	for name, definition := range map[string]string{
		"sibling": beside(starts(".sync", "never", "")),
		"stop":    starts(".sync", "never", ""),
		"timeout": strings.Replace(starts(".sync", "never", ""), `"Type": "Task"`, `"Type": "Task", "TimeoutSeconds": 10`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := store.Memory()
			nestedEngine(t, s, func(t *testing.T, e *runtime.Engine) {
				id := start(t, e, definition, `{}`)
				time.Sleep(5 * time.Second)
				if name == "stop" {
					_, err := e.Stop(t.Context(), id, "E", "why")
					require.NoError(t, err)
				}
				_, err := e.Wait(t.Context(), id)
				require.Error(t, err)
				found, err := e.List(t.Context(), store.Query{StateMachine: machines + "never"})
				require.NoError(t, err)
				require.Len(t, found, 1)
				_, err = e.Wait(t.Context(), found[0].Execution)
				var failure *runtime.ExecutionError
				require.ErrorAs(t, err, &failure)
				require.Equal(t, interp.Aborted, failure.Status)
				require.Empty(t, failure.Name)
				require.Equal(t, "The Task state in AWS Step Functions execution ["+id+"] which was managing this resource was aborted", failure.Cause)
				synctest.Wait()
				stored, err := s.Load(t.Context(), id)
				require.NoError(t, err)
				require.Empty(t, stored.Messages, "the parent has no use for the end of the child")
			})
		})
	}
	nestedEngine(t, store.Memory(), func(t *testing.T, e *runtime.Engine) {
		id, _ := ended(t, e, starts("", "never", ""))
		_, err := e.Stop(t.Context(), id, "", "")
		require.NoError(t, err)
		time.Sleep(time.Minute)
		found, err := e.List(t.Context(), store.Query{StateMachine: machines + "never", Status: interp.Running})
		require.NoError(t, err)
		require.Len(t, found, 1, "nobody waited for it")
	})
}

// A task that is cut while its child is on the way into the store leaves no child behind.
func TestEngineStopsLateChildren(t *testing.T) {
	s := &faulty.Store{Store: store.Memory(), Faults: map[int]faulty.Fault{2: func(commit func() ([]error, error)) ([]error, error) {
		time.Sleep(time.Minute)
		return commit()
	}}}
	nestedEngine(t, s, func(t *testing.T, e *runtime.Engine) {
		id := start(t, e, strings.Replace(starts(".sync", "never", ""), `"Type": "Task"`, `"Type": "Task", "TimeoutSeconds": 1`, 1), `{}`)
		_, err := e.Wait(t.Context(), id)
		require.ErrorContains(t, err, "States.Timeout")
		synctest.Wait()
		found, err := e.List(t.Context(), store.Query{StateMachine: machines + "never"})
		require.NoError(t, err)
		require.Len(t, found, 1)
		_, err = e.Wait(t.Context(), found[0].Execution)
		require.ErrorContains(t, err, "which was managing this resource was aborted")
	})
}

// nestsMany starts a child for each item, and waits for them.
const nestsMany = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "S", "States": {
	"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true, "OutputPath": "$.Output.twice",
		"Parameters": {"StateMachineArn": "` + machines + `slow", "Input": {"n.$": "$"}}}}}}}}`

// TestEngineNestedSurvives lets the process die after commit n, for every n, and its n-th
// commit fail, with another process beside it or after it: each task has one child, and each
// child is heard once.
func TestEngineNestedSurvives(t *testing.T) {
	for name, run := range map[string]func(*testing.T, *faulty.Store){"beside": nestBeside, "after": nestAfter} {
		t.Run(name, func(t *testing.T) {
			whole := &faulty.Store{}
			run(t, whole)
			for n := 1; n <= whole.Commits(); n++ {
				run(t, &faulty.Store{Last: n})
				run(t, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.Before}})
				run(t, &faulty.Store{Faults: map[int]faulty.Fault{n: faulty.After}})
			}
			t.Logf("%d commits: each was the last one, and failed", whole.Commits())
		})
	}
}

func nestBeside(t *testing.T, s *faulty.Store) {
	t.Helper()
	own := func(shared store.Store) store.Store {
		s.Store = shared
		return s
	}
	inProcesses(t, own, func(t *testing.T, p processes) {
		id := p.start(t, nestsMany, "[1,2,3]")
		_, err := p.b.Wait(t.Context(), id)
		require.NoError(t, err)
		nestedWell(t, p.b, id)
	})
}

func nestAfter(t *testing.T, s *faulty.Store) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		memory := store.Memory()
		s.Store = memory
		who := runtime.Identity{Execution: "one", ExecutionName: "one"}
		open := func(s store.Store) *runtime.Engine {
			e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{StateMachine: machine(t), Name: "process", Recovery: runtime.FailRunning})
			require.NoError(t, err)
			return e
		}
		live := func(s *faulty.Store) (over bool) {
			e := open(s)
			ctx, cancel := untilDeath(t, s)
			defer cancel()
			_, _ = e.Start(ctx, compile(t, nestsMany), who, jsonvalue.MustParse("[1,2,3]"), nil)
			_, err := e.Wait(ctx, who.Execution)
			_ = e.Close(context.Background())
			return err == nil
		}
		for !live(s) {
			require.True(t, isDead(s), "only a process that dies leaves it unfinished")
			s = &faulty.Store{Store: memory}
		}
		// The store of the last process may have died behind its answer.
		e := open(memory)
		defer e.Close(context.Background())
		nestedWell(t, e, who.Execution)
	})
}

// untilDeath returns a context that ends when the process of a store is dead.
func untilDeath(t *testing.T, s *faulty.Store) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		select {
		case <-s.Dead():
		case <-ctx.Done():
		}
		cancel()
	}()
	return ctx, cancel
}

func isDead(s *faulty.Store) bool {
	select {
	case <-s.Dead():
		return true
	default:
		return false
	}
}

// nestedWell holds an execution of nestsMany, and its children, to what they should be.
func nestedWell(t *testing.T, e *runtime.Engine, id string) {
	t.Helper()
	out, err := e.Wait(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "[2,4,6]", out.String())
	submitted := 0
	for i, event := range historyOf(t, e, id) {
		require.Equal(t, int64(i+1), event.ID)
		if event.Type == "TaskSubmitted" {
			submitted++
		}
	}
	require.Equal(t, 3, submitted)
	found, err := e.List(t.Context(), store.Query{StateMachine: machines + "slow"})
	require.NoError(t, err)
	require.Len(t, found, 3, "each task has one child")
	for _, child := range found {
		require.Equal(t, interp.Succeeded, child.Status)
	}
}

// A process that is opened without machines fails what it cannot start, and a machine that
// cannot be found for a while fails the task.
func TestEngineNestedMachines(t *testing.T) {
	var calls atomic.Int64
	find := func(ctx context.Context, arn string) (runtime.Machine, error) {
		if calls.Add(1) == 1 {
			return runtime.Machine{}, &runtime.TaskError{Name: "Away"}
		}
		return machine(t)(ctx, arn)
	}
	bubble(t, store.Memory(), runtime.EngineConfig{StateMachine: find, Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		_, out := ended(t, e, strings.Replace(starts(".sync", "quick", ""), `"Type": "Task"`, `"Type": "Task", "Retry": [{"ErrorEquals": ["Away"]}]`, 1))
		require.Equal(t, `{"twice":42}`, field(t, out, "Output"), "an invoker that is no Resolver is not asked")
	})
	tasks := runtime.Mux{"*:states:startExecution*": answers}
	bubble(t, store.Memory(), runtime.EngineConfig{StateMachine: find, Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		_, out := ended(t, e, starts(".sync", "quick", ""))
		require.Equal(t, `"done"`, out.String(), "tasks that resolve it perform it")
	})
}
