package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// TestServerExecutions makes the same calls of an Engine and of a Client: both say the same.
func TestServerExecutions(t *testing.T) {
	here, there := make(chan string, 10), make(chan string, 10)
	s := serve(t, tokens(there))
	e, err := runtime.Open(s.context(), store.Memory(), runtime.EngineConfig{Tasks: tokens(here)})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close(s.context())) }()
	names := s.names()
	assert.Equal(t, conversation(t, s.context(), e, here, names), conversation(t, s.context(), s.Client, there, names))
}

// conversation returns what somebody says to calls.
func conversation(t *testing.T, ctx context.Context, e runtime.Executions, handed chan string, names runtime.Identity) (said []string) {
	say := func(what string, err error, more ...any) {
		for _, known := range []error{store.ErrNotFound, store.ErrExists, runtime.ErrInvalidToken, runtime.ErrTaskOver, runtime.ErrNotRedrivable} {
			if errors.Is(err, known) {
				err = known
			}
		}
		said = append(said, strings.TrimSpace(fmt.Sprintln(append([]any{what, err}, more...)...)))
	}
	describe := func(id string) {
		r, err := e.Describe(ctx, id)
		say("describe", err, r.Status, r.Input, r.Output, r.Error, r.Cause, r.HasError, r.HasCause, r.FailedState, r.Redrives, string(r.Meta), r.StateMachineName, r.ExecutionName, r.Stop.IsZero(), r.Redriven.IsZero())
	}
	submitted := func(id string, times int) {
		require.Eventually(t, func() bool {
			events, err := e.History(ctx, id, 0, 100)
			require.NoError(t, err)
			return len(slices.DeleteFunc(events, func(e history.Event) bool { return e.Type != "TaskSubmitted" })) == times
		}, 10*time.Second, 5*time.Millisecond)
	}
	const nobody = "arn:aws:states:us-east-1:000000000000:execution:Machine:nobody"
	_, err := e.Wait(ctx, nobody)
	say("wait", err)
	_, err = e.History(ctx, nobody, 0, 10)
	say("history", err)
	_, err = e.Stop(ctx, nobody, "", "")
	say("stop", err)
	_, err = e.Redrive(ctx, nobody, nil)
	say("redrive", err)
	describe(nobody)
	found, err := e.List(ctx, store.Query{ID: nobody})
	say("list", err, len(found))

	program, input := compiled(t, tokenMachine), jsonvalue.MustParse(`{"n": 1.0}`)
	start := func(name string, input jsonvalue.Value) string {
		who := names
		who.ExecutionName += name
		r, err := e.Start(ctx, program, who, input, []byte("meta"))
		say("start", err, r.Status, r.Input)
		return r.Execution
	}
	id := start("a", input)
	token := <-handed
	start("a", input)
	start("a", jsonvalue.Value{})
	describe(id)
	say("forged", e.SucceedTask(ctx, "AAAA", input))
	say("forged", e.FailTask(ctx, token[:len(token)-6]+"AAAAAA", nil))
	_, err = e.Redrive(ctx, id, nil)
	say("redrive", err)
	say("heartbeat", e.HeartbeatTask(ctx, token))
	submitted(id, 1)
	say("succeed", e.SucceedTask(ctx, token, jsonvalue.MustParse(`{"x": [1, 2.50]}`)))
	out, err := e.Wait(ctx, id)
	say("wait", err, out)
	say("succeed", e.SucceedTask(ctx, token, input))
	say("heartbeat", e.HeartbeatTask(ctx, token))
	describe(id)
	_, err = e.Stop(ctx, id, "Late", "")
	say("stop", err)
	_, err = e.Redrive(ctx, id, nil)
	say("redrive", err)
	start("a", input)

	id = start("b", jsonvalue.Value{})
	token = <-handed
	submitted(id, 1)
	say("fail", e.FailTask(ctx, token, &runtime.TaskError{Name: "Boom", Cause: "no"}))
	_, err = e.Wait(ctx, id)
	say("wait", err)
	describe(id)
	r, err := e.Redrive(ctx, id, []byte("other"))
	say("redrive", err, r.Status, r.Redrives)
	token = <-handed
	submitted(id, 2)
	describe(id)
	stopped, err := e.Stop(ctx, id, "Enough", "of this")
	say("stop", err, stopped.IsZero())
	_, err = e.Wait(ctx, id)
	say("wait", err)
	say("heartbeat", e.HeartbeatTask(ctx, token))
	describe(id)
	events, err := e.History(ctx, id, 0, 100)
	say("history", err)
	for i := range events {
		say(events[i].Type, nil, events[i].ID, events[i].PreviousID, events[i].Error, events[i].Cause)
	}
	for _, limit := range []int{3, -3} {
		for _, after := range []int64{0, 4, 1000} {
			events, err := e.History(ctx, id, after, limit)
			say("page", err, limit, after, len(events))
			for i := range events {
				say(events[i].Type, nil, events[i].ID)
			}
		}
	}
	return said
}
