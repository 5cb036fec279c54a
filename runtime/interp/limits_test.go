package interp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// A definition that passes validation compiles: only the parser limits steps.
func TestLongPaths(t *testing.T) {
	for _, steps := range []int{999, 1_000, 1_001, 5_000} {
		for _, field := range []string{`"InputPath": "$%s"`, `"ResultPath": "$%s"`, `"Parameters": {"a.$": "$%s"}`, `"Parameters": {"a.$": "States.Array($%s)"}`} {
			definition := fmt.Sprintf(`{"StartAt": "A", "States": {"A": {"Type": "Pass", `+field+`, "End": true}}}`, strings.Repeat(".a", steps))
			machine, err := asl.Parse([]byte(definition))
			assert.Equal(t, steps <= 1_000, err == nil, "%d steps in %s", steps, field)
			if err == nil {
				_, err = Compile(machine)
				require.NoError(t, err, "%d steps in %s", steps, field)
			}
		}
	}
}

// Of zero values nothing is to be run, and nothing panics.
func TestZeroValues(t *testing.T) {
	x := new(Program).New(Header{}, Config{})
	x.Begin(jsonvalue.Value{})
	assert.Zero(t, x.Step(time.Unix(0, 0)).Outcome)
	assert.Zero(t, new(Execution).Step(time.Unix(0, 0)).Outcome)
	machine, err := asl.Parse([]byte(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "r", "End": true}}}`))
	require.NoError(t, err)
	p, err := Compile(machine)
	require.NoError(t, err)
	_, err = p.Inspect(Inspection{State: "A"})
	assert.ErrorContains(t, err, "Inspection.Work is nil")
}
