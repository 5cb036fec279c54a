package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

const (
	sew = "arn:aws:states:us-east-1:123456789012:activity:sew"

	sewsOne = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + sew + `", "TimeoutSeconds": 10, "HeartbeatSeconds": 4, "End": true}}}`

	// A hand-out that a death swallows is noticed by the heartbeats that do not come.
	sewsMany = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "` + sew + `", "HeartbeatSeconds": 30, "End": true, "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 9}]}}}}}}`
)

// chain tells events as "3<-2 ActivityScheduled".
func chain(events []history.Event) string {
	var lines []string
	for _, e := range events {
		line := fmt.Sprintf("%d<-%d %s", e.ID, e.PreviousID, e.Type)
		if e.WorkerName != "" {
			line += " " + e.WorkerName
		}
		if e.HasError {
			line += " " + e.Error
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func historyOf(t *testing.T, e *runtime.Engine, id string) []history.Event {
	t.Helper()
	events, err := e.History(t.Context(), id, 0, 25_000)
	require.NoError(t, err)
	return events
}

// queued returns the messages that wait in the queues of activities.
func queued(t *testing.T, s store.Store) []store.Message {
	t.Helper()
	found, err := s.Poll(t.Context(), store.Poll{Owner: "who looks", Lease: time.Nanosecond, Queues: []string{store.ActivityQueue + sew}})
	require.NoError(t, err)
	return found.Messages
}

// The clocks of an activity begin when a worker has it.
func TestEngineActivity(t *testing.T) {
	s := store.Memory()
	bubble(t, s, runtime.EngineConfig{}, func(t *testing.T, e *runtime.Engine) {
		id := start(t, e, sewsOne, `{"cloth": "wool"}`)
		time.Sleep(time.Hour)
		require.Zero(t, e.Resident(), "a task that nobody fetches is a row")
		task, err := e.PollActivity(t.Context(), sew, "tailor")
		require.NoError(t, err)
		require.Equal(t, `{"cloth":"wool"}`, task.Input.String())
		for range 2 {
			time.Sleep(3 * time.Second)
			require.NoError(t, e.HeartbeatTask(t.Context(), task.Token))
		}
		require.NoError(t, e.SucceedTask(t.Context(), task.Token, jsonvalue.String("coat")))
		require.ErrorIs(t, e.SucceedTask(t.Context(), task.Token, null), runtime.ErrTaskOver)
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"coat"`, out.String())
		require.Equal(t, `1<-0 ExecutionStarted
2<-0 TaskStateEntered
3<-2 ActivityScheduled
4<-3 ActivityStarted tailor
5<-4 ActivitySucceeded
6<-5 TaskStateExited
7<-6 ExecutionSucceeded`, chain(historyOf(t, e, id)))

		id = start(t, e, sewsOne, `{}`)
		task, err = e.PollActivity(t.Context(), sew, "")
		require.NoError(t, err)
		_, err = e.Wait(t.Context(), id)
		require.ErrorContains(t, err, "States.Timeout")
		events := historyOf(t, e, id)
		require.Equal(t, "5<-4 ActivityTimedOut States.Timeout", chain(events[4:5]))
		require.Equal(t, events[3].Time.Add(4*time.Second), events[4].Time, "a missed heartbeat")
		require.ErrorIs(t, e.FailTask(t.Context(), task.Token, nil), runtime.ErrTaskOver)
		require.Empty(t, queued(t, s))
	})
}

// A worker that waits gets the next task, and nothing else ends its waiting but its context
// and the end of the Engine.
func TestEngineWorkersWait(t *testing.T) {
	s := store.Memory()
	synctest.Test(t, func(t *testing.T) {
		e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{})
		require.NoError(t, err)
		ended, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		_, err = e.PollActivity(ended, sew, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = e.PollActivity(ended, sew, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		got := make(chan *runtime.ActivityTask, 1)
		go func() {
			task, err := e.PollActivity(t.Context(), sew, "")
			assert.NoError(t, err)
			got <- task
		}()
		time.Sleep(time.Hour)
		begun := time.Now()
		start(t, e, sewsOne, `{}`)
		<-got
		require.Equal(t, begun, time.Now(), "in one process, at once")
		failed := make(chan error, 1)
		go func() {
			_, err := e.PollActivity(t.Context(), sew, "")
			failed <- err
		}()
		synctest.Wait()
		require.NoError(t, e.Close(t.Context()))
		require.ErrorIs(t, <-failed, runtime.ErrClosed)
		_, err = e.PollActivity(t.Context(), sew, "")
		require.ErrorIs(t, err, runtime.ErrClosed)
	})
}

// tailor works for an activity until its context ends, and notes which tasks it got.
type tailor struct {
	mu  sync.Mutex
	got map[string]int // by token
}

func (w *tailor) work(ctx context.Context, e *runtime.Engine) error {
	for {
		task, err := e.PollActivity(ctx, sew, "tailor")
		if err != nil {
			return err
		}
		w.mu.Lock()
		if w.got == nil {
			w.got = make(map[string]int)
		}
		w.got[task.Token]++
		w.mu.Unlock()
		if err := e.SucceedTask(ctx, task.Token, task.Input); err != nil && !errors.Is(err, runtime.ErrTaskOver) {
			return err
		}
	}
}

// Workers in several processes share the tasks: each is handed out once.
func TestEnginesShareActivities(t *testing.T) {
	for name, own := range map[string]func(store.Store) store.Store{"polled": hidden, "notified": shown} {
		t.Run(name, func(t *testing.T) {
			inProcesses(t, own, func(t *testing.T, p processes) {
				ctx, stop := context.WithCancel(t.Context())
				w := &tailor{}
				var all sync.WaitGroup
				for i := range 12 {
					e := []*runtime.Engine{p.a, p.b}[i%2]
					all.Go(func() { assert.ErrorIs(t, w.work(ctx, e), context.Canceled) })
				}
				items := "[" + strings.Repeat("7,", 199) + "7]"
				out, err := p.b.Wait(t.Context(), start(t, p.a, sewsMany, items))
				require.NoError(t, err)
				require.Equal(t, items, out.String())
				stop()
				all.Wait()
				require.Len(t, w.got, 200)
				for token, times := range w.got {
					require.Equal(t, 1, times, token)
				}
				require.Empty(t, queued(t, p.store))
			})
		})
	}
}

// TestEngineActivitiesSurvive lets a process with workers die after commit n, for every n,
// and its n-th commit fail: every task is done, and handed out once.
func TestEngineActivitiesSurvive(t *testing.T) {
	run := func(s *faulty.Store) {
		own := func(shared store.Store) store.Store {
			s.Store = shared
			return s
		}
		inProcesses(t, own, func(t *testing.T, p processes) {
			ctx, stop := context.WithCancel(t.Context())
			w := &tailor{}
			var all sync.WaitGroup
			for i := range 4 {
				e := []*runtime.Engine{p.a, p.b}[i%2]
				all.Go(func() { _ = w.work(ctx, e) })
			}
			out, err := p.b.Wait(t.Context(), p.start(t, sewsMany, "[1,2,3,4,5]"))
			require.NoError(t, err)
			require.Equal(t, `[1,2,3,4,5]`, out.String())
			stop()
			all.Wait()
			for token, times := range w.got {
				require.Equal(t, 1, times, token)
			}
			require.Empty(t, queued(t, p.store))
		})
	}
	whole := &faulty.Store{}
	run(whole)
	for n := 1; n <= whole.Commits(); n++ {
		run(&faulty.Store{Last: n})
		run(&faulty.Store{Faults: map[int]faulty.Fault{n: faulty.Before}})
		run(&faulty.Store{Faults: map[int]faulty.Fault{n: faulty.After}})
	}
	t.Logf("%d commits: each was the last one, and failed", whole.Commits())
}

// The offer of a task that is over is withdrawn: no worker gets it.
func TestEngineWithdrawsOffers(t *testing.T) {
	s := store.Memory()
	bubble(t, s, runtime.EngineConfig{}, func(t *testing.T, e *runtime.Engine) {
		id := start(t, e, sewsMany, `[1, 2, 3]`)
		require.Len(t, queued(t, s), 3)
		open, err := e.OpenTasks(t.Context(), store.Query{ID: id})
		require.NoError(t, err)
		require.Len(t, open, 3)
		require.NoError(t, e.SucceedTask(t.Context(), open[0].Token, null))
		synctest.Wait()
		require.Len(t, queued(t, s), 2, "it was answered, although no worker had it")
		_, err = e.Stop(t.Context(), id, "", "")
		require.NoError(t, err)
		synctest.Wait()
		require.Empty(t, queued(t, s))

		// One whose process died before it could withdraw it leads to nothing.
		_, err = s.Commit(t.Context(), []store.Change{{Send: []store.Message{{ID: "offer:" + id + "#3.1", To: store.ActivityQueue + sew, From: id, Kind: "offer"}}}})
		require.NoError(t, err)
		ended, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		_, err = e.PollActivity(ended, sew, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, queued(t, s))
	})
}

// An activity goes from an invoker to workers, and stays with workers, when a process is
// opened with other tasks.
func TestEngineActivityChangesHands(t *testing.T) {
	s := store.Memory()
	hangs := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		<-ctx.Done()
		return null, ctx.Err()
	})
	var id string
	bubble(t, s, runtime.EngineConfig{Tasks: hangs, Name: "a"}, func(t *testing.T, e *runtime.Engine) {
		id = start(t, e, sewsMany, `[1]`)
		synctest.Wait()
		require.Equal(t, "ActivityStarted", historyOf(t, e, id)[6].Type, "an invoker is a worker")
		require.Empty(t, queued(t, s))
	})
	bubble(t, s, runtime.EngineConfig{Name: "b", Recovery: runtime.FailRunning}, func(t *testing.T, e *runtime.Engine) {
		synctest.Wait()
		require.Len(t, queued(t, s), 1)
	})
	bubble(t, s, runtime.EngineConfig{Tasks: hangs, Name: "c"}, func(t *testing.T, e *runtime.Engine) {
		task, err := e.PollActivity(t.Context(), sew, "tailor")
		require.NoError(t, err)
		require.NoError(t, e.SucceedTask(t.Context(), task.Token, jsonvalue.String("coat")))
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `["coat"]`, out.String())
	})
}

// OpenTasks tells of what waits for an answer: where, since when, and until when.
func TestEngineOpenTasks(t *testing.T) {
	tasks := runtime.Mux{"arn:aws:states:::sqs:*": answers, "waits": invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return null, runtime.ErrPending })}
	bubble(t, store.Memory(), runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		machine := runtime.Identity{StateMachine: "arn:aws:states:us-east-1:123456789012:stateMachine:m", StateMachineName: "m"}
		begun := time.Now()
		record, err := e.Start(t.Context(), compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
			{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "`+sew+`", "TimeoutSeconds": 600, "End": true}}},
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "Q"},
				"Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 600, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}},
			{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "waits", "End": true}}}]}}}`), machine, null, nil)
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
		open, err := e.OpenTasks(t.Context(), store.Query{StateMachine: machine.StateMachine})
		require.NoError(t, err)
		require.Len(t, open, 3)
		require.Equal(t, []string{"A", "Q", "T"}, []string{open[0].State, open[1].State, open[2].State})
		require.Equal(t, record.Execution, open[0].Execution)
		require.Equal(t, sew, open[0].Resource)
		require.WithinDuration(t, begun, open[0].Since, time.Millisecond)
		require.WithinDuration(t, begun.Add(time.Minute), open[1].Since, time.Millisecond)
		require.Zero(t, open[0].Deadline, "no worker has it")
		require.WithinDuration(t, begun.Add(11*time.Minute), open[1].Deadline, time.Millisecond)
		require.Equal(t, `{"QueueUrl":"q","MessageBody":"m"}`, open[1].Input.String())
		for _, task := range open {
			require.NoError(t, e.SucceedTask(t.Context(), task.Token, jsonvalue.String(task.State)))
		}
		out, err := e.Wait(t.Context(), record.Execution)
		require.NoError(t, err)
		require.Equal(t, `["A","Q","T"]`, out.String())
		open, err = e.OpenTasks(t.Context(), store.Query{StateMachine: machine.StateMachine})
		require.NoError(t, err)
		require.Empty(t, open)
	})
}
