package jsonata

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where rounding is quick, it gives what moving the point in the text gives.
func TestRoundQuickly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for range 200_000 {
		places := random.IntN(8)
		x := (random.Float64() - 0.5) * math.Pow10(random.IntN(12)-4)
		if random.IntN(2) == 0 {
			x = math.Round(x*1000) / 1000
		}
		if got, ok := roundQuickly(x, places); ok {
			quick++
			want := shiftPoint(math.RoundToEven(shiftPoint(x, places)), -places) + 0
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), "%v to %d places", x, places)
		}
	}
	require.Greater(t, quick, 100_000)
}
