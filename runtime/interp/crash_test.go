package interp_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/runtime/interp"
)

// TestCrash runs random programs twice: straight through, and with all memory
// lost after each commit. Both say the same at every step, to the byte: what to
// store, to show, to cancel and to start, and how the execution ended.
func TestCrash(t *testing.T) {
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(runtime.GOMAXPROCS(0))
	programs := generate.Programs(300)
	var steps, events atomic.Int64
	statuses := make(chan interp.Status, programs)
	for seed := range programs {
		group.Go(func() error {
			c, err := generate.New(seed)
			if err != nil || ctx.Err() != nil {
				return err
			}
			straight, crashed := record(redriving(c, false)), record(redriving(c, true))
			steps.Add(int64(crashed.result.Steps))
			events.Add(int64(len(crashed.result.History)))
			statuses <- straight.result.Status
			return straight.differs(crashed, c)
		})
	}
	require.NoError(t, group.Wait())
	close(statuses)
	count := make(map[interp.Status]int)
	for s := range statuses {
		count[s]++
	}
	t.Logf("%d programs, %d steps, each followed by a crash, %d events: 0 differences; outcomes: %v", programs, steps.Load(), events.Load(), count)
	assert.Len(t, count, 4)
}

// Two branches share one slot, so that a task waits for it. In the first machine that
// task is stopped and leaves a gap, in the second one it starts when the history
// is full.
func TestCrashInQueue(t *testing.T) {
	const cut = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "X", "States": {"X": {"Type": "Task", "Resource": "x", "End": true}}},
		{"StartAt": "I", "States": {"I": {"Type": "Parallel", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "V"}], "End": true, "Branches": [
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail"}}},
			{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "q", "End": true}}}]},
			"V": {"Type": "Wait", "Seconds": 1, "Next": "R"}, "R": {"Type": "Task", "Resource": "r", "End": true}}}]}}}`
	const full = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", "End": true}}},
		{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "b", "End": true}}}]}}}`
	for _, c := range []struct {
		definition string
		limits     interp.Limits
		status     interp.Status
		end        time.Duration
	}{
		{cut, interp.Limits{InFlight: 1}, interp.Succeeded, 18 * time.Second},
		{full, interp.Limits{InFlight: 1, History: 11}, interp.Failed, 9 * time.Second},
	} {
		program, err := compileText(c.definition)
		require.NoError(t, err)
		r := replay.Replay{Program: program, Start: time.Unix(0, 0), Limits: c.limits, Perform: func(*interp.StartTask) replay.Answer { return replay.Answer{After: 9 * time.Second} }}
		straight := record(r)
		r.Restore = true
		require.NoError(t, straight.differs(record(r), &generate.Case{Definition: []byte(c.definition)}))
		require.Equal(t, c.status, straight.result.Status)
		require.Equal(t, c.end, straight.result.End.Sub(r.Start))
	}
}

// redriving returns the execution of a case, taken up again where it fails.
func redriving(c *generate.Case, restore bool) replay.Replay {
	r := c.Replay()
	r.Restore, r.Redrives = restore, c.Redrives
	return r
}

// recording holds what an execution said, step by step.
type recording struct {
	steps  []string
	result replay.Result
	err    error
}

func record(r replay.Replay) *recording { return recordAs(r, describe) }

func recordAs(r replay.Replay, describe func(interp.Ready) string) *recording {
	rec := new(recording)
	r.Watch = func(ready interp.Ready) { rec.steps = append(rec.steps, describe(ready)) }
	rec.result, rec.err = r.Run()
	return rec
}

// differs returns an error that shows the first difference.
func (rec *recording) differs(other *recording, c *generate.Case) error {
	if rec.err != nil || other.err != nil {
		return fmt.Errorf("seed %d: %v, %v\n%s", c.Seed, rec.err, other.err, c.Definition)
	}
	for i, step := range rec.steps {
		if i >= len(other.steps) || other.steps[i] != step {
			return fmt.Errorf("seed %d: step %d of %d and %d:\n%s\n--- the other:\n%s\n%s", c.Seed, i, len(rec.steps), len(other.steps), step, other.step(i), c.Definition)
		}
	}
	if len(rec.steps) != len(other.steps) || !rec.result.End.Equal(other.result.End) {
		last := min(len(rec.steps), len(other.steps))
		return fmt.Errorf("seed %d: %d steps and %d:\n%s---\n%s\n%s", c.Seed, len(rec.steps), len(other.steps), rec.step(last), other.step(last), c.Definition)
	}
	return nil
}

func (rec *recording) step(i int) string {
	if i < len(rec.steps) {
		return rec.steps[i]
	}
	return "over"
}
