package jsonvalue_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// A number that is neither int64 nor float64 keeps its text, and what it comes
// to.
func TestExactNumbers(t *testing.T) {
	for text, want := range map[string]float64{
		"36893488147419103233": 1 << 65, "0.1000000000000000000001": 0.1, "-" + strings.Repeat("9", 400): math.Inf(-1), "1e-400": 0,
	} {
		v := jsonvalue.MustParse(text)
		f, ok := v.AsFloat64()
		require.True(t, ok)
		require.Equal(t, want, f, text)
		require.Equal(t, text, v.String())
		require.Equal(t, len(text), v.Size())
		_, ok = v.AsInt64()
		require.False(t, ok, text)
	}
	v := jsonvalue.MustParse("12.00000000000000000000000")
	n, ok := v.AsInt64()
	require.True(t, ok)
	require.EqualValues(t, 12, n)
	require.True(t, v.Equal(jsonvalue.Int(12)))
}

func BenchmarkExactNumber(b *testing.B) {
	v := jsonvalue.MustParse("0." + strings.Repeat("123456789", 100))
	for b.Loop() {
		v.AsFloat64()
	}
}
