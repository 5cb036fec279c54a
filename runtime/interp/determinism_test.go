package interp_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// TestDeterminism runs random programs twice, and once more with the strands of
// each round worked out at the same time, the last first: every Ready is equal
// to the byte.
func TestDeterminism(t *testing.T) {
	steps := 0
	programs := generate.Programs(100)
	for seed := range programs {
		c, err := generate.New(seed)
		require.NoError(t, err)
		first, second := record(c.Replay()), record(c.Replay())
		require.NoError(t, first.differs(second, c))
		spread := c.Replay()
		spread.Each = atOnce
		require.NoError(t, first.differs(record(spread), c))
		steps += len(first.steps)
	}
	t.Logf("%d programs, %d steps, three times each: 0 differences", programs, steps)
}

// Random programs say the same while nobody wants events, and come to the same if tasks are
// performed within steps.
func TestShortWays(t *testing.T) {
	const full = 598 // its history is full where an iteration ends
	saved, programs := shortWays(t, full), generate.Programs(100)
	for seed := range programs {
		saved += shortWays(t, seed)
	}
	t.Logf("%d programs, %d steps less: 0 differences", programs, saved)
	require.Positive(t, saved)
}

func shortWays(t *testing.T, seed uint64) (saved int) {
	t.Helper()
	c, err := generate.New(seed)
	require.NoError(t, err)
	silent := c.Replay()
	silent.Silent = true
	require.NoError(t, recordSilent(c.Replay()).differs(recordSilent(silent), c))

	whole := c.Replay()
	whole.Stop = 0
	straight, err := whole.Run()
	for _, silent := range []bool{false, true} {
		short := whole
		short.Within, short.Silent = true, silent
		got, failed := short.Run()
		require.Equal(t, err, failed, "seed %d: %s", seed, c.Definition)
		require.Equal(t, straight.Outcome, got.Outcome, "seed %d: %s", seed, c.Definition)
		if !silent {
			require.Equal(t, straight.History, got.History, "seed %d: %s", seed, c.Definition)
		}
		saved += straight.Steps - got.Steps
	}
	return saved
}

// recordSilent leaves the history out of what it holds.
func recordSilent(r replay.Replay) *recording {
	return recordAs(r, func(ready interp.Ready) string {
		ready.History = nil
		return describe(ready)
	})
}

// A turn that was worked out and has to wait for the next Step leaves no trace: here
// that of the task, because the Map state before it starts iterations.
func TestTurnsLeaveNoTrace(t *testing.T) {
	const definition = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
			"ItemProcessor": {"StartAt": "F", "States": {"F": {"Type": "Fail"}}}}}},
		{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "TimeoutSeconds": 1, "End": true}}}]}}}`
	program, err := compileText(definition)
	require.NoError(t, err)
	r := replay.Replay{
		Program: program, Limits: interp.Limits{Steps: 2}, Start: time.Unix(0, 0), Input: jsonvalue.MustParse("[1, 2]"),
		Perform: func(*interp.StartTask) replay.Answer { return replay.Answer{Never: true} },
	}
	first := record(r)
	r.Each = atOnce
	require.NoError(t, first.differs(record(r), &generate.Case{Definition: []byte(definition)}))
	require.Equal(t, interp.Failed, first.result.Status)
}

// atOnce calls f for each strand on a goroutine of its own.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(n - 1 - i) })
	}
	all.Wait()
}

// Iterations whose input is selected before they begin are what they are without that.
func TestSelectionAhead(t *testing.T) {
	const definition = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemsPath": "$.items",
		"ItemSelector": {"uuid.$": "States.UUID()", "index.$": "$$.Map.Item.Index", "at.$": "$$.Map.Item.Value.at"},
		"ItemProcessor": {"StartAt": "P", "States": {
			"P": {"Type": "Pass", "Next": "Q"},
			"Q": {"Type": "Choice", "Choices": [{"Variable": "$.at", "NumericEquals": 50, "Next": "W"}], "Default": "E"},
			"W": {"Type": "Wait", "Seconds": 1, "Next": "E"},
			"E": {"Type": "Pass", "End": true}}}}}}`
	program, err := compileText(definition)
	require.NoError(t, err)
	items := make([]jsonvalue.Value, 200)
	for i := range items {
		items[i] = jsonvalue.MustParse(fmt.Sprintf(`{"at": %d}`, i))
	}
	whole := jsonvalue.Array(items...)
	items[130] = jsonvalue.MustParse(`{}`)
	for status, input := range map[interp.Status]jsonvalue.Value{interp.Succeeded: whole, interp.Failed: jsonvalue.Array(items...)} {
		for _, steps := range []int{0, 37, 500} {
			r := replay.Replay{
				Program: program, Limits: interp.Limits{Steps: steps}, Start: time.Unix(0, 0),
				Input: jsonvalue.Object(jsonvalue.Member{Name: "items", Value: input}),
			}
			first := record(r)
			r.Each = atOnce
			require.NoError(t, first.differs(record(r), &generate.Case{Definition: []byte(definition)}))
			require.Equal(t, status, first.result.Status)
		}
	}
}
