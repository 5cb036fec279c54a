package runtime_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// A Runner tells what its executions reach, and begins with variables in the middle.
func TestRunnerReach(t *testing.T) {
	program := compile(t, `{"StartAt": "A", "States": {
		"A": {"Type": "Pass", "Next": "C"},
		"C": {"Type": "Choice", "Choices": [{"Variable": "$limit", "NumericLessThan": 5, "Next": "S"}]},
		"S": {"Type": "Succeed"}}}`)
	part, err := program.From("C")
	require.NoError(t, err)
	var reached strings.Builder
	r := runtime.Runner{
		Variables: jsonvalue.MustParse(`{"limit": 4}`),
		Reach: func(point int, visit int64) {
			at := program.Points()[point]
			fmt.Fprintf(&reached, "%d %s: %s\n", visit, at.State, at.Kind)
		},
	}
	out, err := r.Run(t.Context(), part, jsonvalue.MustParse(`[1]`))
	require.NoError(t, err)
	require.Equal(t, `[1]`, out.String())
	require.Equal(t, "2 C: state entered\n2 C: rule taken\n4 S: state entered\n", reached.String())
}
