package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// The cause of the context of a task tells whether its answer is not wanted any more, or its process
// gives it up.
func TestTaskContextCause(t *testing.T) {
	const late = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "b", "TimeoutSeconds": 5, "End": true}}}`
	var cause error
	waits := invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if task.Resource == "a" {
			return null, &runtime.TaskError{Name: "Broken"}
		}
		<-ctx.Done()
		cause = context.Cause(ctx)
		return null, ctx.Err()
	})
	shutdown := errors.New("shutting down")
	for name, c := range map[string]struct {
		run  func(t *testing.T)
		want error
	}{
		"its time is up": {func(t *testing.T) {
			r := runtime.Runner{Tasks: waits}
			_, _ = r.Run(t.Context(), compile(t, late), null)
		}, runtime.ErrUnwanted},
		"a branch beside it has failed": {func(t *testing.T) {
			r := runtime.Runner{Tasks: waits}
			_, _ = r.Run(context.Background(), compile(t, pair), null)
		}, runtime.ErrUnwanted},
		"the context of Run ends": {func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(shutdown) })
			r := runtime.Runner{Tasks: waits}
			_, _ = r.Run(ctx, compile(t, late), null)
		}, shutdown},
		"an Engine stops the execution": {func(t *testing.T) {
			whileOut(t, waits, func(e *runtime.Engine, id string) {
				_, err := e.Stop(t.Context(), id, "", "")
				require.NoError(t, err)
			})
		}, runtime.ErrUnwanted},
		"an Engine is closed": {func(t *testing.T) {
			whileOut(t, waits, func(e *runtime.Engine, id string) {
				require.NoError(t, e.Close(t.Context()))
			})
		}, runtime.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			cause = nil
			synctest.Test(t, func(t *testing.T) {
				c.run(t)
				synctest.Wait()
			})
			require.Equal(t, c.want, cause)
		})
	}
}

// whileOut acts on an execution whose task is out.
func whileOut(t *testing.T, tasks runtime.TaskInvoker, act func(e *runtime.Engine, id string)) {
	e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: tasks})
	require.NoError(t, err)
	defer e.Close(context.Background())
	record, err := e.Start(t.Context(), compile(t, lone), runtime.Identity{}, jsonvalue.Object(), nil)
	require.NoError(t, err)
	synctest.Wait()
	act(e, record.Execution)
}

// A task knows the event that scheduled it; and one whose process has ended, what its job was submitted with.
func TestTaskEvent(t *testing.T) {
	program := compile(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": true}}}`)
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		var scheduled int64
		config := runtime.EngineConfig{Name: "process", Observe: func(e history.Event) {
			if e.Type == "TaskScheduled" {
				scheduled = e.ID
			}
		}}
		var id string
		config.Tasks = invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			require.Equal(t, scheduled, task.Event)
			require.Equal(t, "An error occurred while executing the state 'T' (entered at the event id #2). Bad.", task.RuntimeError("Bad.").Cause)
			require.Equal(t, null, task.Submission)
			require.Equal(t, "arn:aws:iam::123456789012:role/execution", task.ExecutionRoleARN)
			task.Submitted(jsonvalue.String("job 7"))
			<-ctx.Done()
			return null, ctx.Err()
		})
		e, err := runtime.Open(t.Context(), s, config)
		require.NoError(t, err)
		record, err := e.Start(t.Context(), program, runtime.Identity{RoleARN: "arn:aws:iam::123456789012:role/execution"}, jsonvalue.Object(), nil)
		require.NoError(t, err)
		id = record.Execution
		synctest.Wait()
		require.NoError(t, e.Close(t.Context()))

		config.Tasks = invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			require.Equal(t, scheduled, task.Event)
			require.Equal(t, "arn:aws:iam::123456789012:role/execution", task.ExecutionRoleARN)
			return task.Submission, nil
		})
		e, err = runtime.Open(t.Context(), s, config)
		require.NoError(t, err)
		defer e.Close(context.Background())
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"job 7"`, out.String())
	})
}
