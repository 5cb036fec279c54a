// Command parallel asks three shops for a price side by side. One of them is down
// at first and is asked again. Another does not have the book, and its error is caught.
package main

import (
	"context"
	"fmt"
	"log"
	"sync/atomic"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

const definition = `{
  "StartAt": "Ask",
  "States": {
    "Ask": {"Type": "Parallel", "End": true, "Branches": [
      {"StartAt": "Near", "States": {"Near": {"Type": "Task", "Resource": "near", "End": true}}},
      {"StartAt": "Far", "States": {"Far": {"Type": "Task", "Resource": "far", "End": true,
        "Retry": [{"ErrorEquals": ["ShopDown"], "IntervalSeconds": 1, "MaxAttempts": 2}]}}},
      {"StartAt": "Old", "States": {
        "Old": {"Type": "Task", "Resource": "old", "End": true, "Catch": [{"ErrorEquals": ["NoSuchBook"], "Next": "None"}]},
        "None": {"Type": "Pass", "Result": "not in stock", "End": true}}}
    ]}
  }
}`

// book is the book that the shops are asked for.
type book struct{ Title string }

func main() {
	machine, err := asl.Parse([]byte(definition))
	check(err)
	program, err := runtime.Compile(machine)
	check(err)
	var calls atomic.Int32 // branches run at the same time, on goroutines of their own
	tasks := runtime.Mux{
		"near": runtime.Function(func(_ context.Context, b book) (string, error) { return "12.50 for " + b.Title, nil }),
		"far": runtime.Function(func(_ context.Context, b book) (string, error) {
			if calls.Add(1) == 1 {
				return "", &runtime.TaskError{Name: "ShopDown", Cause: "connection refused"}
			}
			return "9.90 for " + b.Title, nil
		}),
		"old": runtime.Function(func(context.Context, book) (string, error) {
			return "", &runtime.TaskError{Name: "NoSuchBook"}
		}),
	}
	clock := runtime.NewVirtualClock(time.Now()) // the second before the retry takes no time
	out, err := runtime.Runner{Tasks: tasks, Clock: clock}.Run(context.Background(), program, jsonvalue.MustParse(`{"Title": "Dune"}`))
	check(err)
	fmt.Println(out)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
