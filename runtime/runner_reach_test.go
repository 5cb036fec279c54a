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
		Reach: func(_ string, point int, visit int64) {
			at := program.Points()[point]
			fmt.Fprintf(&reached, "%d %s: %s\n", visit, at.State, at.Kind)
		},
	}
	out, err := r.Run(t.Context(), part, jsonvalue.MustParse(`[1]`))
	require.NoError(t, err)
	require.Equal(t, `[1]`, out.String())
	require.Equal(t, "2 C: state entered\n2 C: rule taken\n4 S: state entered\n", reached.String())
}

// Turns that are worked out side by side tell of their own expressions.
func TestReachOfExpressions(t *testing.T) {
	const sorted = `{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% [1..300] %}", "End": true,
		"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": "{% $states.input > 150 and $states.input < 200 ? 'some' : 'none' %}", "End": true}}}}}}`
	p := compile(t, sorted)
	hits := make(map[string]int)
	reached := func(_ string, point int, _ int64) {
		if q := p.Points()[point]; q.Kind.InExpression() {
			hits[fmt.Sprintf("%v at %d", q.Kind, q.Offset)]++
		}
	}
	_, err := runtime.Runner{Reach: reached}.Run(t.Context(), p, null)
	require.NoError(t, err)
	require.Equal(t, map[string]int{
		"operand true at 3": 150, "operand false at 3": 150, "operand true at 27": 49, "operand false at 27": 101, "arm taken at 49": 49, "arm taken at 58": 251,
	}, hits)
}
