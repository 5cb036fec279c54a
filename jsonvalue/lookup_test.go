package jsonvalue

import (
	"fmt"
	"strings"
	"testing"
)

// rows are objects of the same shape and of others, and what is no object.
func rows() Value {
	var many []string
	for i := range smallMembers + 1 {
		many = append(many, fmt.Sprintf(`"m%d": %d`, i, i))
	}
	return MustParse(`[{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"b": 5, "a": 6}, {"": 7}, {}, null, "a", ["a"],` +
		`{"c": 8, "b": 9, "a": null}, {"a": 10}, {` + strings.Join(many, ",") + `}, {"a": 11, "": 12}]`)
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"a", "b", "c", "", "m16", "x"} {
		lookup := Lookup{Name: name}
		for i, row := range rows().Elements() {
			got, gotOK := lookup.In(row)
			want, wantOK := row.Get(name)
			if gotOK != wantOK || !got.Equal(want) {
				t.Errorf("%q in row %d: %v, %v; Get: %v, %v", name, i, got, gotOK, want, wantOK)
			}
		}
	}
}

func TestPluck(t *testing.T) {
	for name, want := range map[string]string{
		"a": `[1,3,6,null,10,11]`, "b": `[2,4,5,9]`, "c": `[8]`, "": `[7,12]`, "m16": `[16]`, "x": `[]`,
	} {
		if got := rows().Pluck(name).String(); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	for _, v := range []Value{{}, String("a"), MustParse(`{"a": 1}`), MustParse(`[]`)} {
		if got := v.Pluck("a").String(); got != `[]` {
			t.Errorf("%v: %s", v, got)
		}
	}
	if depth := MustParse(`[{"a": [1]}]`).Pluck("a").Depth(); depth != 2 {
		t.Errorf("depth %d", depth)
	}
}
