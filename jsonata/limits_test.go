package jsonata_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// hostile are expressions that would need more time, memory or stack than there
// is, if nobody counted.
var hostile = map[string]string{
	"a call for ever":           "($f := function(){ $f() }; $f())",
	"recursion for ever":        "($f := function($n){ 1 + $f($n) }; $f(1))",
	"mutual recursion":          "($f := function(){ [$g()] }; $g := function(){ [$f()] }; $f())",
	"a range":                   "[1..9999999].($ & 'x')",
	"ranges of ranges":          "[1..3000].([1..3000])",
	"a doubled string":          "($f := function($s){ $f($s & $s) }; $f('x'))",
	"a doubled array":           "($f := function($a){ $f($append($a, $a)) }; $f([1]))",
	"a padded string":           "$pad('', 1e12)",
	"many padded strings":       "[1..1000].$pad('', 16000000)",
	"a joined string":           "$join([1..900000].'0123456789012345678901234567890')",
	"a replacement":             "$replace($pad('', 4000000, 'a'), 'a', '0123456789')",
	"an array in an array":      "($f := function($a){ $f([[$a]]) }; $f([]))",
	"an object in an object":    "($f := function($a){ $f({'a': $a}) }; $f({}))",
	"shared parts":              "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $string($f([], 60)))",
	"shared parts, compared":    "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([], 60) = $f([], 60))",
	"shared parts, as a result": "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([], 60))",
	"shared parts, descended":   "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([1], 60).**)",
	"shared parts, spread":      "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([1], 60).*)",
	"shared parts, as a truth":  "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([0], 60) and 1)",
	"shared parts, in a result": "[1..1000000].$$",
	"a large pattern":           "$match($pad('', 4000000, 'a'), /(a{0,30}){30}b/)",
	"a transform of itself":     "($f := function($o){ $f($o ~> |$|{'a': $, 'b': $}|) }; $f({}))",
	"a transform as its $clone": "($clone := |$|{}|; {} ~> $clone)",
	"a long composition":        "($f := function($n, $g){ $n = 0 ? $g : $f($n - 1, $g ~> $string) }; $f(20000, $string)(1))",
	"partials of partials":      "($f := function($n, $g){ $n = 0 ? $g : $f($n - 1, $g(?)) }; $f(20000, $string)(1))",
	"maps of maps":              "($f := function($n, $g){ $n = 0 ? $g : $f($n - 1, $map(?, $g)) }; $f(20000, $string)(1))",
	"a roman number":            "$formatInteger(1e300, 'i')",
	"all in pairs":              "[1..5000]@$a.[1..5000]@$b.($a + $b)",
	"distinct objects":          "$distinct([1..100000].{'a': $})",
	"a sort without an end":     "$sort([1..900000], function($a, $b){ $a < $b })",
	"a slow pattern":            "$match($pad('', 4000000, 'a'), /(a*)*b/)",
	"a match for each letter":   "$match($pad('', 4000000, 'a'), /a/)",
	"split letters":             "$split($pad('', 8000000, 'a'), '')",
	"evaluated text":            "($f := function(){ $eval('$f()') }; $f())",
	"defaults of defaults":      strings.Repeat("(", 200) + "a" + strings.Repeat("??a)", 200),
	"folded numbers":            "$reduce([1..900000], function($a, $b){ $a & $b })",
	"a long text, measured":     "($s := $pad('', 9000000, 'é'); [1..900000].$length($s))",
	"long texts, compared":      "($s := $pad('', 9000000, 'x'); $t := $pad('', 9000000, 'x'); [1..900000].($s = $t))",
	"long texts, sorted":        "($s := $pad('', 900000, 'x'); $sort([1..900].($s & $)))",
	"a long text, kept often":   "$map([1..900], function($i){ $pad('x', 900000) })",
	"a long text, in a result":  "($s := $pad('', 9000000, 'x'); [1..900000].{'s': $s})",
	"a long list, checked":      "($f := function($l)<a<n>:n>{ 1 }; $l := [1..900000]; [1..900000].$f($l))",
	"a long picture":            "$fromMillis(0, $pad('', 3000000, '[M]'))",
	"separators":                "$formatNumber(7, $pad('', 300000, '#,') & '0')",
	"numbers in words":          "[1..900000].$formatInteger(1e200, 'w')",
	"numbers in letters":        "[1..900000].$formatInteger(1e300, 'A')",
	"remainders":                "[1..900000].(1e307 % 7e-300)",
	"remainders of a few bits":  "[1..900000].(9e15 % 7e-300)",
	"powers":                    "[1..900000].$power(1.01, $ / 7)",
	"a pattern of dates":        "$toMillis('x', $pad('', 30000, '[Yw] '))",
	"a pattern of nothing":      "[1..900000].$match('', /((p?){30}){30}q/)",
	"next and next":             "($f := function($m, $n){ $n = 0 ? 1 : $f($m.next(), $n - 1) }; $f(/q.*?r|q/($pad('', 90000, 'q')), 80000))",
	"percents":                  "[1..900].$decodeUrl($pad('', 900000, '%41'))",
	"a template of matches":     "$replace($pad('', 900000, 'x'), /x+/, $pad('', 900000, '$0'))",
	"a number of many digits":   "[1..900000].$number('0x' & $pad('', 900000, '0'))",
	"everything below":          "$count($reduce([1..30], function($a, $i){{ 'x': $a, 'y': $a }}, 1).**)",
	"places of many items":      "([1..9000].($))[[1..9000]]",
	"variables of variables":    "[1..900000].(" + strings.Repeat("$v := 1; ", 40) + "$v)",
	"functions":                 "$map([1..900000], function($i){ function(){ $i } })",
}

