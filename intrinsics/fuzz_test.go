package intrinsics

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

// FuzzCall parses and evaluates any text. What must hold: errors are of the
// documented types, a result is a value that survives its own text and is within
// bounds, the same call gives the same result twice, nothing panics.
func FuzzCall(f *testing.F) {
	for _, file := range []string{"testdata/calls.txt", "testdata/functions.txt"} {
		for _, c := range readCases(f, file) {
			f.Add(c.call, c.env.Input.String())
		}
	}
	f.Fuzz(func(t *testing.T, text, inputText string) {
		input, err := jsonvalue.Parse([]byte(inputText))
		if err != nil {
			input = jsonvalue.MustParse(`{"a": {"b": [1, "x", null]}, "n": 2.5, "s": "te,xt"}`)
		}
		call, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Fatalf("Parse: %#v", err)
			}
			return
		}
		env := Env{Input: input, Context: input, Variables: vars{"x": input}}
		first, again := evalWith(t, call, env), evalWith(t, call, env)
		if first.String() != again.String() {
			t.Fatalf("%v, then %v", first, again)
		}
		if size := first.Size(); size > 100*maxWork {
			t.Fatalf("%d bytes", size)
		}
		if back, err := jsonvalue.Parse(first.AppendJSON(nil)); err != nil || !back.Equal(first) {
			t.Fatalf("%v reads back as %v, %v", first, back, err)
		}
	})
}

func evalWith(t *testing.T, call *Call, env Env) jsonvalue.Value {
	env.Random = rand.NewPCG(1, 2)
	v, err := call.EvalWith(env)
	var failure *Error
	if err != nil && (!errors.As(err, &failure) || failure.Function == "" || failure.Message == "") {
		t.Fatalf("Eval: %#v", err)
	}
	return v
}
