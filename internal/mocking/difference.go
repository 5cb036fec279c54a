package mocking

import (
	"fmt"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// Difference says, a line each, where a value at a path is not the wanted one; "":
// nowhere.
func Difference(path string, got, want jsonvalue.Value) string {
	var b strings.Builder
	differ(&b, path, got, want)
	return b.String()
}

func differ(b *strings.Builder, path string, got, want jsonvalue.Value) {
	switch {
	case got.Equal(want):
	case got.Kind() == jsonvalue.KindObject && want.Kind() == jsonvalue.KindObject:
		differMembers(b, path, got, want)
	case got.Kind() == jsonvalue.KindArray && want.Kind() == jsonvalue.KindArray:
		differElements(b, path, got, want)
	default:
		fmt.Fprintf(b, "  ! %s: got %s, want %s\n", path, Short(got), Short(want))
	}
}

func differMembers(b *strings.Builder, path string, got, want jsonvalue.Value) {
	for name, g := range got.Members() {
		if w, ok := want.Get(name); ok {
			differ(b, member(path, name), g, w)
		} else {
			fmt.Fprintf(b, "  + %s = %s (unexpected)\n", member(path, name), Short(g))
		}
	}
	for name, w := range want.Members() {
		if _, ok := got.Get(name); !ok {
			fmt.Fprintf(b, "  - %s = %s (missing)\n", member(path, name), Short(w))
		}
	}
}

func differElements(b *strings.Builder, path string, got, want jsonvalue.Value) {
	for i, g := range got.Elements() {
		at := fmt.Sprintf("%s[%d]", path, i)
		if w, ok := want.Index(i); ok {
			differ(b, at, g, w)
		} else {
			fmt.Fprintf(b, "  + %s = %s (unexpected)\n", at, Short(g))
		}
	}
	for i, w := range want.Elements() {
		if i >= got.Len() {
			fmt.Fprintf(b, "  - %s[%d] = %s (missing)\n", path, i, Short(w))
		}
	}
}

// member returns the path of a member.
func member(path, name string) string {
	for i, c := range name {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return fmt.Sprintf("%s[%q]", path, name)
		}
	}
	if name == "" {
		return path + `[""]`
	}
	return path + "." + name
}
