package jsonpath_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonpath"
)

func TestBudget(t *testing.T) {
	budget := 200
	c := jsonpath.Config{Budget: &budget}
	_, err := c.Parse("$.a.b[0]")
	require.NoError(t, err)
	require.Equal(t, 200, budget, "only patterns have a price")
	_, err = c.Parse("$[?(@.code =~ /[A-Z]{40}/)]")
	require.NoError(t, err)
	require.Less(t, budget, 160)
	for range 3 {
		_, err = c.ParseReference("$[?(@.code =~ /[A-Z]{40}/)]")
	}
	require.ErrorIs(t, err, jsonpath.ErrLimit)
}

// The reasons say which paths may be right.
func TestReasonsOfSyntaxErrors(t *testing.T) {
	for text, want := range map[string]error{
		"$" + strings.Repeat(".a", 1001):                       jsonpath.ErrLimit,
		`$[?(@.a =~ /(?:(?:b{99}){99}){9}/)]`:                  jsonpath.ErrPattern, // no program of RE2 repeats so much
		`$[?(@.a =~ /` + strings.Repeat("c{900}", 300) + `/)]`: jsonpath.ErrLimit,
		`$[?(@.a =~ /(?=b)/)]`:                                 jsonpath.ErrPattern,
		`$[?(@.a =~ /(b)\1/)]`:                                 jsonpath.ErrPattern,
		`$[?(@.a =~ /b{1001}/)]`:                               jsonpath.ErrPattern,
		`$[?(@.a =~ /(b/)]`:                                    nil,
		`$.[`:                                                  nil,
	} {
		_, err := jsonpath.Parse(text)
		var e *jsonpath.SyntaxError
		require.ErrorAs(t, err, &e, text)
		require.Equal(t, want, e.Err, text)
	}
}
