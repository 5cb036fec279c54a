package jsonata_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonata"
)

// The names are those that References takes for functions.
func TestFunctionsOfDialects(t *testing.T) {
	for dialect, only := range map[jsonata.Dialect]string{jsonata.V2_2: "eval", jsonata.V2_0: "eval", jsonata.StepFunctions: "partition"} {
		names := dialect.Functions()
		require.True(t, slices.IsSorted(names))
		require.Equal(t, names, slices.Compact(slices.Clone(names)))
		require.Contains(t, names, only)
		require.Contains(t, names, "uppercase")
		for _, name := range names {
			expr, err := jsonata.Config{Dialect: dialect}.Compile("[$" + name + "]")
			require.NoError(t, err)
			require.Equal(t, jsonata.FunctionReference, expr.References()[0].Kind, name)
		}
	}
	require.NotContains(t, jsonata.StepFunctions.Functions(), "eval")
	require.NotContains(t, jsonata.V2_2.Functions(), "partition")
}
