package intrinsics

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

// vars are variables in a map.
type vars map[string]jsonvalue.Value

func (v vars) Lookup(name string) (jsonvalue.Value, bool) {
	x, ok := v[name]
	return x, ok
}

// dataCase is one case of a file in testdata.
type dataCase struct {
	where string // file:line
	env   Env
	call  string
	want  string // as in the file
}

func readCases(t testing.TB, file string) []dataCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []dataCase
	variables := vars{}
	env := Env{Variables: variables, Random: rand.NewPCG(1, 2)}
	call := ""
	for i, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "input":
			env.Input = jsonvalue.MustParse(rest)
		case word == "context":
			env.Context = jsonvalue.MustParse(rest)
		case word == "var":
			name, value, _ := strings.Cut(rest, " ")
			variables[name] = jsonvalue.MustParse(value)
		case strings.HasPrefix(line, "\t"):
			cases = append(cases, dataCase{fmt.Sprintf("%s:%d", file, i), env, call, line[1:]})
		default:
			call = line
		}
	}
	return cases
}

func TestCalls(t *testing.T) {
	for _, file := range []string{"testdata/calls.txt", "testdata/functions.txt"} {
		for _, c := range readCases(t, file) {
			if got := evaluate(c.call, c.env); got != c.want {
				t.Errorf("%s: %s\n got %s\nwant %s", c.where, c.call, got, c.want)
			}
		}
	}
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
