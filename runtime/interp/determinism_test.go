package interp_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/generate"
)

// TestDeterminism runs random programs twice, and once more with the strands of
// each round worked out at the same time, the last first: every Ready is equal
// to the byte.
func TestDeterminism(t *testing.T) {
	steps := 0
	programs := generate.Programs(100)
	for seed := range programs {
		c, err := generate.New(seed)
		require.NoError(t, err)
		first, second := record(c.Replay()), record(c.Replay())
		require.NoError(t, first.differs(second, c))
		spread := c.Replay()
		spread.Each = atOnce
		require.NoError(t, first.differs(record(spread), c))
		steps += len(first.steps)
	}
	t.Logf("%d programs, %d steps, three times each: 0 differences", programs, steps)
}

// atOnce calls f for each strand on a goroutine of its own.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(n - 1 - i) })
	}
	all.Wait()
}
