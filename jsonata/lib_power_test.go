package jsonata

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExponentiate(t *testing.T) {
	for _, c := range []struct{ base, exponent, want float64 }{
		{2, 0.5, math.Sqrt2}, {10, -3, 1e-3}, {7, 1.5, 18.520259177452136}, {1.0125, 12, 1.1607545177229981},
		{-2, 3, -8}, {4, -0.5, 0.5}, {0, 2, 0}, {1e-300, 0.5, 1e-150}, {math.MaxFloat64, 0.5, 1.3407807929942596e154},
		{2, 1023, 0x1p1023}, {2, -1074, 0x1p-1074}, {0.1, 36, 1.000000000000002e-36}, {1 + 0x1p-52, 1e15, math.Exp(1e15 * 0x1p-52)},
	} {
		require.InEpsilon(t, c.want+1e-320, exponentiate(c.base, c.exponent)+1e-320, 4e-16, "%v", c)
	}
	require.True(t, math.IsNaN(exponentiate(-8, 1.0/3)))
	require.True(t, math.IsInf(exponentiate(0, -1), 1))
	require.True(t, math.IsInf(exponentiate(10, 400), 1))
}

func TestJavaRandom(t *testing.T) {
	require.Equal(t, 0.7275636800328681, javaRandom(42))
	require.Equal(t, 0.730967787376657, javaRandom(0))
	require.Equal(t, 0.7306990420600421, javaRandom(7))
}
