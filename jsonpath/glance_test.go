package jsonpath

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// A test that is decided at a glance has the same outcome as a full comparison,
// and costs no more.
func TestPlainTests(t *testing.T) {
	members := jsonvalue.MustParse(`["", "a", "ab", "A", "null", "true", "10", "9", "1e1", "\uffff", "\ud83d\ude00", "longer than a unit of work",
		0, -0.0, 1, 1.0, 9, 10, 10.5, 1e1, 1e400, 9007199254740993, 0.1, true, false, null, [], {}, ["a"]]`)
	literals := []string{"''", "'a'", "'ab'", "'null'", "null", "'true'", "true", "'10'", "10", "9", "1e1", "10.5", "-1", "0", "0.1",
		"9007199254740992", "1e400", "'\uffff'", "'\U0001F600'", "'longer than a unit of work'"}
	for _, literal := range literals {
		for _, operator := range []string{"==", "!=", "<", "<=", ">", ">="} {
			for _, left := range []string{"@.m", "@.m.m", "@.l[0]"} {
				path, err := Parse("$[?(" + left + operator + literal + ")]")
				require.NoError(t, err)
				test := &path.steps[0].(filterStep)[0][0]
				for _, m := range members.Elements() {
					element := jsonvalue.Object(jsonvalue.Member{Name: "m", Value: m}, jsonvalue.Member{Name: "l", Value: jsonvalue.Array(m)})
					yes, work, sure := test.passesAtOnce(element)
					if !sure {
						continue
					}
					s := &search{Path: path, root: members, budget: math.MaxInt}
					want, ok := test.passes(s, element)
					require.True(t, ok)
					require.Equal(t, want, yes, "%s for %s", path, element)
					require.LessOrEqual(t, work, math.MaxInt-s.budget, "%s for %s", path, element)
				}
			}
		}
	}
}
