package intrinsics

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// vars are variables in a map.
type vars map[string]jsonvalue.Value

func (v vars) Lookup(name string) (jsonvalue.Value, bool) {
	x, ok := v[name]
	return x, ok
}

// envOf reads the setup of a case: lines "input", "context" and "var NAME", each with
// a value.
func envOf(c *golden.Case) Env {
	variables := vars{}
	env := Env{Variables: variables, Random: rand.NewPCG(1, 2)}
	for line := range strings.Lines(c.Setup) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "input":
			env.Input = jsonvalue.MustParse(rest)
		case "context":
			env.Context = jsonvalue.MustParse(rest)
		case "var":
			name, value, _ := strings.Cut(rest, " ")
			variables[name] = jsonvalue.MustParse(value)
		}
	}
	return env
}

func TestCalls(t *testing.T) {
	golden.Run(t, "testdata/*.txt", func(_ *testing.T, c *golden.Case) func(string) string {
		env := envOf(c)
		return func(call string) string { return evaluate(call, env) }
	})
}

func evaluate(text string, env Env) string {
	call, err := Parse(text)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("x %d %s", syntax.Offset, syntax.Message)
	}
	v, err := call.EvalWith(env)
	var failure *Error
	switch {
	case errors.As(err, &failure):
		return "! " + failure.Function + " " + strings.ReplaceAll(failure.Message, "\n", `\n`)
	case err != nil:
		return fmt.Sprintf("not an *Error: %v", err)
	}
	return "= " + v.String()
}
