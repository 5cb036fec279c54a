package runtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

const beats = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "HeartbeatSeconds": 20, "End": true}}}`

// Of many heartbeats few are stored, and each counts: the task is given up 20 seconds after the last.
func TestEngineStoresFewHeartbeats(t *testing.T) {
	s := &faulty.Store{Store: store.Memory()}
	tasks := invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		for range 61 {
			time.Sleep(time.Second)
			task.Heartbeat()
		}
		<-ctx.Done()
		return null, ctx.Err()
	})
	bubble(t, s, runtime.EngineConfig{Tasks: tasks}, func(t *testing.T, e *runtime.Engine) {
		began := time.Now()
		_, err := e.Wait(t.Context(), start(t, e, beats, `{}`))
		require.ErrorIs(t, err, &runtime.TaskError{Name: "States.Timeout"})
		require.Equal(t, 81*time.Second, time.Since(began))
		assert.LessOrEqual(t, s.Commits(), 2+61/5+1)
	})
}

// A task that is performed again after its process has died has its whole time for a heartbeat.
func TestEngineTakeoverIsAHeartbeat(t *testing.T) {
	s := store.Memory()
	hangs := invoke(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		<-ctx.Done()
		return null, ctx.Err()
	})
	var id string
	bubble(t, s, runtime.EngineConfig{Tasks: hangs}, func(t *testing.T, e *runtime.Engine) {
		id = start(t, e, beats, `{}`)
		time.Sleep(19 * time.Second)
	})
	works := invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
		time.Sleep(19 * time.Second)
		return jsonvalue.String("done"), nil
	})
	bubble(t, s, runtime.EngineConfig{Tasks: works}, func(t *testing.T, e *runtime.Engine) {
		out, err := e.Wait(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, `"done"`, out.String())
	})
}
