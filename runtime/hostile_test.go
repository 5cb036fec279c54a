package runtime_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// brittle is an error whose methods panic.
type brittle struct{}

func (brittle) Error() string     { panic("in Error") }
func (brittle) ErrorName() string { panic("in ErrorName") }

// wrongIs is an error that cannot be compared.
type wrongIs struct{ *runtime.TaskError }

// An error that is a typed nil, or whose methods panic, fails its task and
// nothing else.
func TestHostileErrors(t *testing.T) {
	var none *runtime.TaskError
	for _, c := range []struct {
		err   error
		cause string
	}{
		{none, "the task returned a nil *runtime.TaskError, which is an error that is not nil"},
		{brittle{}, "panic: in ErrorName"},
		{wrongIs{}, "panic: runtime error: invalid memory address or nil pointer dereference"},
	} {
		for _, callbacks := range []*runtime.Callbacks{nil, new(runtime.Callbacks)} {
			r := runtime.Runner{Callbacks: callbacks, Tasks: invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return null, c.err })}
			_, err := r.Run(t.Context(), compile(t, lone), null)
			var failed *runtime.ExecutionError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, asl.StatesTaskFailed, failed.Name)
			assert.Equal(t, c.cause, failed.Cause)
			assert.NotEmpty(t, err.Error())
		}
	}
}

// Without a program or a context there is an error, and no panic.
func TestNothingToRun(t *testing.T) {
	_, err := runtime.Run(t.Context(), nil, null, nil)
	require.EqualError(t, err, "runtime: no program")
	_, err = runtime.Run(t.Context(), new(runtime.Program), null, nil)
	require.EqualError(t, err, "runtime: no program")
	var none context.Context
	_, err = runtime.Run(none, compile(t, lone), null, nil)
	require.EqualError(t, err, "runtime: no context")
	_, err = runtime.TestState(t.Context(), nil, runtime.StateTest{})
	require.EqualError(t, err, "runtime: no program")
}

// Where time is virtual and nobody answers, the execution says so.
func TestStuck(t *testing.T) {
	const two = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true}}},
		{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 60, "Next": "C"}, "C": {"Type": "Task", "Resource": "later", "End": true}}}]}}}`
	tokens := map[string]string{}
	r := runtime.Runner{Clock: runtime.NewVirtualClock(generate.Start), Callbacks: new(runtime.Callbacks), Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		tokens[task.State] = task.Token()
		return null, runtime.ErrPending
	})}
	_, err := r.Run(t.Context(), compile(t, two), null)
	require.ErrorIs(t, err, runtime.ErrStuck)
	for state, token := range tokens {
		assert.ErrorContains(t, err, `"`+state+`"`)
		assert.ErrorContains(t, err, token)
	}
	assert.Len(t, tokens, 2)
}

// AfterFunc lets an answer by token come at its instant, before a deadline that
// is later and after one that is not.
func TestAfterFunc(t *testing.T) {
	definition := compile(t, byTokenWith(`, "HeartbeatSeconds": 10`))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{9 * time.Second, `"answered"`},
		{10 * time.Second, `{"Error":"States.Timeout","Cause":""}`}, // the deadline of that instant goes first
		{11 * time.Second, `{"Error":"States.Timeout","Cause":""}`},
	} {
		clock, callbacks := runtime.NewVirtualClock(generate.Start), new(runtime.Callbacks)
		r := runtime.Runner{Clock: clock, Callbacks: callbacks, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			clock.AfterFunc(c.after, func() { _ = callbacks.Succeed(task.Token(), jsonvalue.String("answered")) })
			return null, nil
		})}
		out, err := r.Run(t.Context(), definition, null)
		require.NoError(t, err)
		require.Equal(t, c.want, out.String())
	}
	clock, called := runtime.NewVirtualClock(generate.Start), false
	clock.AfterFunc(time.Hour, func() { called = true })
	require.True(t, called, "nobody uses the clock")
	require.Equal(t, generate.Start.Add(time.Hour), clock.Now())
}

func byTokenWith(fields string) string {
	return `{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
		"Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}]` + fields + `}, "Late": {"Type": "Succeed"}}}`
}

// The reason for which a context ends is the cause of the abortion; an error that
// has a name gives the name as well.
func TestReasonOfTheEnd(t *testing.T) {
	for _, c := range []struct {
		reason      error
		name, cause string
	}{
		{errors.New("shutting down"), "", "shutting down"},
		{&runtime.TaskError{Name: "Deploy", Cause: "new version"}, "Deploy", "new version"},
		{nil, "", "context canceled"},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(c.reason)
		_, err := runtime.Run(ctx, compile(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`), null, nil)
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, c.name, failed.Name)
		assert.Equal(t, c.cause, failed.Cause)
	}
}

// An ExecutionError says where the failure was: the state, the way to it and its
// place in the definition.
func TestWhereItFailed(t *testing.T) {
	const nested = `{"StartAt": "M", "States": {
  "M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {
    "P": {"Type": "Parallel", "End": true, "Branches": [
      {"StartAt": "Fine", "States": {"Fine": {"Type": "Pass", "End": true}}},
      {"StartAt": "I", "States": {
        "I": {"Type": "Task", "Resource": "work", "End": true}}}]}}}}}}`
	for _, name := range []string{"Boom", asl.StatesRuntime} {
		_, err := runtime.Run(t.Context(), compile(t, nested), jsonvalue.MustParse(`[0, 1]`), invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if task.Input.Equal(jsonvalue.Int(1)) {
				return null, &runtime.TaskError{Name: name, Cause: "no"}
			}
			return null, nil
		}))
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "I", failed.State)
		assert.Equal(t, "M[1]/P[1]/I", failed.Path)
		assert.Equal(t, "/States/M/ItemProcessor/States/P/Branches[1]/States/I", failed.Location)
		assert.Equal(t, "6:14", failed.Position.String())
		assert.EqualError(t, err, `execution failed in state "I" (M[1]/P[1]/I, 6:14): `+name+": no")
	}
}
