package jsonata_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

var branchNames = [...]string{"arm", "no arm", "true", "false"}

// listed writes branches with the text at their places.
func listed(text string, branches []jsonata.Branch) string {
	var all []string
	for _, b := range branches {
		all = append(all, fmt.Sprintf("%s %.3s", branchNames[b.Kind], text[b.Offset:]))
	}
	return strings.Join(all, ", ")
}

func TestBranches(t *testing.T) {
	for _, c := range []struct{ text, all, reached string }{
		{`a + 1`, "", ""},
		{`ä ? one : two`, "arm one, arm two", "arm two"},
		{`n > 1 ? "big"`, "arm \"bi, no arm ? \"", "arm \"bi"},
		{`n = 1 ? 1 : n = 2 ? 22 : 333`, "arm 1 :, arm n =, arm 22 , arm 333", "arm n =, arm 22 "},
		{`n=2 and m=1 and o=1`, "true n=2, false n=2, true m=1, false m=1, true o=1, false o=1", "true n=2, false m=1"},
		{`(n=1 or m=3) and true`, "true (n=, false (n=, true n=1, false n=1, true m=3, false m=3, true tru", "true (n=, false n=1, true m=3, true tru"},
		{`n or 0`, "true n o, false n o, false 0", "true n o"},
		{`$not(n) or -n or "x"`, "true $no, false $no, true -n , false -n , true \"x\"", "false $no, true -n "},
		{`x ?? n`, "no arm ?? , arm n", "arm n"},
		{`n ?: m`, "no arm ?: , arm m", "no arm ?: "},
		{`$map([1..3], function($v){$v > 2 ? "y" : "z"})`, "arm \"y\", arm \"z\"", "arm \"y\", arm \"z\""},
		{`$eval("n ? 1 : 2")`, "", ""},
		{`n ? $error("no") : 1`, "arm $er, arm 1", "arm $er"},
	} {
		e, err := jsonata.Compile(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.all, listed(c.text, e.Branches()), c.text)
		hits := make([]int, len(e.Branches()))
		_, _ = e.EvalWith(jsonata.Env{Input: jsonvalue.MustParse(`{"n": 2, "m": 3}`), Branch: func(b int) { hits[b]++ }})
		var reached []jsonata.Branch
		for i, b := range e.Branches() {
			if hits[i] > 0 {
				reached = append(reached, b)
			}
		}
		require.Equal(t, c.reached, listed(c.text, reached), c.text)
	}
}
