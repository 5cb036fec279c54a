package runtime_test

import (
	"context"
	"errors"
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

// twoBranches waits for an answer by token, and works for a minute: whoever began the work
// drives the execution.
const twoBranches = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "HeartbeatSeconds": 600,
		"Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}},
	{"StartAt": "L", "States": {"L": {"Type": "Task", "Resource": "long", "End": true}}}]}}}`

// longWork performs the tasks of twoBranches. The tokens go to whoever answers.
func longWork(tokens chan<- string) runtime.TaskInvoker {
	return runtime.Mux{
		"arn:aws:states:::sqs:*": invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			tokens <- task.Token()
			return jsonvalue.Object(), nil
		}),
		"long": invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
			if !sleepUntil(ctx, time.Now().Add(time.Minute)) {
				return null, ctx.Err()
			}
			return jsonvalue.String("long"), nil
		}),
	}
}

// processes are two Engines on one store.
type processes struct {
	a, b   *runtime.Engine
	tokens chan string
	store  *store.MemoryStore
}

// inProcesses runs f in a bubble with two processes. own is what the first sees of the
// store: it may die there.
func inProcesses(t *testing.T, own func(s store.Store) store.Store, f func(t *testing.T, p processes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := processes{store: store.Memory(), tokens: make(chan string, 99)}
		tasks := longWork(p.tokens)
		var err error
		p.a, err = runtime.Open(t.Context(), own(p.store), runtime.EngineConfig{Tasks: tasks, StateMachine: machine(t), Name: "a"})
		require.NoError(t, err)
		p.b, err = runtime.Open(t.Context(), hidden(p.store), runtime.EngineConfig{Tasks: tasks, StateMachine: machine(t), Name: "b"})
		require.NoError(t, err)
		f(t, p)
		_ = p.a.Close(t.Context()) // an error if it is dead
		require.NoError(t, p.b.Close(t.Context()))
	})
}

// start starts an execution in the first process, or in the second if the first is dead.
func (p processes) start(t *testing.T, definition, input string) (id string) {
	t.Helper()
	who := runtime.Identity{Execution: "one", ExecutionName: "one"}
	program := compile(t, definition)
	ended, end := context.WithTimeout(t.Context(), time.Second)
	defer end()
	if _, err := p.a.Start(ended, program, who, jsonvalue.MustParse(input), nil); err != nil {
		_, err = p.b.Start(t.Context(), program, who, jsonvalue.MustParse(input), nil)
		if !errors.Is(err, store.ErrExists) { // it is over
			require.NoError(t, err)
		}
	}
	return who.Execution
}

// hidden is a store that does not tell when a message has been stored.
func hidden(s store.Store) store.Store { return &faulty.Store{Store: s} }

// shown is a store that does.
func shown(s store.Store) store.Store { return s }

// What one process drives, the other may answer, stop, redrive and condemn.
func TestEnginesAskEachOther(t *testing.T) {
	for name, own := range map[string]func(store.Store) store.Store{"polled": hidden, "notified": shown} {
		t.Run(name, func(t *testing.T) {
			inProcesses(t, own, func(t *testing.T, p processes) {
				id := start(t, p.a, twoBranches, `{}`)
				token := <-p.tokens
				synctest.Wait()
				begun := time.Now()
				require.NoError(t, p.b.HeartbeatTask(t.Context(), token))
				_, err := p.b.Redrive(t.Context(), id, nil)
				require.ErrorIs(t, err, runtime.ErrNotRedrivable)
				require.NoError(t, p.b.SucceedTask(t.Context(), token, jsonvalue.String("answer")))
				require.ErrorIs(t, p.b.FailTask(t.Context(), token, nil), runtime.ErrTaskOver)
				_, err = p.b.Stop(t.Context(), id, "E", "why")
				require.NoError(t, err)
				record, err := p.b.Redrive(t.Context(), id, nil)
				require.NoError(t, err)
				require.Equal(t, 1, record.Redrives)
				require.Less(t, time.Since(begun), 10*time.Second, "a does not wait for its next sign of life")
				out, err := p.b.Wait(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, `["answer","long"]`, out.String())
				require.ErrorIs(t, p.b.HeartbeatTask(t.Context(), token), runtime.ErrTaskOver)

				id = start(t, p.a, twoBranches, `{}`)
				<-p.tokens
				synctest.Wait()
				forged := interp.Header{Identity: interp.Identity{Execution: id}}.Token(interp.TaskID{Frame: 2, Attempt: 1})
				require.ErrorIs(t, p.b.SucceedTask(t.Context(), forged, null), runtime.ErrInvalidToken)
				require.NoError(t, p.b.Condemn(t.Context(), id, "gone"))
				_, err = p.b.Wait(t.Context(), id)
				var failed *runtime.ExecutionError
				require.ErrorAs(t, err, &failed)
				require.Equal(t, "States.Runtime gone", failed.Name+" "+failed.Cause)
			})
		})
	}
}

// asksAll starts an execution in one process and has it answered, stopped and redriven in
// another, at fixed instants. What the second is told holds, whatever becomes of the first.
func asksAll(t *testing.T, p processes) (jsonvalue.Value, error) {
	id := p.start(t, twoBranches, "{}")
	token := <-p.tokens
	time.Sleep(3 * time.Second)
	require.NoError(t, p.b.SucceedTask(t.Context(), token, jsonvalue.String("answer")))
	time.Sleep(3 * time.Second)
	_, err := p.b.Stop(t.Context(), id, "E", "why")
	require.NoError(t, err)
	require.ErrorIs(t, p.b.SucceedTask(t.Context(), token, null), runtime.ErrTaskOver)
	time.Sleep(3 * time.Second)
	record, err := p.b.Redrive(t.Context(), id, nil)
	require.NoError(t, err)
	require.Equal(t, 1, record.Redrives)
	return p.b.Wait(t.Context(), id)
}

// TestEnginesAskTheDead lets the process that is asked die after commit n, for every n, and
// its n-th commit fail: whoever takes over answers.
func TestEnginesAskTheDead(t *testing.T) {
	run := func(s *faulty.Store) {
		own := func(shared store.Store) store.Store {
			s.Store = shared
			return s
		}
		inProcesses(t, own, func(t *testing.T, p processes) {
			out, err := asksAll(t, p)
			require.NoError(t, err)
			require.Equal(t, `["answer","long"]`, out.String())
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

// That the context of a caller ends, ends the waiting: the answer counts all the same.
func TestEnginesForgetWhoAsks(t *testing.T) {
	inProcesses(t, hidden, func(t *testing.T, p processes) {
		id := start(t, p.a, twoBranches, `{}`)
		token := <-p.tokens
		synctest.Wait()
		ended, end := context.WithTimeout(t.Context(), time.Millisecond)
		defer end()
		require.ErrorIs(t, p.b.SucceedTask(ended, token, jsonvalue.String("answer")), context.DeadlineExceeded)
		out, err := p.b.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `["answer","long"]`, out.String())
	})
}

// An execution that is deleted, a reply that is lost and an Engine that is closed leave
// nobody waiting.
func TestEnginesAskInVain(t *testing.T) {
	var deaf atomic.Bool
	own := func(s store.Store) store.Store {
		return &trouble{Store: s, poll: func() error {
			if deaf.Load() {
				return errors.New("away")
			}
			return nil
		}}
	}
	inProcesses(t, own, func(t *testing.T, p processes) {
		asked := make(chan error, 1)
		ask := func() (id string) {
			deaf.Store(false)
			id = start(t, p.a, twoBranches, `{}`)
			token := <-p.tokens
			synctest.Wait()
			deaf.Store(true)
			go func() { asked <- p.b.HeartbeatTask(t.Context(), token) }()
			synctest.Wait()
			return id
		}
		id := ask()
		_, err := p.a.Stop(t.Context(), id, "", "")
		require.NoError(t, err)
		require.NoError(t, p.a.Delete(t.Context(), id))
		require.ErrorIs(t, <-asked, runtime.ErrTaskOver)

		id = ask()
		stored, err := p.store.Load(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, stored.Messages, 1)
		refused, err := p.store.Commit(t.Context(), []store.Change{{
			By: "a", ID: id, From: stored.Revision, Revision: stored.Revision, Owner: "a", Consume: []string{stored.Messages[0].ID},
		}})
		require.NoError(t, err)
		require.Nil(t, refused)
		require.ErrorIs(t, <-asked, runtime.ErrLost)

		ask()
		require.NoError(t, p.b.Close(t.Context()))
		require.ErrorIs(t, <-asked, runtime.ErrClosed)
		deaf.Store(false)
	})
}

// A message of a later version is consumed, and harms nobody.
func TestEngineReadsNoLaterMessages(t *testing.T) {
	inProcesses(t, hidden, func(t *testing.T, p processes) {
		id := start(t, p.a, twoBranches, `{}`)
		<-p.tokens
		synctest.Wait()
		_, err := p.store.Commit(t.Context(), []store.Change{{Send: []store.Message{
			{ID: "1", To: id, Kind: "unheard of"}, {ID: "2", To: id, Kind: "answer", Data: []byte{99}}, {ID: "3", To: id, Kind: "answer", Data: []byte{1, 0}},
		}}})
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		stored, err := p.store.Load(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, stored.Messages)
		require.Equal(t, "a", stored.Owner)
	})
}
