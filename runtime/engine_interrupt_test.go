package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// endless is a machine with a state of so many long expressions that no test waits for its end.
func endless(top string) string {
	const long = `{% $sum([1..700000]) %}`
	return `{"QueryLanguage": "JSONata", "StartAt": "T", ` + top + `"States": {"T": {"Type": "Task", "Resource": "t", "Next": "A"},
		"A": {"Type": "Pass", "Output": ["` + long + strings.Repeat(`", "`+long, 5000) + `"], "End": true}}}`
}

// Stop, TimeoutSeconds and Close end a state between two of its expressions.
func TestEngineInterrupts(t *testing.T) {
	ends := func(t *testing.T, e *runtime.Engine, id string) interp.Status {
		_, err := e.Wait(t.Context(), id)
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		return failed.Status
	}
	t.Run("Stop", func(t *testing.T) {
		e := open(t, store.Memory(), runtime.EngineConfig{Tasks: answers})
		id := start(t, e, endless(""), `{}`)
		_, err := e.Stop(t.Context(), id, "Enough", "")
		require.NoError(t, err)
		assert.Equal(t, interp.Aborted, ends(t, e, id))
	})
	t.Run("TimeoutSeconds", func(t *testing.T) {
		e := open(t, store.Memory(), runtime.EngineConfig{Tasks: answers})
		id := start(t, e, endless(`"TimeoutSeconds": 1, `), `{}`)
		assert.Equal(t, interp.TimedOut, ends(t, e, id))
	})
	t.Run("Close", func(t *testing.T) {
		s := store.Memory()
		entered := make(chan struct{})
		first, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Tasks: invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			close(entered)
			return null, nil
		})})
		require.NoError(t, err)
		id := start(t, first, endless(""), `{}`)
		<-entered
		require.NoError(t, first.Close(t.Context()))
		second := open(t, s, runtime.EngineConfig{Tasks: answers})
		_, err = second.Stop(t.Context(), id, "", "")
		require.NoError(t, err)
		assert.Equal(t, interp.Aborted, ends(t, second, id))
	})
}
