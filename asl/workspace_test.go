package asl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoomMakesZeroValues(t *testing.T) {
	var r room[int]
	for range 3 {
		made := []*int{r.one(), &r.several(2)[1], r.one()}
		for i, p := range made {
			require.Zero(t, *p)
			*p = i + 1
		}
		require.Equal(t, []int{1, 2, 3}, []int{*made[0], *made[1], *made[2]}, "each is on its own")
		r.clear()
	}
	require.Equal(t, 4, cap(r.block), "as many as were made")
}

func TestRoomKeepsNoMoreThanItMay(t *testing.T) {
	var r room[int]
	r.several(keptValues + 1)
	r.clear()
	require.Zero(t, cap(r.block))
}

// What is found in a definition does not depend on those before it.
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
