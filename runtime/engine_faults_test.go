package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	sleepsFor  = `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": %d, "Next": "T"}, "T": {"Type": "Task", "Resource": "t", "End": true}}}`
	awaitsWord = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}}`
)

// trouble is a store whose reads fail when a test wants them to.
type trouble struct {
	store.Store
	load  func(*store.Stored, error) (*store.Stored, error)
	poll  func() error
	loads atomic.Int64
}

func (s *trouble) Load(ctx context.Context, id string) (*store.Stored, error) {
	s.loads.Add(1)
	stored, err := s.Store.Load(ctx, id)
	if s.load != nil {
		return s.load(stored, err)
	}
	return stored, err
}

func (s *trouble) Poll(ctx context.Context, p store.Poll) (store.Polled, error) {
	if s.poll != nil && p.Lease > 0 {
		if err := s.poll(); err != nil {
			return store.Polled{}, err
		}
	}
	return s.Store.Poll(ctx, p)
}

var answers = invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return jsonvalue.String("done"), nil })

// bubble runs a test in a bubble, and closes the Engine at its end.
func bubble(t *testing.T, s store.Store, c runtime.EngineConfig, f func(t *testing.T, e *runtime.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		e, err := runtime.Open(t.Context(), s, c)
		require.NoError(t, err)
		f(t, e)
		require.NoError(t, e.Close(t.Context()))
	})
}

// A store that cannot load an execution for a while, or returns what cannot be read,
// loses nothing: the execution goes on afterwards.
func TestEngineLoadsLater(t *testing.T) {
	bad := map[string]func(*store.Stored, error) (*store.Stored, error){
		"fails":     func(*store.Stored, error) (*store.Stored, error) { return nil, errors.New("away") },
		"no state":  func(s *store.Stored, err error) (*store.Stored, error) { s.State = nil; return s, err },
		"no frames": func(s *store.Stored, err error) (*store.Stored, error) { s.Frames = nil; return s, err },
		"bad frame": func(s *store.Stored, err error) (*store.Stored, error) {
			s.Frames[0].Data = []byte{1, 2, 3}
			return s, err
		},
		"cut frame": func(s *store.Stored, err error) (*store.Stored, error) {
			s.Frames[0].Data = s.Frames[0].Data[:len(s.Frames[0].Data)-1]
			return s, err
		},
		"no store": func(*store.Stored, error) (*store.Stored, error) { panic("a bug in the store") },
	}
	for name, spoil := range bad {
		t.Run(name, func(t *testing.T) {
			var good atomic.Bool
			s := &trouble{Store: store.Memory()}
			s.load = func(stored *store.Stored, err error) (*store.Stored, error) {
				if good.Load() || err != nil {
					return stored, err
				}
				return spoil(stored, err)
			}
			bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
				id := start(t, e, fmt.Sprintf(sleepsFor, 10), `{}`)
				time.Sleep(10 * time.Minute)
				require.Less(t, s.loads.Load(), int64(40), "it is tried ever more slowly")
				_, err := e.Stop(t.Context(), id, "", "")
				require.Error(t, err)
				good.Store(true)
				out, err := e.Wait(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, `"done"`, out.String())
			})
		})
	}
}

// Tasks begin when the lease could be renewed, however long that takes.
func TestEngineRegainsItsLease(t *testing.T) {
	var away atomic.Bool
	s := &trouble{Store: store.Memory(), poll: func() error {
		if away.Load() {
			return errors.New("away")
		}
		return nil
	}}
	tasks := invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if task.State == "A" {
			time.Sleep(time.Minute)
		}
		return jsonvalue.String(task.State), nil
	})
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		id := start(t, e, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", "Next": "B"}, "B": {"Type": "Task", "Resource": "b", "End": true}}}`, `{}`)
		away.Store(true)
		time.Sleep(2 * time.Minute)
		away.Store(false)
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"B"`, out.String())
	})
}

// Two Starts of one name agree: the first commit may still be under way.
func TestEngineStartsOnce(t *testing.T) {
	s := &faulty.Store{Store: store.Memory(), Faults: map[int]faulty.Fault{1: func(commit func() ([]error, error)) ([]error, error) {
		time.Sleep(10 * time.Second)
		return commit()
	}}}
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		p, who := compile(t, fmt.Sprintf(sleepsFor, 100)), runtime.Identity{ExecutionName: "one"}
		var same, other atomic.Int64
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				_, err := e.Start(t.Context(), p, who, jsonvalue.MustParse(fmt.Sprint(i%2)), nil)
				if err == nil {
					same.Add(1)
				} else if assert.ErrorIs(t, err, store.ErrExists) {
					other.Add(1)
				}
			})
		}
		synctest.Wait()
		ended, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		_, err := e.Start(ended, p, who, jsonvalue.MustParse("0"), nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		all.Wait()
		require.Equal(t, [2]int64{5, 5}, [2]int64{same.Load(), other.Load()})
	})
}

// A panic of Observe harms nobody.
func TestEngineObservePanics(t *testing.T) {
	bubble(t, store.Memory(), runtime.EngineConfig{Tasks: answers, Observe: func(history.Event) { panic("observed") }}, func(t *testing.T, e *runtime.Engine) {
		out, err := e.Wait(t.Context(), start(t, e, fmt.Sprintf(sleepsFor, 3), `{}`))
		require.NoError(t, err)
		require.Equal(t, `"done"`, out.String())
	})
}

// False tokens are told so, load nothing that stays, and take nothing from anybody.
func TestEngineFalseTokens(t *testing.T) {
	tokens := make(chan string, 2)
	tasks := invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		tokens <- task.Token()
		return null, runtime.ErrPending
	})
	s := store.Memory()
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		id := start(t, e, awaitsWord, `{}`)
		token := <-tokens
		synctest.Wait()
		forged := interp.Header{Identity: interp.Identity{Execution: id}}.Token(interp.TaskID{Frame: 1, Attempt: 1})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { assert.ErrorIs(t, e.FailTask(t.Context(), forged, nil), runtime.ErrInvalidToken) })
		}
		all.Wait()
		unknown := interp.Header{Identity: interp.Identity{Execution: "nobody"}}.Token(interp.TaskID{Frame: 1, Attempt: 1})
		require.ErrorIs(t, e.SucceedTask(t.Context(), unknown, null), runtime.ErrTaskOver)
		require.NoError(t, e.SucceedTask(t.Context(), token, jsonvalue.String("said")))
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"said"`, out.String())
		require.Zero(t, e.Resident())
	})
}

