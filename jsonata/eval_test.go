package jsonata

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// counter is a source of randomness that counts.
type counter uint64

func (c *counter) Uint64() uint64 {
	*c += 0x1234_5678_9ABC_DEF0
	return uint64(*c)
}

// evalCase is a case of testdata/eval: its setup gives the dialect and the input
// of its expressions.
type evalCase struct {
	config Config
	env    Env
}

// TestEval evaluates the expressions in testdata/eval.
func TestEval(t *testing.T) {
	golden.Run(t, "testdata/eval/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		e := evalCase{env: Env{Now: time.Date(2026, 3, 9, 14, 5, 6, 78e6, time.UTC), Limits: Limits{Steps: 2_000_000}}}
		for line := range strings.Lines(c.Setup) {
			e.setup(t, strings.TrimSuffix(line, "\n"))
		}
		return e.outcome
	})
}

// setup takes one line of a setup.
func (e *evalCase) setup(t *testing.T, line string) {
	what, text, _ := strings.Cut(line, " ")
	switch what {
	case "dialect":
		dialect, known := map[string]Dialect{"2.2": V2_2, "2.0": V2_0, "aws": StepFunctions}[text]
		require.True(t, known, line)
		e.config.Dialect = dialect
	case "input":
		e.env.Input = jsonvalue.MustParse(text)
		e.env.Variables = Vars{"in": e.env.Input}
	default:
		t.Fatalf("%q is neither dialect nor input", line)
	}
}

// outcome evaluates an expression.
func (e *evalCase) outcome(text string) string {
	env := e.env
	env.Random = new(counter)
	expr, err := e.config.Compile(text)
	var v jsonvalue.Value
	if err == nil {
		v, err = expr.EvalWith(env)
	}
	switch {
	case errors.Is(err, ErrUndefined):
		return "~"
	case err != nil:
		return "! " + describe(err)
	}
	return "= " + v.String()
}

// TestEvalConcurrently evaluates one expression on many goroutines.
func TestEvalConcurrently(t *testing.T) {
	expr := MustCompile("$sum(rows[ok].(n * 2)) & $map(rows, function($r, $i) { $i & $r.n })[1]")
	input := jsonvalue.MustParse(`{"rows": [{"n": 1, "ok": true}, {"n": 20}, {"n": 300, "ok": true}]}`)
	results := make(chan string)
	for range 8 {
		go func() {
			var last string
			for range 200 {
				v, err := expr.Eval(input)
				if err != nil {
					last = err.Error()
					break
				}
				last = v.String()
			}
			results <- last
		}()
	}
	for range 8 {
		require.Equal(t, `"602120"`, <-results)
	}
}
