package intrinsics_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonpath"
)

// Patterns in arguments are paid for like those of paths.
func TestBudgetOfArguments(t *testing.T) {
	budget := 200
	c := intrinsics.Config{Paths: jsonpath.Config{Budget: &budget}}
	_, err := c.Parse("States.ArrayLength($.list[?(@.x =~ /y{50}/)])")
	require.NoError(t, err)
	_, err = c.Parse("States.ArrayLength($.list[?(@.x =~ /y{50}/)])")
	require.ErrorIs(t, err, jsonpath.ErrLimit)
}
