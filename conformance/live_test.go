package conformance

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// TestLive runs every case by the live driver, with goroutines and timers, in
// the virtual time of a synctest bubble: outcome and history are those of the
// replay.
func TestLive(t *testing.T) {
	if golden.Rewriting() {
		t.Skip("the files are being written")
	}
	golden.Run(t, cases, func(t *testing.T, g *golden.Case) func(string) string {
		c := scripted.Parse(t, g)
		return func(string) (got string) {
			synctest.Test(t, func(t *testing.T) { got = live(t, c) })
			return got
		}
	})
}

// live runs the case with a Runner.
func live(t *testing.T, c *scripted.Case) string {
	ctx := context.Background()
	if c.Stop > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, c.Stop, &runtime.TaskError{}) // no name, no cause
		defer cancel()
		ctx = limited
	}
	var events []history.Event
	var callbacks runtime.Callbacks
	r := runtime.Runner{
		Tasks:     performer(c, &callbacks),
		Callbacks: &callbacks,
		Seed:      interp.Seed{7},
		Identity:  scripted.Names,
		Observe:   func(e history.Event) { events = append(events, e) },
	}
	out, err := r.Run(ctx, c.Program, c.Input)
	status, name, cause := string(interp.Succeeded), "", ""
	var failed *runtime.ExecutionError
	if errors.As(err, &failed) {
		status, name, cause = string(failed.Status), failed.Name, failed.Cause
	} else {
		require.NoError(t, err)
	}
	return scripted.Printed(status, out, name, cause, events)
}

// performer does what the script says, by the token if the task wants it so.
func performer(c *scripted.Case, callbacks *runtime.Callbacks) runtime.TaskInvoker {
	return runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		_, id, err := interp.ParseToken(task.Token())
		if err != nil {
			return jsonvalue.Value{}, err
		}
		a := c.Answer(task.State, id)
		if a.Worker != nil {
			if err := callbacks.Start(task.Token(), *a.Worker); err != nil {
				return jsonvalue.Value{}, err
			}
		}
		if task.Pattern == asl.WaitForTaskToken {
			go answerLater(callbacks, task.Token(), a)
			if a.Submitted == nil {
				return jsonvalue.Value{}, runtime.ErrPending
			}
			return *a.Submitted, nil
		}
		if a.Submitted != nil {
			task.Submitted(*a.Submitted)
		}
		if a.Never {
			<-ctx.Done()
			return jsonvalue.Value{}, ctx.Err()
		}
		if !sleep(ctx, a.After) {
			return jsonvalue.Value{}, ctx.Err()
		}
		if a.Err != nil {
			return jsonvalue.Value{}, a.Err
		}
		return a.Output, nil
	})
}

func answerLater(callbacks *runtime.Callbacks, token string, a replay.Answer) {
	if a.Never {
		return
	}
	<-time.After(a.After) // in the time of the bubble
	if a.Err != nil {
		_ = callbacks.Fail(token, a.Err)
		return
	}
	_ = callbacks.Succeed(token, a.Output)
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
