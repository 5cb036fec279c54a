// Command temporal runs the workflow of an order on a Temporal server: it is a worker, the
// starter of one order, and the one who approves it. Kill it and start it again, and the order goes on.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/statemill/statemill/asl"
	asltemporal "github.com/statemill/statemill/contrib/temporal"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

//go:embed order.asl.json
var definition []byte

const input = `{"id": "o-17", "total": 1250, "lines": [{"sku": "TEA-7", "count": 2}, {"sku": "CUP-1", "count": 4}]}`

func main() {
	log.SetFlags(0)
	name := "order-17"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if err := run(context.Background(), os.Stdout, name); err != nil {
		log.Fatal(err)
	}
}

// run connects to the server at TEMPORAL_ADDRESS, or to the one of "temporal server start-dev".
func run(ctx context.Context, out io.Writer, name string) error {
	temporal, err := client.Dial(client.Options{
		HostPort: cmp.Or(os.Getenv("TEMPORAL_ADDRESS"), client.DefaultHostPort), Namespace: os.Getenv("TEMPORAL_NAMESPACE"),
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	defer temporal.Close()
	executions := &asltemporal.Client{Temporal: temporal, TaskQueue: "orders"}

	orders := worker.New(temporal, "orders", worker.Options{})
	(&asltemporal.Worker{Tasks: tasks(out, executions)}).Register(orders)
	if err := orders.Start(); err != nil {
		return err
	}
	defer orders.Stop()

	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	order := runtime.Identity{StateMachineName: "order", ExecutionName: name}
	record, err := executions.Start(ctx, program, order, jsonvalue.MustParse(input), nil)
	if err != nil {
		return err
	}
	result, err := executions.Wait(ctx, record.Execution)
	if err != nil {
		return err
	}
	events, err := executions.History(ctx, record.Execution, 0, 1000)
	if err != nil {
		return err
	}
	for _, e := range events {
		if state, ok := e.StateEntered(); ok {
			fmt.Fprintln(out, "->", state)
		}
	}
	_, err = fmt.Fprintln(out, result)
	return err
}

// tasks perform the order. Whoever has the token of an approval gives it at once.
func tasks(out io.Writer, executions runtime.Executions) runtime.Mux {
	return runtime.Mux{
		"*:function:pack": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			sku, _ := task.Input.Get("sku")
			return sku, nil
		}),
		"*:function:charge": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.MustParse(`{"paid": true}`), nil
		}),
		"*:sqs:sendMessage.waitForTaskToken": runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			fmt.Fprintln(out, "somebody has to approve", task.State)
			go func() { // the answer may come from anywhere, and years later
				if err := executions.SucceedTask(context.WithoutCancel(ctx), task.Token(), jsonvalue.String("fine")); err != nil {
					log.Print(err)
				}
			}()
			return jsonvalue.MustParse(`{"MessageId": "m-1"}`), nil
		}),
	}
}
