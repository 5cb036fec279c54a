package intrinsics_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonvalue"
)

func Example() {
	call, err := intrinsics.Parse("States.Format('Order {} is {}', $.id, $.status)")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := call.Eval(jsonvalue.MustParse(`{"id": 7, "status": "paid"}`))
	fmt.Println(out, err)
	// Output: "Order 7 is paid" <nil>
}

// Variables for a call are whatever has a Lookup method.
type settings map[string]string

func (s settings) Lookup(name string) (jsonvalue.Value, bool) {
	text, ok := s[name]
	return jsonvalue.String(text), ok
}

// A call may use the Context Object, variables and randomness if it is given
// them.
func ExampleCall_EvalWith() {
	call, err := intrinsics.Parse("States.Format('{}/{}/{}', $stage, $$.Execution.Name, States.MathRandom(1, 100, $.seed))")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := call.EvalWith(intrinsics.Env{
		Input:     jsonvalue.MustParse(`{"seed": 3}`),
		Context:   jsonvalue.MustParse(`{"Execution": {"Name": "run-1"}}`),
		Variables: settings{"stage": "test"},
		Random:    rand.NewPCG(1, 2),
	})
	fmt.Println(out, err)
	// Output: "test/run-1/51" <nil>
}

func ExampleError() {
	call, err := intrinsics.Parse("States.ArrayLength($.lines)")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = call.Eval(jsonvalue.MustParse(`{"id": 7}`))
	fmt.Println(err)
	// Output: The JsonPath argument for the field '$.lines' could not be found in the input '{"id":7}'
}
