package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const byToken = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
	"HeartbeatSeconds": 10, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true}}}`

// The answer counts whenever it comes, once.
func TestCallbacks(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(cb *runtime.Callbacks, token string) error
		late   bool
		want   string
	}{
		"before the invoker returns": {func(cb *runtime.Callbacks, token string) error { return cb.Succeed(token, jsonvalue.Int(1)) }, false, "1"},
		"after the invoker returned": {func(cb *runtime.Callbacks, token string) error { return cb.Succeed(token, jsonvalue.Int(2)) }, true, "2"},
		"failure":                    {func(cb *runtime.Callbacks, token string) error { return cb.Fail(token, errors.New("no")) }, true, `execution failed in state "T" (1:34): States.TaskFailed: no`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cb := new(runtime.Callbacks)
				var token string
				answer := func() {
					assert.NoError(t, cb.Heartbeat(token))
					assert.NoError(t, c.answer(cb, token))
					assert.ErrorIs(t, c.answer(cb, token), runtime.ErrTaskOver)
					assert.ErrorIs(t, cb.Heartbeat(token), runtime.ErrTaskOver)
				}
				r := runtime.Runner{Callbacks: cb, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
					token = task.Token()
					body, _ := task.Input.Get("MessageBody")
					assert.Equal(t, `"`+token+`"`, body.String())
					if c.late {
						time.AfterFunc(5*time.Second, answer)
					} else {
						answer()
					}
					return null, nil
				})}
				out, err := r.Run(t.Context(), compile(t, byToken), null)
				if err != nil {
					require.EqualError(t, err, c.want)
				} else {
					require.Equal(t, c.want, out.String())
				}
				require.ErrorIs(t, cb.Succeed(token, null), runtime.ErrTaskOver)
				require.ErrorIs(t, cb.Succeed("nonsense", null), runtime.ErrInvalidToken)
			})
		})
	}
}

// A token that was changed is no token of the task, whatever it says.
func TestForgedToken(t *testing.T) {
	cb := new(runtime.Callbacks)
	r := runtime.Runner{Callbacks: cb, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		token := []byte(task.Token())
		token[len(token)-1] ^= 1
		assert.ErrorIs(t, cb.Succeed(string(token), null), runtime.ErrInvalidToken)
		return null, cb.Succeed(task.Token(), null)
	})}
	_, err := r.Run(t.Context(), compile(t, byToken), null)
	require.NoError(t, err)
}

// A task without a heartbeat in time fails; a heartbeat gives it another ten
// seconds.
func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		cb := new(runtime.Callbacks)
		r := runtime.Runner{Callbacks: cb, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			time.AfterFunc(9*time.Second, func() { assert.NoError(t, cb.Heartbeat(task.Token())) })
			return null, nil
		})}
		_, err := r.Run(t.Context(), compile(t, byToken), null)
		require.ErrorIs(t, err, &runtime.TaskError{Name: "States.Timeout"})
		require.Equal(t, 19*time.Second, time.Since(start))
	})
}

const each = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
	"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "work", "End": true}}}}}}`

// Results are in the order of the items, whichever is done first, and no more
// tasks are out than InFlight.
func TestOrderAndInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, most atomic.Int64
		r := runtime.Runner{Limits: runtime.Limits{InFlight: 3}, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if now := out.Add(1); now > most.Load() {
				most.Store(now)
			}
			n, _ := task.Input.AsInt64()
			time.Sleep(time.Duration(10-n) * time.Second)
			out.Add(-1)
			return jsonvalue.Int(n * n), nil
		})}
		v, err := r.Run(t.Context(), compile(t, each), jsonvalue.MustParse("[1,2,3,4,5,6,7,8,9]"))
		require.NoError(t, err)
		require.Equal(t, "[1,4,9,16,25,36,49,64,81]", v.String())
		require.EqualValues(t, 3, most.Load())
	})
}
