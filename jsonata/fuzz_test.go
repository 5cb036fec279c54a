package jsonata

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// seed adds the expressions of testdata/eval.
func seed(f *testing.F) {
	for _, c := range golden.Read(f, "testdata/eval/*.txt") {
		for i, expr := range c.Inputs() {
			f.Add(expr, uint8(i%3))
		}
	}
}

var fuzzInput = jsonvalue.MustParse(`{"a": {"b": 1, "c": null}, "list": [3, 1, 2], "rows": [{"k": "x", "n": 1, "t": ["p", "q"]},
	{"k": "y", "n": 2.5, "t": []}, {"k": "x"}], "s": "some text, 12 words", "e": "a😀b", "deep": [[1, 2], [3, [4, 5]]]}`)

// FuzzEval compiles any text and evaluates it over one document: it ends with a
// value, with nothing or with an Error, and twice the same way.
func FuzzEval(f *testing.F) {
	seed(f)
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
		first, second := fuzzOutcome(t, expr, fuzzInput), fuzzOutcome(t, expr, fuzzInput)
		if first != second {
			t.Fatalf("%q: %s, then %s", text, first, second)
		}
	})
}

// FuzzOpen compiles an expression a second time as if any variable could be
// bound outside, which takes away every short cut of variables and frames. It
// has the same outcome.
func FuzzOpen(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string, level uint8) {
		c := Config{Dialect: Dialect(level % 3)}
		expr, err := c.Compile(text)
		if err != nil {
			return
		}
		budget := DefaultBudget
		c.Budget = &budget
		_, root, _, err := c.compile(text, true)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		open := *expr
		open.root = root
		first, second := fuzzOutcome(t, expr, fuzzInput), fuzzOutcome(t, &open, fuzzInput)
		limit := func(s string) bool {
			return strings.HasPrefix(s, "Expression evaluation") || strings.HasPrefix(s, "Stack overflow")
		}
		if first != second && !limit(first) && !limit(second) {
			t.Fatalf("%q: %s, or %s", text, first, second)
		}
	})
}

// FuzzBudget evaluates within few steps: the evaluation ends soon after they are
// used up, and has made no more than they pay for.
func FuzzBudget(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string, level uint8) {
		expr, err := Config{Dialect: Dialect(level % 3)}.Compile(text)
		if err != nil {
			return
		}
		const steps, overdraft, bytes = 50_000, 1_000_000, 64 << 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ev := &evaluation{expr: expr, limits: Limits{}.complete(expr.config.Dialect), steps: steps}
		ev.env = Env{Variables: Vars{"x": fuzzInput}, Now: time.UnixMilli(1_773_065_106_078), Random: new(counter)}
		if !expr.aws() {
			ev.input = data(fuzzInput)
		}
		_, _ = ev.eval(expr.root, ev.input, &ev.frame)
		runtime.ReadMemStats(&after)
		if ev.steps < -overdraft {
			t.Fatalf("%q: %d steps too many", text, -ev.steps)
		}
		if made := after.TotalAlloc - before.TotalAlloc; made > bytes && ev.steps > 0 {
			t.Fatalf("%q: %d bytes made within %d steps", text, made, steps-ev.steps)
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