// Waits end in time, also one whose instant is over.
func TestEngineWaitsInTime(t *testing.T) {
	bubble(t, store.Memory(), runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		for _, seconds := range []int{0, 1, 2, 3, 4, 60} {
			begun := time.Now()
			id := start(t, e, fmt.Sprintf(sleepsFor, seconds), `{}`)
			_, err := e.Wait(t.Context(), id)
			require.NoError(t, err)
			record, err := e.Describe(t.Context(), id)
			require.NoError(t, err)
			require.InDelta(t, seconds, record.Stop.Sub(begun).Seconds(), 0.01)
		}
		_, err := e.Wait(t.Context(), "nobody")
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

// Stop and Redrive at once: each says what it did, and the store agrees.
func TestEngineVerbsAtOnce(t *testing.T) {
	e := open(t, store.Memory(), runtime.EngineConfig{Tasks: answers})
	id := start(t, e, fmt.Sprintf(sleepsFor, 3600), `{}`)
	var redriven atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if i%2 == 0 {
				_, err := e.Stop(t.Context(), id, "", "")
				assert.NoError(t, err)
			} else if _, err := e.Redrive(t.Context(), id, nil); err == nil {
				redriven.Add(1)
			} else {
				assert.ErrorIs(t, err, runtime.ErrNotRedrivable)
			}
		})
	}
	all.Wait()
	record, err := e.Describe(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, int(redriven.Load()), record.Redrives)
}

// An Engine that is closed under load loses nothing, and no execution fails.
func TestEngineClosesUnderLoad(t *testing.T) {
	s := store.Memory()
	tasks := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) { return null, ctx.Err() })
	var mu sync.Mutex
	var ids []string
	var all sync.WaitGroup
	for range 20 {
		e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: tasks})
		require.NoError(t, err)
		p := compile(t, pair)
		for range 8 {
			all.Go(func() {
				for {
					record, err := e.Start(t.Context(), p, runtime.Identity{}, null, nil)
					if err != nil {
						assert.ErrorIs(t, err, runtime.ErrClosed)
						return
					}
					mu.Lock()
					ids = append(ids, record.Execution)
					mu.Unlock()
				}
			})
		}
		<-time.After(2 * time.Millisecond)
		ended, end := context.WithCancel(t.Context())
		end()
		_ = e.Close(ended)
		for range 2 {
			all.Go(func() { assert.NoError(t, e.Close(t.Context())) })
		}
		all.Wait()
	}
	last := open(t, s, runtime.EngineConfig{Tasks: tasks})
	for _, id := range ids {
		_, err := last.Wait(t.Context(), id)
		require.NoError(t, err)
	}
}

// A store that panics, or answers too few changes, is asked again.
func TestEngineStoreBreaks(t *testing.T) {
	s := &faulty.Store{Store: store.Memory(), Faults: map[int]faulty.Fault{
		1: func(func() ([]error, error)) ([]error, error) { panic("a bug in the store") },
		3: func(commit func() ([]error, error)) ([]error, error) {
			_, err := commit()
			return []error{}, err
		},
	}}
	bubble(t, s, runtime.EngineConfig{Tasks: answers}, func(t *testing.T, e *runtime.Engine) {
		out, err := e.Wait(t.Context(), start(t, e, fmt.Sprintf(sleepsFor, 3), `{}`))
		require.NoError(t, err)
		require.Equal(t, `"done"`, out.String())
	})
}

// That the answer comes by token is an answer also while the Engine is being closed: the
// next process does not send the message again.
func TestEngineParksAtClose(t *testing.T) {
	s := store.Memory()
	var calls atomic.Int64
	tasks := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		calls.Add(1)
		<-ctx.Done()
		return null, runtime.ErrPending
	})
	var id string
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		id = start(t, e, lone, `{}`)
		synctest.Wait()
	})
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		synctest.Wait()
		require.Equal(t, int64(1), calls.Load())
		record, err := e.Describe(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, interp.Running, record.Status)
	})
}
