package jsonvalue

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
)

func TestNumbersKeepValueAndForm(t *testing.T) {
	golden.Run(t, "testdata/numbers.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(text string) string {
			v, err := Parse([]byte(text))
			require.NoError(t, err, text)
			assert.Equal(t, len(v.String()), v.Size(), text)
			return v.String()
		}
	})
}

func TestSyntaxErrors(t *testing.T) {
	golden.Run(t, "testdata/errors.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(text string) string {
			text = strings.NewReplacer(`<LF>`, "\n", `<FF>`, "\xff", `<EMPTY>`, "").Replace(text)
			_, err := Parse([]byte(text))
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax, text)
			return syntax.Message
		}
	})
	_, err := Parse([]byte("{\"é\":\n  1,\n \"ü\" 2}"))
	var syntax *SyntaxError
	require.True(t, errors.As(err, &syntax))
	assert.Equal(t, [3]int{3, 6, 18}, [3]int{syntax.Line, syntax.Column, syntax.Offset})
}

func TestDepthIsLimited(t *testing.T) {
	for depth, ok := range map[int]bool{MaxDepth: true, MaxDepth + 1: false, 1000000: false} {
		_, err := Parse([]byte(strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth)))
		assert.Equal(t, ok, err == nil, "%d: %v", depth, err)
	}
}

func TestDepth(t *testing.T) {
	for text, want := range map[string]int{
		`1`: 0, `"x"`: 0, `null`: 0, `[]`: 1, `{}`: 1, `[1,[2,{"a":[]}],3]`: 4, `{"a":{"b":{}},"c":[]}`: 3,
	} {
		assert.Equal(t, want, MustParse(text).Depth(), text)
	}
	var v Value
	for range 5000 {
		v = Array(Int(1), v)
	}
	assert.Equal(t, 5000, v.Depth())
	assert.Equal(t, 5001, Object(Member{"a", v}).Depth())
	assert.Equal(t, 2, MustParse(`{"a":[[]]}`).With("a", MustParse("[]")).Depth())
}

func TestRepeatedNames(t *testing.T) {
	assert.Equal(t, `{"a":3,"b":2}`, MustParse(`{"a":1,"b":2,"a":3}`).String())
	var b strings.Builder
	for range 3 {
		for i := range 40 {
			b.WriteString(`,"` + strings.Repeat("x", i) + `":` + string(rune('0'+i%10)))
		}
	}
	large := MustParse("{" + b.String()[1:] + "}")
	assert.Equal(t, 40, large.Len())
	m, ok := large.Get("xxxxx")
	assert.True(t, ok)
	assert.Equal(t, "5", m.String())
}

func TestNothingChangesAValue(t *testing.T) {
	for _, members := range []int{3, 16, 17, 40} {
		v := Object()
		for i := range members {
			v = v.With(strings.Repeat("n", i+1), Int(int64(i)))
		}
		before := v.String()
		w := v.With("nn", String("new")).With("other", Bool(true)).Without("n")
		assert.Equal(t, before, v.String())
		assert.Equal(t, members, w.Len())
		got, _ := w.Get("nn")
		assert.Equal(t, `"new"`, got.String())
		_, ok := w.Get("n")
		assert.False(t, ok)
	}
	elements := []Value{Int(1), Int(2)}
	a := Array(elements...)
	elements[0] = Int(9)
	b, ok := a.WithIndex(1, Int(3))
	assert.True(t, ok)
	assert.Equal(t, "[1,2] [1,3]", a.String()+" "+b.String())
	_, ok = a.WithIndex(2, Int(3))
	assert.False(t, ok)
	assert.Equal(t, `{"a":1}`, Int(7).With("a", Int(1)).String())
}

func TestEqual(t *testing.T) {
	for _, c := range [][2]string{
		{`1`, `1.0`}, {`100`, `1e2`}, {`0`, `-0.0`}, {`12345678901234567890`, `12345678901234567890.0`},
		{`9007199254740993`, `9007199254740993.0`}, {`{"a":1,"b":[2]}`, `{"b":[2.0],"a":1}`}, {`null`, `null`},
	} {
		assert.True(t, MustParse(c[0]).Equal(MustParse(c[1])), c)
	}
	for _, c := range [][2]string{
		{`1`, `1.5`}, {`1`, `"1"`}, {`9007199254740993`, `9007199254740992.0`}, {`{"a":1}`, `{"a":1,"b":1}`},
		{`{"a":1}`, `{"b":1}`}, {`[1]`, `[1,1]`}, {`true`, `false`}, {`1e400`, `1e401`}, {`null`, `0`},
	} {
		assert.False(t, MustParse(c[0]).Equal(MustParse(c[1])), c)
	}
}

func TestAsInt64(t *testing.T) {
	for text, want := range map[string]int64{"7": 7, "7.0": 7, "70e-1": 7, "-9223372036854775808": math.MinInt64, "9007199254740993.0": 9007199254740993} {
		n, ok := MustParse(text).AsInt64()
		assert.True(t, ok, text)
		assert.Equal(t, want, n)
	}
	for _, text := range []string{"7.5", "9223372036854775808", "1e19", "1e400", `"7"`, "null", "0.1000000000000000055"} {
		_, ok := MustParse(text).AsInt64()
		assert.False(t, ok, text)
	}
}

func TestStrings(t *testing.T) {
	lone := MustParse(`"\ud800"`)
	assert.Equal(t, `"\uD800"`, lone.String())
	s, _ := lone.AsString()
	assert.True(t, String(s).Equal(lone), "a lone surrogate survives")
	assert.Equal(t, `"😀"`, MustParse(`"\ud83d\ude00"`).String())
	assert.Equal(t, `"😀"`, String("\xed\xa0\xbd\xed\xb8\x80").String(), "two halves join")
	assert.Equal(t, `"a�b"`, String("a\xffb").String())
	assert.Equal(t, `"\u0001\n\"\\/\u001F"`, String("\x01\n\"\\/\x1f").String())
}

func TestOf(t *testing.T) {
	for want, x := range map[string]any{
		`{"a":1,"b":[true,null,"x"]}`: map[string]any{"b": []any{true, nil, "x"}, "a": 1},
		`1.5`:                         1.5,
		`1`:                           1.0,
		`"<&>"`:                       "<&>",
	} {
		v, err := Of(x)
		require.NoError(t, err)
		assert.Equal(t, want, v.String())
	}
	for _, x := range []any{math.NaN(), make(chan int), []byte("{}"), func() {}} {
		_, err := Of(x)
		assert.Error(t, err)
	}
	_, err := Float(math.Inf(1))
	assert.Error(t, err)
	_, err = Number("1 ")
	assert.Error(t, err)
	n, err := Number("1e400")
	require.NoError(t, err)
	assert.Equal(t, "1e400", n.String())
}
