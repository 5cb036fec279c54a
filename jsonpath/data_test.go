package jsonpath

import (
	"errors"
	"fmt"
	"testing"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// refusal is the form of a *SyntaxError in testdata.
func refusal(err error) string {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprintf("not a SyntaxError: %v", err)
	}
	return fmt.Sprintf("x %d %s", syntax.Offset, syntax.Message)
}

// A case of testdata has a document, and paths as inputs.
func TestPaths(t *testing.T) {
	for _, pattern := range []string{"testdata/paths.txt", "testdata/filters.txt"} {
		golden.Run(t, pattern, func(_ *testing.T, c *golden.Case) func(string) string {
			doc := jsonvalue.MustParse(c.Setup)
			return func(path string) string { return evaluate(path, doc) }
		})
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
	golden.Run(t, "testdata/references.txt", func(_ *testing.T, c *golden.Case) func(string) string {
		doc := jsonvalue.MustParse(c.Setup)
		return func(path string) string { return write(path, doc) }
	})
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
