package intrinsics

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

func mustParse(t testing.TB, text string) *Call {
	t.Helper()
	call, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return call
}

func TestCallKnowsItself(t *testing.T) {
	const text = "States.Format('{}', States.UUID())"
	call := mustParse(t, text)
	if call.Function() != "States.Format" || call.String() != text {
		t.Errorf("got %s, %s", call.Function(), call)
	}
}

func TestErrorWrapsThePath(t *testing.T) {
	_, err := mustParse(t, "States.Array($.a)").Eval(jsonvalue.Object())
	var failure *Error
	if !errors.As(err, &failure) || failure.Function != "States.Array" || !errors.Is(err, jsonpath.ErrNoLeaf) {
		t.Errorf("got %#v", err)
	}
}

// Randomness comes from the source alone: the same source, the same values.
func TestRandom(t *testing.T) {
	call := mustParse(t, "States.Array(States.UUID(), States.MathRandom(0, 1000000), States.MathRandom(-5, 5, 7), States.UUID())")
	eval := func(seed uint64) string {
		v, err := call.EvalWith(Env{Random: rand.NewPCG(seed, 0)})
		if err != nil {
			t.Fatal(err)
		}
		return v.String()
	}
	first := eval(1)
	if again := eval(1); first != again {
		t.Errorf("%s, then %s", first, again)
	}
	if other := eval(2); first == other {
		t.Errorf("another source gives %s as well", other)
	}
	const id = `"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`
	if form := regexp.MustCompile(`^\[` + id + `,\d+,-?\d,` + id + `\]$`); !form.MatchString(first) {
		t.Errorf("got %s", first)
	}
}

func TestNoRandom(t *testing.T) {
	for _, text := range []string{"States.UUID()", "States.MathRandom(1, 2)"} {
		if _, err := mustParse(t, text).Eval(jsonvalue.Value{}); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	if _, err := mustParse(t, "States.MathRandom(1, 2, 3)").Eval(jsonvalue.Value{}); err != nil {
		t.Error(err)
	}
}

// java.util.Random gives these numbers for these seeds and bounds.
func TestJavaRandom(t *testing.T) {
	for _, c := range []struct {
		seed  int64
		bound int32
		want  int32
	}{{3, 999, 239}, {42, 999, 125}, {-1, 999, 41}, {0, 999, 672}, {1234567890123, 999, 677}} {
		if got := newJavaRandom(c.seed).below(c.bound); got != c.want {
			t.Errorf("seed %d, bound %d: %d, want %d", c.seed, c.bound, got, c.want)
		}
	}
	r := newJavaRandom(42)
	r.below(999)
	if got := r.next(32); got != 234785527 {
		t.Errorf("second number of seed 42: %d", got)
	}
	if got := r.below(64); got != 43 {
		t.Errorf("third number of seed 42, below a power of two: %d", got)
	}
}

func TestMathRandomRange(t *testing.T) {
	for _, text := range []string{"States.MathRandom(-2147483648, 2147483647)", "States.MathRandom(-2147483648, 2147483647, 5)", "States.MathRandom(-3, 4)", "States.MathRandom(-3, 4, 9)"} {
		call := mustParse(t, text)
		source := rand.NewPCG(7, 7)
		for range 100 {
			v, err := call.EvalWith(Env{Random: source})
			n, _ := v.AsInt64()
			if err != nil || strings.Contains(text, "-3") && (n < -3 || n >= 4) {
				t.Fatalf("%s: %v, %v", text, v, err)
			}
		}
	}
}

func TestLengthLimits(t *testing.T) {
	long := jsonvalue.String(strings.Repeat("ü", maxCharacters))
	longer := jsonvalue.String(strings.Repeat("x", maxCharacters+1))
	for _, text := range []string{"States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"} {
		call := mustParse(t, text)
		if _, err := call.Eval(long); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := call.Eval(longer); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	halves := jsonvalue.String(strings.Repeat("😀", maxCharacters/2)) // two code units each
	if _, err := mustParse(t, "States.Base64Encode(States.Format('{}', $))").Eval(halves); err != nil {
		t.Error(err)
	}
	if _, err := mustParse(t, "States.Base64Encode(States.Format('{}x', $))").Eval(halves); err == nil {
		t.Error("10,001 code units are accepted")
	}
}

// Jackson names the limits that a text exceeds.
func TestLimitsOfStringToJSON(t *testing.T) {
	call := mustParse(t, "States.StringToJson($)")
	for text, want := range map[string]string{
		strings.Repeat("[", 1001) + strings.Repeat("]", 1001): "Document nesting depth (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNestingDepth()`)",
		strings.Repeat("7", 1001):                             "Number value length (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNumberLength()`)",
	} {
		_, err := call.Eval(jsonvalue.String(text))
		if err == nil || err.Error() != "Cannot convert String to Json in States.StringToJson, caused by: "+want {
			t.Errorf("%.10s: %v", text, err)
		}
	}
}

// A short call can ask for much more data than its input has.
func TestBudget(t *testing.T) {
	input := jsonvalue.Array(jsonvalue.String(strings.Repeat("x", 250_000)), jsonvalue.Int(1))
	many := strings.Repeat("$,", 400) + "$"
	for _, text := range []string{
		"States.Format('" + strings.Repeat("{}", 401) + "'," + many + ")",
		"States.Base64Encode(States.Format('" + strings.Repeat("{}", 401) + "'," + many + "))",
		"States.JsonToString(States.Array(" + many + "))",
		"States.Hash(States.Array(" + many + "), 'MD5')",
		"States.ArrayUnique(States.Array(" + many + "))",
		"States.ArrayContains(States.Array(" + many + "), 1)",
	} {
		if _, err := mustParse(t, text).Eval(input); err == nil || !strings.Contains(err.Error(), "limit") {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	if _, err := Parse("States.Array(" + strings.Repeat("1,", maxArguments) + "1)"); err == nil {
		t.Error("too many arguments are accepted")
	}
}

func TestConcurrentUse(t *testing.T) {
	call := mustParse(t, "States.Format('{}-{}', $.a, States.ArrayLength($.b))")
	input := jsonvalue.MustParse(`{"a": "x", "b": [1, 2]}`)
	done := make(chan string)
	for range 8 {
		go func() {
			text := ""
			for range 200 {
				v, err := call.Eval(input)
				if text = v.String(); err != nil || text != `"x-2"` {
					break
				}
			}
			done <- text
		}()
	}
	for range 8 {
		if text := <-done; text != `"x-2"` {
			t.Errorf("got %s", text)
		}
	}
}

// A call tells how many bytes of data it looked through, also if it fails.
func TestSpent(t *testing.T) {
	spent := 0
	env := Env{Input: jsonvalue.MustParse(`{"long": "` + strings.Repeat("x", 10_000) + `"}`), Spent: &spent}
	for _, text := range []string{"States.JsonToString($)", "States.Base64Encode(States.Format('{}{}', $.long, $.long))"} {
		before := spent
		call, err := Parse(text)
		require.NoError(t, err)
		_, _ = call.EvalWith(env)
		require.GreaterOrEqual(t, spent-before, 10_000, text)
	}
}

func TestZeroCall(t *testing.T) {
	var c Call
	_, err := c.Eval(jsonvalue.Value{})
	require.ErrorContains(t, err, "not parsed")
	require.Empty(t, c.Function())
}
