package javahash

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/statemill/statemill/jsonvalue"
)

// The expected values were printed by Java.
func TestString(t *testing.T) {
	for text, want := range map[string]int32{
		"": 0, "a": 97, "order": 106006350, "naïve": 104710475, "日本語": 25921943,
		"x\U0001F600y":                 58534910,
		"\xed\xa0\x80z":                1714298, // a lone surrogate
		"a text that overflows by far": 348554210,
	} {
		assert.Equal(t, want, String(text), text)
	}
	for _, broken := range []string{"\xf0", "é\xe2\x82", "\xc3"} {
		assert.NotPanics(t, func() { _ = String(broken) }, broken)
	}
}

func TestValue(t *testing.T) {
	for text, want := range map[string]int32{
		`null`: 0, `true`: 1231, `false`: 1237, `-7`: -7, `7.0`: 7, `2.5`: 1074003968,
		`5000000000`: 705032705, `-5000000000`: 705032702,
		`123456789012345678901234567890`: 1915528825, `-98765432109876543210`: 550835337,
		`[1, null, true, "a", [2]]`: 30738703, `[]`: 1, `{}`: 0,
		`{"a": 1, "bb": null, "c": "x"}`: 3259, `{"c": "x", "bb": null, "a": 1}`: 3259,
	} {
		assert.Equal(t, want, Value(jsonvalue.MustParse(text)), text)
	}
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		why    string
		hashes []int32
		want   []int
	}{
		{"nothing", nil, []int{}},
		{"by bucket", []int32{5, 1, 3}, []int{1, 2, 0}},
		{"in a bucket by arrival", []int32{33, 17, 2, 1}, []int{0, 1, 3, 2}},
		{"high bits count", []int32{0x30000, 2}, []int{1, 0}},
		{"twelve are not too many", []int32{16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{"thirteen double the table", []int32{16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0}},
		{"so do nine in a bucket", []int32{16, 0, 32, 64, 96, 128, 160, 192, 224}, []int{1, 2, 3, 4, 5, 6, 7, 8, 0}},
	} {
		assert.Equal(t, c.want, Order(c.hashes), c.why)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, []int{2, 0, 1}, Names([]string{"id", "user", "total"}))
}
