package linear_test

import (
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/linear"
)

// The size is known before the program is made, and never much less than that
// of the program.
func TestSizeBoundsTheProgram(t *testing.T) {
	for _, pattern := range []string{
		"", "abc", "a*", "(?:a*)*", "(a|b|)+", "x{3}", "x{3,}", "x{0,7}", "(?:x{4}){5}", "(?:(?:y{2,3}){2,3}){2,3}", "^a$|b",
		`[a-z\d]+@[^.]+\.(com|net)`, "(?i)straße", "(?:a?){40}b", "()()()", `\bw\b`, "(?:|a|)", "(?s).", "[^a]",
	} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		require.NoError(t, err)
		program, err := syntax.Compile(tree.Simplify())
		require.NoError(t, err)
		size := linear.Size(tree)
		require.GreaterOrEqual(t, size, len(program.Inst)/2, pattern)
		require.LessOrEqual(t, size, 4+3*len(program.Inst), pattern)
	}
}

func TestNullable(t *testing.T) {
	for pattern, want := range map[string]bool{
		"": true, "a": false, "a*": true, "a+": false, "(a*)+": true, "a|": true, "a|b": false, "a?b": false, "(a?)(b?)": true, "a{0,3}": true, "a{2}": false,
		"^": false, "(?m)^": true, "$|a": false, `\b`: true, `a\b`: false, "[^a]": false, "(?s).": false, "^|b*": true,
	} {
		budget := 1000
		re, err := linear.Compile(pattern, &budget)
		require.NoError(t, err)
		require.Equal(t, want, re.Nullable, pattern)
	}
}

func TestBudget(t *testing.T) {
	budget := 1000
	re, err := linear.Compile("b{300}", &budget)
	require.NoError(t, err)
	require.True(t, re.MatchString(strings.Repeat("b", 300)))
	left := budget
	require.Less(t, left, 1000-300)

	for _, pattern := range []string{"b{990}", "(?:b{30}){30}", "(?:(?:b{10}){10}){10}", strings.Repeat("()", 500)} {
		budget = left
		_, err = linear.Compile(pattern, &budget)
		require.ErrorIs(t, err, linear.ErrBudget, pattern)
		require.Negative(t, budget)
	}

	budget = left
	_, err = linear.Compile("(", &budget)
	require.Error(t, err)
	require.NotErrorIs(t, err, linear.ErrBudget)
}
