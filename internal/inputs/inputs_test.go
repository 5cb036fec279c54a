package inputs

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
)

// A schema, however large what it allows is, makes values of bounded size, or none.
func TestSize(t *testing.T) {
	largest := func(n int) int { return n - 1 }
	for schema, problem := range map[string]string{
		`{"type": "string", "maxLength": 2000000000}`:                                                              "",
		`{"type": "array", "items": {"const": 1}, "maxItems": 2000000000}`:                                         "",
		`{"type": "string", "minLength": 2000000000}`:                                                              "more than 1048576 parts",
		`{"type": "array", "items": {"type": "null"}, "minItems": 2000000000}`:                                     "more than 1048576 parts",
		`{"type": "array", "minItems": 9999, "items": {"type": "array", "items": {"const": 1}, "minItems": 9999}}`: "more than 1048576 parts",
	} {
		s, err := jsonschema.CompileString("s.json", schema)
		require.NoError(t, err)
		_, err = (&maker{choose: largest}).value(s, 0)
		if problem == "" {
			require.NoError(t, err, schema)
		} else {
			require.ErrorContains(t, err, problem, schema)
		}
	}
}

// Of several keywords that are too much, the message always names the same one.
func TestCheckIsDeterministic(t *testing.T) {
	s, err := jsonschema.CompileString("s.json", `{"pattern": "a", "not": {"const": 1}, "allOf": [{"minLength": 1}], "maxProperties": 2}`)
	require.NoError(t, err)
	for range 50 {
		require.ErrorContains(t, check(s, map[*jsonschema.Schema]bool{}), `"allOf"`)
	}
}
