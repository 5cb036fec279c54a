package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

const greeting = `{"StartAt": "Greet", "States": {"Greet": {"Type": "Task",
	"Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": true}}}`

func mustCompile(definition string) *runtime.Program {
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		log.Fatal(err)
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		log.Fatal(err)
	}
	return program
}

type (
	Person  struct{ Name string }
	Order   struct{ ID int }
	Receipt struct{ Paid bool }
)

func greet(_ context.Context, p Person) (string, error) { return "Hello " + p.Name, nil }

// The start: a definition, a Go function, a run.
func Example() {
	machine, err := asl.Parse([]byte(greeting))
	check(err)
	program, err := runtime.Compile(machine)
	check(err)
	tasks := runtime.Mux{"*:function:greet": runtime.Function(greet)}
	out, err := runtime.Run(context.Background(), program, jsonvalue.MustParse(`{"Name": "Ada"}`), tasks)
	fmt.Println(out, err)
	// Output: "Hello Ada" <nil>
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

const charging = `{"StartAt": "Charge", "States": {"Charge": {"Type": "Task",
	"Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge", "End": true}}}`

var ErrDeclined = &runtime.TaskError{Name: "CardDeclined"}

func charge(_ context.Context, o Order) (Receipt, error) {
	switch o.ID {
	case 0:
		return Receipt{}, &runtime.TaskError{Name: "InvalidOrder", Cause: "no id"} // exactly these
	case 13:
		return Receipt{}, fmt.Errorf("%w: order %d", ErrDeclined, o.ID) // this name, the whole text as cause
	case 99:
		return Receipt{}, os.ErrDeadlineExceeded
	}
	return Receipt{Paid: true}, nil
}

// Go types all the way: functions as tasks, a state machine as a function.
func ExampleCall() {
	tasks := runtime.Mux{"*:function:charge": runtime.Function(charge)}
	receipt, err := runtime.Call[Receipt](context.Background(), mustCompile(charging), Order{ID: 7}, tasks)
	fmt.Println(receipt.Paid, err)
	// Output: true <nil>
}

// A task fails with a name that Retry and Catch can match; what nobody caught
// comes out of Run.
func ExampleExecutionError() {
	program := mustCompile(charging)
	tasks := runtime.Mux{"*:function:charge": runtime.Function(charge)}
	for _, id := range []int{0, 13, 99} {
		_, err := runtime.Call[Receipt](context.Background(), program, Order{ID: id}, tasks)
		var failed *runtime.ExecutionError
		switch {
		case errors.Is(err, ErrDeclined): // by name, or because the task returned it
			fmt.Println("ask for another card")
		case errors.Is(err, os.ErrDeadlineExceeded): // any Go error of a task shows through
			fmt.Println("try later")
		case errors.As(err, &failed):
			fmt.Println(failed.State, failed.Status, failed.Name, failed.Cause)
		}
	}
	// Output:
	// Charge FAILED InvalidOrder no id
	// ask for another card
	// try later
}

// Watch an execution, and keep its history in AWS's form.
func ExampleRunner_observe() {
	var events []history.Event
	r := runtime.Runner{
		Tasks: runtime.Mux{"*:function:greet": runtime.Function(greet)},
		Observe: func(e history.Event) {
			if state, ok := e.StateEntered(); ok {
				fmt.Println("->", state)
			}
			events = append(events, e)
		},
	}
	out, err := r.Run(context.Background(), mustCompile(greeting), jsonvalue.MustParse(`{"Name": "Ada"}`))
	fmt.Println(out, err, len(events), events[2].Type)
	// Output:
	// -> Greet
	// "Hello Ada" <nil> 7 LambdaFunctionScheduled
}

// A context ends the execution and the contexts of its tasks.
func ExampleRun_cancel() {
	ctx, cancel := context.WithCancelCause(context.Background())
	tasks := runtime.InvokerFunc(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		cancel(errors.New("closing time"))
		<-ctx.Done()
		return jsonvalue.Value{}, ctx.Err()
	})
	_, err := runtime.Run(ctx, mustCompile(charging), jsonvalue.MustParse(`{}`), tasks)
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.Cause(ctx)))
	// Output:
	// execution aborted in state "Charge" (1:44): closing time
	// true
}

// Virtual time: a Wait of a year passes at once, and tasks can take time, too.
func ExampleVirtualClock() {
	clock := runtime.NewVirtualClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	program := mustCompile(`{"StartAt": "Wait", "States": {
		"Wait": {"Type": "Wait", "Seconds": 31536000, "Next": "Charge"},
		"Charge": {"Type": "Task", "Resource": "charge", "TimeoutSeconds": 5, "End": true}}}`)
	tasks := runtime.Mux{"charge": runtime.Function(func(ctx context.Context, _ Order) (Receipt, error) {
		return Receipt{Paid: true}, clock.Sleep(ctx, 3*time.Second) // takes three virtual seconds
	})}
	out, err := runtime.Runner{Tasks: tasks, Clock: clock}.Run(context.Background(), program, jsonvalue.MustParse(`{"ID": 7}`))
	fmt.Println(out, err, clock.Now())
	// Output: {"Paid":true} <nil> 2027-01-01 00:00:03 +0000 UTC
}

// A task that is answered by its token, perhaps days later, by somebody else.
func ExampleCallbacks() {
	program := mustCompile(`{"StartAt": "Ask", "States": {"Ask": {"Type": "Task",
		"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "approvals", "MessageBody": {"token.$": "$$.Task.Token"}},
		"End": true}}}`)
	var callbacks runtime.Callbacks
	send := runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		message, _ := task.Input.Get("MessageBody")
		go func() { // whoever reads the queue
			token, _ := message.Get("token")
			text, _ := token.AsString()
			if err := callbacks.Succeed(text, jsonvalue.MustParse(`{"approved": true}`)); err != nil {
				fmt.Println(err) // runtime.ErrTaskOver, runtime.ErrInvalidToken
			}
		}()
		return jsonvalue.MustParse(`{"MessageId": "m-1"}`), nil // the queue's receipt
	})
	out, err := runtime.Runner{Tasks: send, Callbacks: &callbacks}.Run(context.Background(), program, jsonvalue.Value{})
	fmt.Println(out, err)
	// Output: {"approved":true} <nil>
}

// One state alone, with what AWS's TestState shows of it.
func ExampleTestState() {
	program := mustCompile(`{"StartAt": "Charge", "States": {
		"Charge": {"Type": "Task", "Resource": "charge", "Parameters": {"id.$": "$.ID"}, "End": true,
			"Catch": [{"ErrorEquals": ["CardDeclined"], "Next": "Refund"}]},
		"Refund": {"Type": "Succeed"}}}`)
	report, err := runtime.TestState(context.Background(), program, runtime.StateTest{
		State: "Charge",
		Input: jsonvalue.MustParse(`{"ID": 13}`),
		Work:  runtime.Function(charge),
	})
	check(err)
	parameters, _ := report.Data.Get("afterParameters")
	fmt.Println(report.Status, report.NextState, parameters)
	// Output: CAUGHT_ERROR Refund "{\"id\":13}"
}
