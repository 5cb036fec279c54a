package sfnapi

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The weights of an alias hold for many executions, and one execution always has one
// version.
func TestRoutes(t *testing.T) {
	for _, weight := range []int64{0, 1, 30, 99, 100} {
		a := &alias{Routes: []route{{Version: 1, Weight: weight}, {Version: 2, Weight: 100 - weight}}}
		first := 0
		for i := range 10_000 {
			execution := one + strconv.Itoa(i)
			version := a.pick(execution)
			require.Equal(t, version, a.pick(execution))
			if version == "1" {
				first++
			}
		}
		require.InDelta(t, float64(weight)*100, first, 200)
		if weight == 0 || weight == 100 {
			require.Equal(t, int(weight)*100, first)
		}
	}
}
