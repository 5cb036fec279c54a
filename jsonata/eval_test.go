package jsonata

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

var rewrite = flag.Bool("rewrite", false, "write what the expressions of testdata/eval yield into the files")

// counter is a source of randomness that counts.
type counter uint64

func (c *counter) Uint64() uint64 {
	*c += 0x1234_5678_9ABC_DEF0
	return uint64(*c)
}

// evalFile is a file of testdata/eval: paragraphs of an expression and what it
// yields. A paragraph that begins with @ gives the dialect or the input for
// those that follow.
type evalFile struct {
	config Config
	env    Env
}

// TestEval evaluates the expressions in testdata/eval.
func TestEval(t *testing.T) {
	files, err := filepath.Glob("testdata/eval/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			f := evalFile{env: Env{Now: time.Date(2026, 3, 9, 14, 5, 6, 78e6, time.UTC), Limits: Limits{Steps: 2_000_000}}}
			paragraphs := strings.Split(strings.TrimRight(string(text), "\n"), "\n\n")
			for i, p := range paragraphs {
				paragraphs[i] = f.paragraph(t, p)
			}
			if *rewrite {
				require.NoError(t, os.WriteFile(name, []byte(strings.Join(paragraphs, "\n\n")+"\n"), 0o644))
			}
		})
	}
}

// paragraph checks one paragraph, and returns how it should read.
func (f *evalFile) paragraph(t *testing.T, p string) string {
	switch {
	case strings.HasPrefix(p, "#"):
		return p
	case strings.HasPrefix(p, "@dialect "):
		f.config.Dialect = map[string]Dialect{"2.2": V2_2, "2.0": V2_0, "aws": StepFunctions}[strings.TrimPrefix(p, "@dialect ")]
		return p
	case strings.HasPrefix(p, "@input "):
		f.env.Input = jsonvalue.MustParse(strings.TrimPrefix(p, "@input "))
		f.env.Variables = Vars{"in": f.env.Input}
		return p
	}
	expr, want := p, ""
	for _, mark := range []string{"\n= ", "\n! ", "\n~"} {
		if at := strings.LastIndex(p, mark); at >= 0 {
			expr, want = p[:at], p[at+1:]
		}
	}
	got := f.outcome(expr)
	if !*rewrite {
		require.Equal(t, want, got, expr)
	}
	return expr + "\n" + got
}

// outcome evaluates an expression.
func (f *evalFile) outcome(text string) string {
	env := f.env
	env.Random = new(counter)
	expr, err := f.config.Compile(text)
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