func TestHostileExpressions(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			expr, err := jsonata.Compile(text)
			require.NoError(t, err)
			_, err = expr.EvalWith(jsonata.Env{Limits: jsonata.Limits{Steps: 1_000_000}})
			runtime.ReadMemStats(&after)
			var e *jsonata.Error
			if !errors.Is(err, jsonata.ErrUndefined) {
				require.ErrorAs(t, err, &e)
				require.ErrorIs(t, err, jsonata.ErrLimit)
			}
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(200), "MiB allocated")
		})
	}
}

// The text of a signature is put together of its tokens.
func TestLongSignature(t *testing.T) {
	text := "function($x)<n" + strings.Repeat("-", 20_000) + ">{$x}"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := jsonata.Compile(text)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(20), "MiB allocated")
}

func TestMessagesAreBounded(t *testing.T) {
	expr := jsonata.MustCompile("($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; 1 + $f([1], 60))")
	_, err := expr.Eval(jsonvalue.Value{})
	var e *jsonata.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "T2002", e.Code)
	require.Less(t, len(e.Message), 1<<17)
	_, err = jsonata.MustCompile("$number($)").Eval(jsonvalue.String(strings.Repeat("é", 1<<20)))
	require.ErrorAs(t, err, &e)
	require.Equal(t, "D3030", e.Code)
	require.Less(t, len(e.Message), 1<<17)
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []jsonata.Config{
		{Dialect: 9},
		{Functions: map[string]jsonata.Function{"f": {}}},
		{Functions: map[string]jsonata.Function{"f": {Signature: "<n<s>>", Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Value{}, nil }}}},
	} {
		_, err := c.Compile("1")
		var e *jsonata.Error
		require.ErrorAs(t, err, &e)
	}
}

func TestDepthHasACeiling(t *testing.T) {
	expr := jsonata.MustCompile("($f := function($n){ 1 + $f($n) }; $f(1))")
	_, err := expr.EvalWith(jsonata.Env{Limits: jsonata.Limits{Depth: -1}})
	require.ErrorIs(t, err, jsonata.ErrLimit)
}

func TestDepthIsCounted(t *testing.T) {
	for text, depth := range map[string]int{
		"$x": 1, "a": 2, "a.b.c": 2, "$sum([1, 2])": 3, "1 + 1 + 1": 3, "(((1)))": 4,
		"($f := function($n){ $n = 0 ? 1 : $n * $f($n - 1) }; $f(99))": 302,
	} {
		expr := jsonata.MustCompile(text)
		_, err := expr.EvalWith(jsonata.Env{Limits: jsonata.Limits{Depth: depth}})
		require.NotErrorIs(t, err, jsonata.ErrLimit, text)
		if depth > 1 {
			_, err = expr.EvalWith(jsonata.Env{Limits: jsonata.Limits{Depth: depth - 1}})
			require.ErrorIs(t, err, jsonata.ErrLimit, text)
		}
	}
}

func TestMemberVariables(t *testing.T) {
	host := states{input: jsonvalue.MustParse(`{"rows": [{"n": 1}, {"n": 2}], "list": [5], "none": []}`)}
	for text, want := range map[string]string{
		"$states.input.rows.n":                             "[1,2]",
		"$states.input.rows[n = 2]":                        `{"n":2}`,
		"$states.input.list":                               "[5]",
		"$states.input.list.($ + 1)":                       "6",
		"$states.input.rows@$r.{'n': $r.n}":                `[{"n":1},{"n":2}]`,
		"($states := {'input': 3}; $states.input)":         "3",
		"$exists($states.result)":                          "false",
		"$exists($states.input.none.x)":                    "false",
		"$states.input{'all': $count(rows)}":               `{"all":2}`,
		"function($states){$states.input}({'input': 'y'})": `"y"`,
	} {
		v, err := jsonata.MustCompile(text).EvalWith(jsonata.Env{Variables: host})
		require.NoError(t, err, text)
		require.Equal(t, want, v.String(), text)
	}
}

