package jsonata

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// A list that is put together item by item takes linear time, and the shorter
// lists on the way stay as they are.
func TestAppendGrows(t *testing.T) {
	list := "$reduce([1..$n], function($list, $i) { $append($list, $i) }, [])"
	steps := func(n int64) int {
		expr, err := Config{Dialect: StepFunctions}.Compile("$count(" + list + ")")
		require.NoError(t, err)
		spent := 0
		v, err := expr.EvalWith(Env{Variables: Vars{"n": jsonvalue.Int(n)}, Spent: &spent})
		require.NoError(t, err)
		require.Equal(t, jsonvalue.Int(n).String(), v.String())
		return spent
	}
	require.Less(t, steps(8000), 5*steps(2000))

	for text, want := range map[string]string{
		"($a := $append([1], 2); $b := $append($a, 3); $c := $append($a, 4); [[$a], [$b], [$c]])":                 "[[1,2],[1,2,3],[1,2,4]]",
		"($a := $append([1], [2]); $b := $append($a, [[3]]); $c := $append($b, 4); [[$c], [$append($b, 5)]])":     "[[1,2,[3],4],[1,2,[3],5]]",
		"($a := $append(1, 2); $b := $append($a, $a); $c := $append($b, $b); [[$reverse($c)], [$append($a, 9)]])": "[[2,1,2,1,2,1,2,1],[1,2,9]]",
	} {
		v, err := MustCompile(text).Eval(jsonvalue.Value{})
		require.NoError(t, err)
		require.Equal(t, want, v.String(), text)
	}
}
