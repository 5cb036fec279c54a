package jsonata_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// Evaluate JSONata on its own: compile once, evaluate from any goroutine.
func Example() {
	total := jsonata.MustCompile("$sum(lines.(price * qty)) * $rate")
	doc := jsonvalue.MustParse(`{"lines": [{"price": 2.5, "qty": 4}, {"price": 3, "qty": 1}]}`)

	v, err := total.EvalWith(jsonata.Env{
		Input:     doc,
		Variables: jsonata.Vars{"rate": jsonvalue.Int(2)},
	})
	switch {
	case errors.Is(err, jsonata.ErrUndefined):
		fmt.Println("nothing")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(v)
	}
	// Output: 26
}

func ExampleConfig() {
	c := jsonata.Config{
		Dialect: jsonata.StepFunctions,
		Functions: map[string]jsonata.Function{
			"vat": {Signature: "<n:n>", Call: func(args []jsonvalue.Value) (jsonvalue.Value, error) {
				net, _ := args[0].AsFloat64()
				return jsonvalue.Float(net * 1.25)
			}},
		},
	}
	expr, err := c.Compile("$vat($states.input.total)")
	if err != nil {
		fmt.Println(err)
		return
	}
	states := jsonvalue.MustParse(`{"input": {"total": 10}}`)
	fmt.Println(expr.EvalWith(jsonata.Env{Variables: jsonata.Vars{"states": states}}))
	// Output: 12.5 <nil>
}

func ExampleError() {
	_, err := jsonata.Compile("lines[qty > ]")
	var e *jsonata.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, e.Position, e.Message)
	}
	// Output: S0211 13 The symbol "]" cannot be used as a unary operator
}

// References tells what an expression takes from outside.
func ExampleExpr_References() {
	c := jsonata.Config{Dialect: jsonata.StepFunctions}
	expr, err := c.Compile("$states.input.items[price > $limit] ~> $count & phone")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range expr.References() {
		switch r.Kind {
		case jsonata.VariableReference:
			fmt.Printf("%d: variable %s, member %q\n", r.Position, r.Name, r.Field)
		case jsonata.FunctionReference:
			fmt.Printf("%d: function %s\n", r.Position, r.Name)
		case jsonata.InputReference:
			fmt.Printf("%d: input %s\n", r.Position, r.Name)
		}
	}
	// Output:
	// 7: variable states, member "input"
	// 34: variable limit, member ""
	// 45: function count
	// 53: input phone
}

// An evaluation has a clock only if it is given one.
func ExampleEnv() {
	expr := jsonata.MustCompile(`$now("[FNn], [D1o] of [MNn]")`)
	fmt.Println(expr.EvalWith(jsonata.Env{Now: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)}))
	_, err := expr.Eval(jsonvalue.Value{})
	fmt.Println(err)
	// Output:
	// "Monday, 9th of March" <nil>
	// There is no clock in this evaluation
}

// An expression that does not end costs a bounded amount of work.
func ExampleLimits() {
	forever := jsonata.MustCompile("($again := function() { $again() }; $again())")
	_, err := forever.EvalWith(jsonata.Env{Limits: jsonata.Limits{Steps: 1000}})
	fmt.Println(errors.Is(err, jsonata.ErrLimit), err)
	// Output: true Expression evaluation timeout: Check for infinite loop
}

// states answers for the members of $states, of which no object is made.
type states struct{ input jsonvalue.Value }

func (s states) Lookup(string) (jsonvalue.Value, bool) { return jsonvalue.Value{}, false }

func (s states) Member(name, member string) (jsonvalue.Value, bool) {
	return s.input, name == "states" && member == "input"
}

func ExampleMemberVariables() {
	expr := jsonata.MustCompile("$states.input.id & $string($states.result)")
	host := states{input: jsonvalue.MustParse(`{"id": 17}`)}
	fmt.Println(expr.EvalWith(jsonata.Env{Variables: host}))
	// Output: "17" <nil>
}
