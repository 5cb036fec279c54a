package jsonata

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// describe writes an error like the cases do.
func describe(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	words := fmt.Sprintf("%s %d", e.Code, e.Position)
	if e.Token != "" {
		words += " " + e.Token
	}
	return words + " | " + e.Message
}

func TestSyntaxErrors(t *testing.T) {
	golden.Run(t, "testdata/syntax.txt", func(*testing.T, *golden.Case) func(string) string {
		return func(text string) string {
			_, err := Compile(text)
			return describe(err)
		}
	})
}

func TestReferences(t *testing.T) {
	config := Config{Dialect: StepFunctions, Functions: map[string]Function{"vat": {Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Value{}, nil }}}}
	kinds := map[ReferenceKind]string{VariableReference: "v", FunctionReference: "f", InputReference: "i"}
	golden.Run(t, "testdata/references.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(text string) string {
			expr, err := config.Compile(text)
			require.NoError(t, err, text)
			var words []string
			for _, r := range expr.References() {
				name := r.Name
				if r.Field != "" {
					name += "." + r.Field
				}
				words = append(words, fmt.Sprintf("%s:%s:%d", kinds[r.Kind], name, r.Position))
			}
			return strings.Join(words, " ")
		}
	})
}

func TestNestingIsBounded(t *testing.T) {
	const deep = 1_000_000
	for _, text := range []string{
		strings.Repeat("(", deep), strings.Repeat("[", deep), strings.Repeat("-", deep) + "1",
		"a" + strings.Repeat(".a", deep), "1" + strings.Repeat("+1", deep), "a" + strings.Repeat("?b:a", deep),
		"$f" + strings.Repeat("()", deep), strings.Repeat("{'a':", deep), "a" + strings.Repeat("[0]", deep),
		"a" + strings.Repeat("??a", deep), "a" + strings.Repeat("^(a)", deep), strings.Repeat("function(){", deep),
	} {
		_, err := Compile(text)
		require.ErrorIs(t, err, ErrLimit, "%.20s...", text)
	}
}
