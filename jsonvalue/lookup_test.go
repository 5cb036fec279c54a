package jsonvalue

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
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

// Objects of a list share the memory of their names, and repeated members are
// merged although the object before has none.
func TestNamesAreShared(t *testing.T) {
	list := MustParse(`[{"a": 1, "in": {"x": [{"deep": 1}]}}, {"a": 2, "in": {"x": [{"deep": 2}, {"deep": 3}]}}, {"a": 3, "b": 4, "a": 5}, {"a": 6, "a": 7}]`)
	if got, want := list.String(), `[{"a":1,"in":{"x":[{"deep":1}]}},{"a":2,"in":{"x":[{"deep":2},{"deep":3}]}},{"a":5,"b":4},{"a":7}]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	first, second := list.elements()[0].members(), list.elements()[1].members()
	deep := func(m Member, i int) *byte {
		return unsafe.StringData(m.Value.members()[0].Value.elements()[i].members()[0].Name)
	}
	if unsafe.StringData(first[0].Name) != unsafe.StringData(second[0].Name) || deep(first[1], 0) != deep(second[1], 1) {
		t.Error("names are there twice")
	}
}

// A list of random shapes is read as each of its elements alone.
func TestListsOfAnyShapes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var shape func(depth int) string
	shape = func(depth int) string {
		n := random.IntN(5)
		var parts []string
		switch kind := random.IntN(6); {
		case depth == 0 || kind == 0:
			return fmt.Sprint(n)
		case kind == 1:
			for range n {
				parts = append(parts, shape(depth-1))
			}
			return "[" + strings.Join(parts, ",") + "]"
		case kind == 2:
			n *= 5
		}
		for i := range n {
			parts = append(parts, fmt.Sprintf(`"%c":%s`, 'a'+(i+random.IntN(2)*random.IntN(3))%26, shape(depth-1)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	for range 3000 {
		parts := []string{shape(3), shape(3), shape(3), shape(3)}
		list := MustParse("[" + strings.Join(parts, ",") + "]")
		for i, part := range parts {
			if got, want := list.elements()[i], MustParse(part); got.String() != want.String() || got.Depth() != want.Depth() {
				t.Fatalf("%s: element %d is %s, want %s", parts, i, got, want)
			}
		}
	}
}
