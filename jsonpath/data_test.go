package jsonpath

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

// dataCase is one case of a file in testdata.
type dataCase struct {
	where string // file:line
	doc   jsonvalue.Value
	path  string
	want  string // as in the file: a mark, a blank, the rest
}

func readCases(t testing.TB, file string) []dataCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []dataCase
	var doc jsonvalue.Value
	path := ""
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "doc "):
			doc = jsonvalue.MustParse(line[len("doc "):])
		case strings.HasPrefix(line, "\t"):
			cases = append(cases, dataCase{fmt.Sprintf("%s:%d", file, i), doc, path, line[1:]})
		default:
			path = line
		}
	}
	return cases
}

// refusal is the form of a *SyntaxError in testdata.
func refusal(err error) string {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprintf("not a SyntaxError: %v", err)
	}
	return fmt.Sprintf("x %d %s", syntax.Offset, syntax.Message)
}

func TestPaths(t *testing.T) {
	for _, file := range []string{"testdata/paths.txt", "testdata/filters.txt"} {
		for _, c := range readCases(t, file) {
			if got := evaluate(c.path, c.doc); got != c.want {
				t.Errorf("%s: %s\n got %s\nwant %s", c.where, c.path, got, c.want)
			}
		}
	}
}

func evaluate(text string, doc jsonvalue.Value) string {
	path, err := Parse(text)
	if err != nil {
		return refusal(err)
	}
	v, err := path.Get(doc)
	switch {
	case err != nil:
		return "! " + err.Error()
	case path.Definite():
		return "= " + v.String()
	}
	return "* " + v.String()
}

func TestReferences(t *testing.T) {
	for _, c := range readCases(t, "testdata/references.txt") {
		if got := write(c.path, c.doc); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.where, c.path, got, c.want)
		}
	}
}

func write(text string, doc jsonvalue.Value) string {
	ref, err := ParseReference(text)
	if err != nil {
		return refusal(err)
	}
	v, err := ref.Set(doc, jsonvalue.String("NEW"))
	if err != nil {
		return "! " + err.Error()
	}
	if got, err := ref.Path().Get(v); err != nil || got.String() != `"NEW"` {
		return fmt.Sprintf("reads back as %v, %v", got, err)
	}
	return "= " + v.String()
}