func TestHostFunctions(t *testing.T) {
	broken := errors.New("the till is broken")
	c := jsonata.Config{Functions: map[string]jsonata.Function{
		"fail":  {Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Value{}, broken }},
		"none":  {Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Value{}, jsonata.ErrUndefined }},
		"twice": {Signature: "<s:s>", Call: func(args []jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Array(args[0], args[0]), nil }},
	}}
	expr, err := c.Compile("$fail(1)")
	require.NoError(t, err)
	_, err = expr.Eval(jsonvalue.Value{})
	require.ErrorIs(t, err, broken)
	var e *jsonata.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 6, e.Position)

	for text, want := range map[string]string{
		"$exists($none(1))": "false", "$exists($fail(nothing))": "false", "$twice('a')": `["a","a"]`, "$map(['a'], $twice)": `["a","a"]`,
	} {
		expr, err := c.Compile(text)
		require.NoError(t, err)
		v, err := expr.Eval(jsonvalue.Value{})
		require.NoError(t, err, text)
		require.Equal(t, want, v.String(), text)
	}
}

// A value of the host is looked through once, however deep what changes in it.
func TestExportIsLinear(t *testing.T) {
	const depth = 900
	nested := func(number string) string {
		return strings.Repeat(`[{"a":`, depth/2) + number + strings.Repeat("}]", depth/2)
	}
	v, err := jsonata.MustCompile("$$").EvalWith(jsonata.Env{
		Input:  jsonvalue.MustParse(nested("1234567000.0")),
		Limits: jsonata.Limits{Steps: 10 * depth},
	})
	require.NoError(t, err)
	require.Equal(t, nested("1234567000"), v.String())
}

func TestBudget(t *testing.T) {
	budget := 40
	c := jsonata.Config{Dialect: jsonata.StepFunctions, Budget: &budget}
	_, err := c.Compile("$a + $b") // three tokens and the end
	require.NoError(t, err)
	require.Equal(t, 36, budget)
	_, err = c.Compile("/b{9}/") // four bytes of text, nine instructions and what surrounds them
	require.NoError(t, err)
	require.Positive(t, budget)
	_, err = c.Compile("/b{9}/")
	require.ErrorIs(t, err, jsonata.ErrLimit)
	_, err = c.Compile("1")
	require.ErrorIs(t, err, jsonata.ErrLimit)
}

// largeTexts are expressions that take too much to compile.
var largeTexts = map[string]string{
	"a pattern":            "/" + strings.Repeat("(?:b{1,30}){1,30}", 400) + "/",
	"patterns":             "[1" + strings.Repeat(", /b{900}/", 400) + "]",
	"groups":               "/" + strings.Repeat("(b?)", 5000) + "/",
	"a class many times":   `/` + strings.Repeat(`\S`, 200_000) + "/",
	"alternatives":         "/" + strings.Repeat("bc|", 200_000) + "/",
	"terms of an order":    "x^(" + strings.Repeat("y, ", 200_000) + "y)",
	"arguments":            "$sum(" + strings.Repeat("2, ", 200_000) + "2)",
	"parents":              strings.Repeat("[", 1000) + "%" + strings.Repeat(", %", 50_000) + strings.Repeat("]", 1000),
	"a long signature":     "function($x)<" + strings.Repeat("(sn)", 100_000) + ">{1}",
	"evaluated, a pattern": `$eval("/` + strings.Repeat("(?:b{1,30}){1,30}", 400) + `/")`,
}

func TestLargeExpressions(t *testing.T) {
	for name, text := range largeTexts {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			expr, err := jsonata.Compile(text)
			if err == nil {
				_, err = expr.Eval(jsonvalue.Value{})
			}
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, jsonata.ErrLimit)
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(200), "MiB allocated")
		})
	}
}

// A program can make values that nest without bound, and whose parts are in them again
// and again.
func TestUnendingData(t *testing.T) {
	deep, shared := jsonvalue.Int(1), jsonvalue.Int(1)
	for range 2_000_000 {
		deep = jsonvalue.Array(deep)
	}
	for range 60 {
		shared = jsonvalue.Array(shared, shared)
	}
	for _, text := range []string{"$", "$string($)", "$v", "$f(1)", "$.**"} {
		for _, v := range []jsonvalue.Value{deep, shared} {
			f := jsonata.Function{Signature: "<n:x>", Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return v, nil }}
			expr, err := jsonata.Config{Functions: map[string]jsonata.Function{"f": f}}.Compile(text)
			require.NoError(t, err)
			_, err = expr.EvalWith(jsonata.Env{Input: v, Variables: jsonata.Vars{"v": v}, Limits: jsonata.Limits{Steps: 100_000}})
			require.ErrorIs(t, err, jsonata.ErrLimit, text)
		}
	}
}

func TestZeroExpr(t *testing.T) {
	var e jsonata.Expr
	_, err := e.Eval(jsonvalue.Value{})
	require.ErrorContains(t, err, "not compiled")
	require.Empty(t, e.References())
}
