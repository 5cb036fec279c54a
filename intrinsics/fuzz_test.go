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

// FuzzCall parses and evaluates any text. It checks that errors are of the
// documented types, a result is a value that survives its own text and is within
// bounds, the same call gives the same result twice, nothing panics.
func FuzzCall(f *testing.F) {
	for _, c := range golden.Read(f, "testdata/*.txt") {
		for _, call := range c.Inputs() {
			f.Add(call, envOf(c).Input.String())
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

// FuzzArguments calls every function with any arguments. It checks that creation
// accepts them all; an argument does the same whether it is written in the call or
// found by a path; a failure is worded as one of the function's.
func FuzzArguments(f *testing.F) {
	for i := range functions {
		for _, args := range []string{`[]`, `["text", 2]`, `[[1, "1", null, true], 1.5, -3]`, `[{"a": 1}, {"a": null}, false]`, `["{} {}", "x", {"y": [2.50]}]`, `["dG8=", "SHA-1"]`, `[1e400, -1e400]`} {
			f.Add(uint8(i), args)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, argsText string) {
		args, err := jsonvalue.Parse([]byte(argsText))
		if err != nil || args.Kind() != jsonvalue.KindArray || args.Len() > 20 {
			return
		}
		name := functions[int(which)%len(functions)].name
		byPath := evalWith(t, mustParse(t, callOf(name, args, func(i int, _ jsonvalue.Value) string { return fmt.Sprintf("$[%d]", i) })), Env{Input: args})
		asWritten := evalWith(t, mustParse(t, callOf(name, args, written)), Env{Input: args})
		if name != "States.UUID" && byPath.String() != asWritten.String() {
			t.Fatalf("%s of %v: %v by path, %v as written", name, args, byPath, asWritten)
		}
	})
}

// callOf writes a call of a function with an argument for each element.
func callOf(name string, args jsonvalue.Value, argument func(i int, v jsonvalue.Value) string) string {
	var texts []string
	for i, v := range args.Elements() {
		texts = append(texts, argument(i, v))
	}
	return name + "(" + strings.Join(texts, ", ") + ")"
}

// written returns an argument as a literal, if there is one for it.
func written(i int, v jsonvalue.Value) string {
	switch v.Kind() {
	case jsonvalue.KindNull, jsonvalue.KindBool:
		return v.String()
	case jsonvalue.KindNumber:
		if f, _ := v.AsFloat64(); v.String() == jsonvalue.Int(int64(f)).String() {
			return v.String()
		}
	case jsonvalue.KindString:
		if s, _ := v.AsString(); !strings.ContainsAny(s, `\{}`) {
			return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
		}
	}
	return fmt.Sprintf("$[%d]", i)
}
