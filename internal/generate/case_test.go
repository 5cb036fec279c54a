package generate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every definition that is generated is valid, and made of the seed alone.
func TestCases(t *testing.T) {
	kinds := make(map[string]int)
	for seed := range uint64(2000) {
		c, err := New(seed)
		require.NoError(t, err)
		again, _ := New(seed)
		require.True(t, bytes.Equal(c.Definition, again.Definition))
		for s := range c.Program.StateMachine().All() {
			kinds[s.Info().Type]++
		}
	}
	require.Len(t, kinds, 8)
	t.Log(kinds)
}
