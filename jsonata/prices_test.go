package jsonata

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// TestPrices checks that every function and operator pays for what it is given.
// In testdata/prices.txt, a line names what it is about, a unit and an
// expression. The unit is how many steps more the expression takes if its input
// is longer by 1,000: at least that many.
func TestPrices(t *testing.T) {
	text, err := os.ReadFile("testdata/prices.txt")
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		fields := strings.Fields(line)
		name, unit := fields[0], fields[1]
		listed[name] = true
		if unit == "fixed" {
			continue
		}
		_, expr, _ := strings.Cut(line, unit+" ")
		least := map[string]int{"text": 30, "slow": 200, "items": 1000, "few": 100}[unit]
		require.NotZero(t, least, line)
		for _, d := range []Dialect{V2_2, StepFunctions} {
			if builtin(name, d) == nil && builtin(name, V2_2^StepFunctions^d) != nil {
				continue
			}
			short, long := stepsOf(t, d, expr, 1000), stepsOf(t, d, expr, 5000)
			require.GreaterOrEqual(t, long-short, 4*least, "%s: %d steps, then %d", line, short, long)
		}
	}
	for _, domain := range natives {
		for i := range domain {
			require.True(t, listed[domain[i].name], "$%s is not in testdata/prices.txt", domain[i].name)
		}
	}
}

// stepsOf returns how many steps an expression takes over inputs of a length.
func stepsOf(t *testing.T, d Dialect, text string, n int) int {
	expr, err := Config{Dialect: d}.Compile(text)
	require.NoError(t, err, text)
	ev := &evaluation{expr: expr, limits: Limits{}.complete(d)}
	ev.env = Env{Variables: inputs(n), Now: time.UnixMilli(1_790_000_000_000), Random: new(counter)}
	ev.steps = ev.limits.Steps
	_, err = ev.eval(expr.root, value{}, &ev.frame)
	require.NoError(t, err, text)
	return ev.limits.Steps - ev.steps
}

// inputs are the variables of the table, each of length n: $s and $u are equal
// texts, $w is not ASCII, $d are digits, $l is a list of numbers, $t and $r of
// texts, $k of objects, $o and $q are objects.
func inputs(n int) Vars {
	var list, texts, objects []jsonvalue.Value
	var members []jsonvalue.Member
	for i := range n {
		name := "m" + strings.Repeat("x", i%3) + formatFloat(float64(i))
		list = append(list, jsonvalue.Int(int64(i)))
		texts = append(texts, jsonvalue.String(name))
		objects = append(objects, jsonvalue.Object(jsonvalue.Member{Name: "a", Value: jsonvalue.Int(int64(i))}))
		members = append(members, jsonvalue.Member{Name: name, Value: jsonvalue.Int(int64(i))})
	}
	object := func() jsonvalue.Value { return jsonvalue.Object(members...) }
	return Vars{
		"s": jsonvalue.String(strings.Repeat("ab", n/2)), "u": jsonvalue.String(strings.Repeat("ab", n/2)),
		"w": jsonvalue.String(strings.Repeat("é", n/2)), "d": jsonvalue.String(strings.Repeat("1", n)),
		"l": jsonvalue.Array(list...), "t": jsonvalue.Array(texts...), "r": jsonvalue.Array(texts...),
		"k": jsonvalue.Array(objects...), "o": object(), "q": object(),
	}
}
