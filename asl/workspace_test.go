package asl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlabMakesZeroValues(t *testing.T) {
	var s slab[int]
	for range 3 {
		made := []*int{s.one(), &s.slice(2)[1], s.one()}
		for i, p := range made {
			require.Zero(t, *p)
			*p = i + 1
		}
		require.Equal(t, []int{1, 2, 3}, []int{*made[0], *made[1], *made[2]}, "each is on its own")
		s.clear()
	}
	require.Equal(t, 4, cap(s.block), "as many as were made")
}

func TestSlabKeepsNoMoreThanItMay(t *testing.T) {
	var s slab[int]
	s.slice(keptValues + 1)
	s.clear()
	require.Zero(t, cap(s.block))
}

// The findings about a definition do not depend on the definitions before it.
func TestValidationsDoNotMix(t *testing.T) {
	definitions := seeds(t)
	fresh := make([]Diagnostics, len(definitions))
	for i, definition := range definitions {
		fresh[i] = Validate([]byte(definition))
	}
	for i := len(definitions) - 1; i >= 0; i-- {
		require.Equal(t, fresh[i], Validate([]byte(definitions[i])))
	}
}
