package jsonvalue

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A value that nests too deeply for recursion is written and measured all the same.
func TestDeep(t *testing.T) {
	const depth = 300_000
	v := Int(7)
	for i := range depth {
		if i%3 == 0 {
			v = Object(Member{"a", Bool(true)}, Member{"é", v})
		} else {
			v = Array(Array(), v, String("x"))
		}
	}
	text := v.AppendJSON(nil)
	assert.Equal(t, len(text), v.Size())
	inner := strings.Repeat(`[[],[[],{"a":true,"é":`, 2) + "7" + strings.Repeat(`},"x"],"x"]`, 2)
	assert.Contains(t, string(text), inner)
	assert.Equal(t, strings.Count(string(text), "["), strings.Count(string(text), "]"))
}

func TestDeepReadsBack(t *testing.T) {
	v := MustParse(`{"a": [1, {"b": []}], "c": null}`)
	for range MaxDepth - 4 {
		v = Array(Int(1), v)
	}
	require.Equal(t, MaxDepth, v.Depth())
	back, err := Parse(v.AppendJSON(nil))
	require.NoError(t, err)
	deeper := Array(v, Object(Member{"x", v}))
	assert.Equal(t, "["+v.String()+`,{"x":`+v.String()+"}]", deeper.String())
	assert.Equal(t, len(deeper.String()), deeper.Size())
	assert.True(t, back.Equal(v))
}

// Parts that occur in a value over and over are measured once.
func TestSharedSize(t *testing.T) {
	v, want := String("text"), 6
	for range 30 {
		v, want = Array(v, v), 2*want+3
		assert.Equal(t, want, v.Size())
	}
	o := Object(Member{"n", v}, Member{"m", v}, Member{"k", Array()})
	assert.Equal(t, 2*want+len(`{"n":,"m":,"k":[]}`), o.Size())
	for range 60 {
		v = Object(Member{"left", v}, Member{"right", v})
	}
	assert.Equal(t, math.MaxInt, v.Size())
	assert.True(t, v.Equal(v), "one and the same")
	deep := Int(1)
	for range 200_000 {
		deep = Array(deep, deep)
	}
	assert.Equal(t, math.MaxInt, deep.Size())
	assert.Equal(t, plainSize+2, String(strings.Repeat("x", plainSize)).Size())
}

// Arrays and objects with one content are the same; those that only look alike are not.
func TestSame(t *testing.T) {
	for _, text := range []string{`[1, 2]`, `{"a": 1}`, `{"a": [1], "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10}`} {
		v, w := MustParse(text), MustParse(text)
		assert.True(t, v.Same(v))
		assert.False(t, v.Same(w))
		assert.True(t, v.Equal(w))
	}
	for _, text := range []string{`null`, `true`, `1`, `"text"`} {
		v := MustParse(text)
		assert.False(t, v.Same(v), "it has no content to share")
	}
}

// Parts that occur over and over are compared once, and nesting has no bound.
func TestSharedEqual(t *testing.T) {
	double := func(v Value, times int) Value {
		for range times {
			v = Object(Member{"l", v}, Member{"r", Array(v, Int(0))})
		}
		return v
	}
	assert.True(t, double(Int(1), 70).Equal(double(Int(1), 70)))
	assert.False(t, double(Int(1), 70).Equal(double(Int(2), 70)))
	assert.False(t, double(Int(1), 70).Equal(double(Int(1), 71)))
	assert.True(t, double(Array(), 40_000).Equal(double(Array(), 40_000)))
	assert.False(t, double(Array(), 40_000).Equal(double(Object(), 40_000)))
}
