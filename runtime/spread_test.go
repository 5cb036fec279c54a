package runtime

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every strand is worked out once, whatever their number; a panic comes back
// to the caller.
func TestSpread(t *testing.T) {
	for n := range 200 {
		counts := make([]atomic.Int32, n)
		spread(n, func(i int) { counts[i].Add(1) })
		for i := range counts {
			require.EqualValues(t, 1, counts[i].Load())
		}
	}
	require.Panics(t, func() { spread(100, func(i int) { panic(i) }) })
}
