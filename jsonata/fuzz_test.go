package jsonata

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// FuzzEval compiles any text and evaluates it over one document: it ends with a
// value, with nothing or with an Error, and twice the same way.
func FuzzEval(f *testing.F) {
	files, _ := filepath.Glob("testdata/eval/*.txt")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, p := range strings.Split(string(text), "\n\n") {
			expr, _, _ := strings.Cut(p, "\n")
			f.Add(expr, uint8(i%3))
		}
	}
	input := jsonvalue.MustParse(`{"a": {"b": 1, "c": null}, "list": [3, 1, 2], "rows": [{"k": "x", "n": 1, "t": ["p", "q"]},
		{"k": "y", "n": 2.5, "t": []}, {"k": "x"}], "s": "some text, 12 words", "e": "a😀b", "deep": [[1, 2], [3, [4, 5]]]}`)
	f.Fuzz(func(t *testing.T, text string, level uint8) {
		c := Config{Dialect: Dialect(level % 3)}
		expr, err := c.Compile(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: %T %v", text, err, err)
			}
			return
		}
		expr.References()
		first, second := fuzzOutcome(t, expr, input), fuzzOutcome(t, expr, input)
		if first != second {
			t.Fatalf("%q: %s, then %s", text, first, second)
		}
	})
}

func fuzzOutcome(t *testing.T, expr *Expr, input jsonvalue.Value) string {
	v, err := expr.EvalWith(Env{
		Input: input, Variables: Vars{"x": input}, Now: time.UnixMilli(1_773_065_106_078), Random: new(counter),
		Limits: Limits{Steps: 20_000, Depth: 200, Sequence: 5_000, Text: 50_000},
	})
	var e *Error
	switch {
	case errors.Is(err, ErrUndefined):
		return "nothing"
	case errors.As(err, &e):
		return e.Code + e.Message
	case err != nil:
		t.Fatalf("%q: %T %v", expr, err, err)
	}
	return v.String()
}
