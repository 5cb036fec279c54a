package interp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

const (
	plainTask = "f"
	tokenTask = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
)

// begun returns an execution whose task is out since the beginning of time.
func begun(t *testing.T, resource string, c interp.Config) (*interp.Execution, interp.Ready) {
	t.Helper()
	definition := `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "` + resource + `", "TimeoutSeconds": 60, "HeartbeatSeconds": 10, "End": true}}}`
	program, err := compileText(definition)
	require.NoError(t, err)
	x := program.New(interp.Header{}, c)
	x.Begin(jsonvalue.Object())
	return x, x.Step(time.Unix(0, 0))
}

// A driver that watches the time of tasks says which time is up; the history is the same.
func TestATaskExpires(t *testing.T) {
	for _, heartbeat := range []bool{false, true} {
		watched, ready := begun(t, plainTask, interp.Config{History: true})
		end := time.Unix(10, 0)
		if !heartbeat {
			for s := int64(9); s < 60; s += 9 {
				require.True(t, watched.Heartbeat(ready.Start[0].ID))
				watched.Step(time.Unix(s, 0))
			}
			end = time.Unix(60, 0)
		}
		want := watched.Step(end)
		require.NotNil(t, want.Outcome)

		unwatched, ready := begun(t, plainTask, interp.Config{History: true, Unwatched: true})
		assert.True(t, ready.Wake.IsZero())
		require.True(t, unwatched.Expire(ready.Start[0].ID, heartbeat))
		require.False(t, unwatched.Expire(ready.Start[0].ID, heartbeat))
		got := unwatched.Step(end)
		assert.Equal(t, want.Outcome, got.Outcome)
		assert.Equal(t, plain(want.History), plain(got.History))
	}
}

// plain returns events without what they share with the execution.
func plain(events []history.Event) []string {
	var all []string
	for _, e := range events {
		text, _ := e.MarshalJSON()
		all = append(all, string(text))
	}
	return all
}

// The time of a task that is parked is watched by the core, also when it was restored.
func TestTheTimeOfAParkedTaskIsWatched(t *testing.T) {
	x, ready := begun(t, tokenTask, interp.Config{Unwatched: true})
	id := ready.Start[0].ID
	x.Submitted(id, jsonvalue.Object())
	ready = x.Step(time.Unix(3, 0))
	assert.Equal(t, time.Unix(10, 0).UTC(), ready.Wake, "nobody has sent a heartbeat")
	x.Heartbeat(id)
	ready = x.Step(time.Unix(8, 0))
	assert.Equal(t, time.Unix(10, 0).UTC().Add(8*time.Second), ready.Wake)

	// The driver knows of heartbeats of which the core does not.
	x, _ = begun(t, tokenTask, interp.Config{Unwatched: true})
	x.Submitted(id, jsonvalue.Object())
	assert.Equal(t, time.Unix(40, 0).UTC(), x.Step(time.Unix(30, 0)).Wake)
	x, _ = begun(t, tokenTask, interp.Config{Unwatched: true})
	x.Submitted(id, jsonvalue.Object())
	assert.NotNil(t, x.Step(time.Unix(60, 0)).Outcome, "the time of the task is up")
}

// Strands tells where an execution is.
func TestStrands(t *testing.T) {
	x, _ := begun(t, plainTask, interp.Config{Forget: true})
	assert.Equal(t, []interp.Strand{{Frame: 1, State: "T", Phase: "working", Since: time.Unix(0, 0).UTC()}}, x.Strands())
	before := x.Events()
	x.Heartbeat(interp.TaskID{Frame: 1, Attempt: 1})
	x.Step(time.Unix(1, 0))
	assert.Equal(t, before, x.Events(), "a heartbeat is no event")
}
