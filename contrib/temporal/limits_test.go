package asltemporal

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// simulate returns an execution of a definition in the test environment.
func simulate(t *testing.T, definition, input string, answer func(state string, id interp.TaskID, input jsonvalue.Value) replay.Answer) *simulated {
	t.Helper()
	seed := interp.Seed{1}
	return &simulated{
		t: t, worker: new(Worker), program: compiled(t, definition), input: jsonvalue.MustParse(input), answer: answer,
		header: interp.Header{Identity: runtime.CompleteIdentity(interp.Identity{ExecutionName: "one"}, seed), Seed: seed},
		begins: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// A result that Temporal would refuse fails the task.
func TestLargeResult(t *testing.T) {
	s := simulate(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}`, `{}`, func(string, interp.TaskID, jsonvalue.Value) replay.Answer {
		return replay.Answer{Output: jsonvalue.String(strings.Repeat("a", 3<<20))}
	})
	r := s.run()
	assert.Equal(t, interp.Failed, r.status)
	assert.Equal(t, "States.DataLimitExceeded", r.name)
	assert.Contains(t, r.cause, "Temporal takes")
}

// random returns a text that cannot be compressed to less than half.
func random(n int) string {
	source := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n/2)
	_, _ = source.Read(b)
	return hex.EncodeToString(b)
}

// An execution whose state is too large for a new run goes on in the old one. When the server would
// end that, it fails, and says why.
func TestLargeState(t *testing.T) {
	const definition = `{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "t", "Assign": {"a.$": "$"}, "Next": "B"}, "B": {"Type": "Task", "Resource": "t", "Assign": {"b.$": "$"}, "Next": "C"},
		"C": {"Type": "Task", "Resource": "t", "Assign": {"c.$": "$"}, "Next": "D"}, "D": {"Type": "Task", "Resource": "t", "Assign": {"d.$": "$"}, "Next": "E"},
		"E": {"Type": "Task", "Resource": "t", "Assign": {"e.$": "$"}, "Next": "F"}, "F": {"Type": "Task", "Resource": "small", "Next": "G"},
		"G": {"Type": "Task", "Resource": "small", "End": true}}}`
	large := jsonvalue.String(random(1<<20 - 100))
	for length, status := range map[int]interp.Status{1000: interp.Succeeded, mostEvents: interp.Failed} {
		s := simulate(t, definition, `{}`, func(state string, _ interp.TaskID, _ jsonvalue.Value) replay.Answer {
			if state == "F" || state == "G" {
				return replay.Answer{Output: jsonvalue.Int(1)}
			}
			return replay.Answer{Output: large}
		})
		s.in = start{Limits: &limits{Payload: 1 << 20, Variables: 20 << 20}, MaxHistory: 10}
		s.length = func(int) int { return length }
		r := s.run()
		assert.Equal(t, status, r.status)
		if status == interp.Failed {
			assert.Equal(t, "States.Runtime", r.name)
			assert.Contains(t, r.cause, "its state is too large for a new run")
			assert.Nil(t, r.end.Frames)
		}
	}
}

// A task that runs for long keeps others from starting for a minute, and not longer.
func TestLongTaskBesideOthers(t *testing.T) {
	const definition = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Long", "States": {"Long": {"Type": "Task", "Resource": "t", "End": true}}},
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "t", "Next": "B"}, "B": {"Type": "Task", "Resource": "t", "Next": "C"}, "C": {"Type": "Task", "Resource": "t", "End": true}}}]}}}`
	s := simulate(t, definition, `{}`, func(state string, _ interp.TaskID, _ jsonvalue.Value) replay.Answer {
		if state == "Long" {
			return replay.Answer{After: 10 * time.Hour, Output: jsonvalue.String(state)}
		}
		return replay.Answer{After: time.Second, Output: jsonvalue.String(state)}
	})
	s.in.MaxHistory, s.length = 10, func(int) int { return 15 }
	r := s.run()
	require.Equal(t, interp.Succeeded, r.status)
	assert.Equal(t, `["Long","C"]`, r.output.String())
	var done time.Duration
	for _, e := range s.events {
		if e.Name == "C" {
			done = e.Time.Sub(s.begins)
		}
	}
	assert.Less(t, done, 5*time.Minute)
}
