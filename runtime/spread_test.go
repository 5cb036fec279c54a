package runtime

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every strand is worked out once, whatever their number; a panic comes back
// to the caller, and the crew goes on.
func TestCrew(t *testing.T) {
	var c crew
	for n := range 200 {
		counts := make([]atomic.Int32, n)
		c.each(n, func(i int) { counts[i].Add(1) })
		for i := range counts {
			require.EqualValues(t, 1, counts[i].Load())
		}
		require.Panics(t, func() { c.each(100+n, func(i int) { panic(i) }) })
	}
	c.close()
	require.Zero(t, c.helpers.Load())
}
