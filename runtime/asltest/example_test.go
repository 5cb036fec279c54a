package asltest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/asltest"
)

// In a test, t is the *testing.T of the test function. The examples have one that prints
// what it is told.
var t = &printer{}

const greet = `{"StartAt": "Greet", "States": {"Greet": {
  "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet",
  "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}], "End": true}}}`

func Example() {
	wf := asltest.New(t, greet)
	wf.Task("*:function:greet").Fails("Busy", "").Times(1).Returns(`"Hello Ada"`)
	run := wf.Run(`{"name": "Ada"}`)
	run.WantOutput(`"Hello Ada"`)
	run.WantElapsed(2 * time.Second)
	run.WantOutput(`"Hello Bob"`)
	// Output:
	// output differs
	//   ! $: got "Hello Ada", want "Hello Bob"
	//   path (2s), SUCCEEDED:
	//           0s  Greet            2 attempts: Busy, ok
}

func ExampleMock_When() {
	wf := asltest.New(t, greet)
	greeting := wf.State("Greet")
	greeting.Returns(`"Hello"`)
	greeting.When("$.language", `"it"`).Returns(`"Ciao"`)
	fmt.Println(wf.Run(`{"language": "it"}`).Output(), wf.Run(`{"language": "en"}`).Output())
	// Output: "Ciao" "Hello"
}

func ExampleMock_Does() {
	wf := asltest.New(t, greet)
	wf.State("Greet").Does(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		name, _ := task.Input.Get("name")
		return jsonvalue.String("Hello " + name.String()), nil
	})
	fmt.Println(wf.Run(`{"name": 7}`).Output())
	// Output: "Hello 7"
}

func ExampleMachine_RunState() {
	wf := asltest.New(t, `{"StartAt": "A", "States": {
	  "A": {"Type": "Pass", "Next": "B"},
	  "B": {"Type": "Pass", "Parameters": {"doubled.$": "States.MathAdd($.n, $.n)"}, "End": true}}}`)
	fmt.Println(wf.RunState("B", `{"n": 4}`).Output())
	// Output: {"doubled":8}
}

func ExampleRun_Visits() {
	wf := asltest.New(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	  "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}}}}`)
	for _, visit := range wf.Run(`["a", "b"]`).Visits("I") {
		fmt.Println(visit.Input, visit.Attempts)
	}
	// Output:
	// "a" 0
	// "b" 0
}

func ExampleMachine_Faults() {
	wf := asltest.New(t, greet)
	wf.State("Greet").Returns(`"Hello"`)
	for _, fault := range wf.Faults(`{}`, asltest.Once).Cases {
		fmt.Println(fault.State, fault.Error, fault.Effect)
	}
	// Output:
	// Greet Busy recovered
	// Greet Fault.Custom unhandled
	// Greet {} diverted
	// Greet null diverted
}
