package jsonpath

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// FuzzPath evaluates any text on any document. It checks that errors are of
// the documented types, the shortcut for plain paths agrees with the search, a
// path as it is printed leads to the same, an indefinite path yields an array, nothing panics.
func FuzzPath(f *testing.F) {
	const doc = `{"a":{"b":[1,{"c":"x"},null]},"list":[{"n":1},{"n":"2"},{"n":null}],"s":"text"}`
	for _, c := range golden.Read(f, "testdata/*.txt") {
		for _, path := range c.Inputs() {
			f.Add(path, c.Setup)
		}
	}
	f.Add("$.list[?(@.n =~ /[12]/i && !@.x || $.s == 'text')]..n[(@.length-1)]", doc)
	f.Fuzz(func(t *testing.T, text, docText string) {
		root, err := jsonvalue.Parse([]byte(docText))
		if err != nil {
			root = jsonvalue.MustParse(doc)
		}
		path, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Fatalf("Parse: %#v", err)
			}
			return
		}
		checkGet(t, path, root)
		checkPrinted(t, path, root)
		checkSet(t, text, root)
	})
}

func checkGet(t *testing.T, path *Path, root jsonvalue.Value) {
	v, err := path.Get(root)
	w, searchErr := path.search(0, root, root)
	if (err == nil) != (searchErr == nil) || !v.Equal(w) {
		t.Fatalf("Get yields %v, %v; search %v, %v", v, err, w, searchErr)
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Err == nil || e.Message == "") {
		t.Fatalf("Get: %#v", err)
	}
	if err == nil && !path.Definite() && v.Kind() != jsonvalue.KindArray {
		t.Fatalf("indefinite, but yields %v", v)
	}
}

// checkPrinted follows the path as messages show it.
func checkPrinted(t *testing.T, path *Path, root jsonvalue.Value) {
	for _, h := range path.hops {
		if h.kind == noHop || strings.ContainsAny(h.name, "'[]") {
			return
		}
	}
	printed, err := Parse("$" + path.textFrom(0))
	if err != nil {
		t.Fatalf("%s: %v", path.textFrom(0), err)
	}
	v, err := path.Get(root)
	w, printedErr := printed.Get(root)
	if fmt.Sprint(err) != fmt.Sprint(printedErr) || !v.Equal(w) {
		t.Fatalf("%v, %v; as printed %v, %v", v, err, w, printedErr)
	}
}

// checkSet reads back what it wrote.
func checkSet(t *testing.T, text string, root jsonvalue.Value) {
	ref, err := ParseReference(text)
	if err != nil {
		return
	}
	x := jsonvalue.String("new")
	v, err := ref.Set(root, x)
	if err != nil {
		return
	}
	if got, err := ref.Path().Get(v); err != nil || !got.Equal(x) {
		t.Fatalf("Set, then Get: %v, %v", got, err)
	}
}
