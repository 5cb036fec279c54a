package jsonata

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// textCase is one case of a file in testdata: the lines of an expression, and a
// line that begins with a mark and says what it yields.
type textCase struct {
	name, expr string
	mark       byte
	want       string
}

// readCases reads a file of cases. Empty lines and comments separate them.
func readCases(t testing.TB, name, marks string) []textCase {
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	var cases []textCase
	var expr []string
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case expr == nil && (line == "" || line[0] == '#'):
		case len(expr) > 0 && line != "" && strings.IndexByte(marks, line[0]) >= 0 && (len(line) == 1 || line[1] == ' '):
			cases = append(cases, textCase{
				name: fmt.Sprintf("line %d", i+1), expr: strings.Join(expr, "\n"),
				mark: line[0], want: strings.TrimSpace(line[1:]),
			})
			expr = nil
		default:
			expr = append(expr, line)
		}
	}
	require.Nil(t, expr, "%s ends inside a case", name)
	return cases
}

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
	for _, c := range readCases(t, "syntax.txt", "!") {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile(c.expr)
			require.Equal(t, c.want, describe(err), c.expr)
		})
	}
}

func TestReferences(t *testing.T) {
	config := Config{Dialect: StepFunctions, Functions: map[string]Function{"vat": {Call: func([]jsonvalue.Value) (jsonvalue.Value, error) { return jsonvalue.Value{}, nil }}}}
	kinds := map[ReferenceKind]string{VariableReference: "v", FunctionReference: "f", InputReference: "i"}
	for _, c := range readCases(t, "references.txt", ">") {
		t.Run(c.name, func(t *testing.T) {
			expr, err := config.Compile(c.expr)
			require.NoError(t, err)
			var words []string
			for _, r := range expr.References() {
				name := r.Name
				if r.Field != "" {
					name += "." + r.Field
				}
				words = append(words, fmt.Sprintf("%s:%s:%d", kinds[r.Kind], name, r.Position))
			}
			require.Equal(t, c.want, strings.Join(words, " "), c.expr)
		})
	}
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
