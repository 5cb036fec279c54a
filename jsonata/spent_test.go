package jsonata_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/statemill/statemill/jsonata"
)

// An evaluation tells how many steps it took, also if the limit ended it.
func TestSpent(t *testing.T) {
	spent := 0
	eval := func(text string, limits jsonata.Limits) int {
		before := spent
		_, _ = jsonata.MustCompile(text).EvalWith(jsonata.Env{Spent: &spent, Limits: limits})
		return spent - before
	}
	assert.Equal(t, 4, eval("1 + 2", jsonata.Limits{}))
	assert.Greater(t, eval("$sum([1..1000])", jsonata.Limits{}), 1000)
	assert.Equal(t, 50, eval("$sum([1..1000])", jsonata.Limits{Steps: 50}))
	assert.Equal(t, 3, eval("$error('no')", jsonata.Limits{Steps: 50}))
}
