package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// The order workflow as a Go programmer writes it for Temporal.
type (
	order struct {
		ID    string      `json:"id"`
		Card  string      `json:"card"`
		Total int         `json:"total"`
		Lines []orderLine `json:"lines"`
	}
	orderLine struct {
		SKU   string `json:"sku"`
		Count int    `json:"count"`
	}
)

func handWritten(ctx workflow.Context, o order) (map[string]any, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var checked order
	if err := workflow.ExecuteActivity(ctx, "validate", o).Get(ctx, &checked); err != nil {
		return nil, err
	}
	if len(checked.Lines) == 0 || checked.Total <= 0 {
		return nil, temporal.NewNonRetryableApplicationError("rejected", "Rejected", nil)
	}
	var inventory map[string]int
	if err := workflow.ExecuteActivity(ctx, "inventory", checked.Lines).Get(ctx, &inventory); err != nil {
		return nil, err
	}
	if inventory["missing"] > 0 {
		if err := workflow.ExecuteActivity(ctx, "backorder", checked.ID, inventory["missing"]).Get(ctx, nil); err != nil {
			return nil, err
		}
	}
	var packing []workflow.Future
	for i, line := range checked.Lines {
		packing = append(packing, workflow.ExecuteActivity(ctx, "pack", i, line, checked.ID))
	}
	parcels := make([]map[string]any, len(packing))
	for i, f := range packing {
		if err := f.Get(ctx, &parcels[i]); err != nil {
			return nil, err
		}
	}
	var payment map[string]any
	for attempt := 0; ; attempt++ { // as the state machine: a loop, so that attempts are seen
		err := workflow.ExecuteActivity(ctx, "charge", checked.ID, checked.Card, checked.Total).Get(ctx, &payment)
		var busy *temporal.ApplicationError
		if err == nil {
			break
		}
		if !errors.As(err, &busy) || busy.Type() != "Bank.Busy" || attempt == 3 {
			return nil, err
		}
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
	customer, carrier := workflow.ExecuteActivity(ctx, "notify", "customer"), workflow.ExecuteActivity(ctx, "notify", "carrier")
	if err := errors.Join(customer.Get(ctx, nil), carrier.Get(ctx, nil)); err != nil {
		return nil, err
	}
	return map[string]any{"id": checked.ID, "parcels": parcels, "payment": payment}, nil
}

// handChain is a chain of ten tasks, by hand.
func handChain(ctx workflow.Context, n map[string]int) (map[string]int, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}})
	for range 10 {
		if err := workflow.ExecuteActivity(ctx, "add", n).Get(ctx, &n); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func chained(n int) string {
	states := ""
	for i := range n {
		after := fmt.Sprintf(`"Next": "S%d"`, i+1)
		if i == n-1 {
			after = `"End": true`
		}
		if i > 0 {
			states += ","
		}
		states += fmt.Sprintf(`"S%d": {"Type": "Task", "Resource": "add", "TimeoutSeconds": 60, %s}`, i, after)
	}
	return `{"StartAt": "S0", "States": {` + states + `}}`
}

// BenchmarkBeside runs a workflow as a state machine and as Go code on one server, by turns, in both
// orders. It reports how many times as long the state machine takes, and how many times as many
// events of Temporal's it has.
func BenchmarkBeside(b *testing.B) {
	c := connect(b)
	queue := fmt.Sprintf("beside-%d", time.Now().UnixNano())
	tasks := shop()
	tasks["*:function:charge"] = runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
		return jsonvalue.MustParse(`{"receipt": "r-1", "amount": 1250}`), nil
	})
	tasks["add"] = adding()["add"]
	w := worker.New(c, queue, worker.Options{})
	(&Worker{Tasks: tasks}).Register(w)
	hand := worker.New(c, queue+"-hand", worker.Options{})
	hand.RegisterWorkflow(handWritten)
	hand.RegisterWorkflow(handChain)
	handActivities(hand)
	require.NoError(b, w.Start())
	require.NoError(b, hand.Start())
	b.Cleanup(w.Stop)
	b.Cleanup(hand.Stop)
	k := &Client{Temporal: c, TaskQueue: queue}
	input := jsonvalue.MustParse(anOrder)
	var o order
	require.NoError(b, input.Decode(&o))
	for _, work := range []struct {
		name    string
		program *runtime.Program
		input   jsonvalue.Value
		hand    any
		args    any
	}{
		{"order", compiled(b, orderDefinition(b)), input, handWritten, o},
		{"ten tasks", compiled(b, chained(10)), jsonvalue.MustParse(`{"n": 0}`), handChain, map[string]int{"n": 0}},
	} {
		for _, clients := range []int{1, 10} {
			b.Run(fmt.Sprintf("%s/%d", work.name, clients), func(b *testing.B) {
				asl := func(i int) (string, error) {
					r, err := k.Start(b.Context(), work.program, runtime.Identity{StateMachineName: "Beside"}, work.input, nil)
					if err == nil {
						_, err = k.Wait(b.Context(), r.Execution)
					}
					return r.Execution, err
				}
				byHand := func(i int) (string, error) {
					r, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{TaskQueue: queue + "-hand"}, work.hand, work.args)
					if err != nil {
						return "", err
					}
					return r.GetID(), r.Get(b.Context(), nil)
				}
				beside(b, k, clients, asl, byHand)
			})
		}
	}
}

func handActivities(w worker.Registry) {
	register := func(name string, f any) {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	register("validate", func(_ context.Context, o order) (order, error) { return o, nil })
	register("inventory", func(context.Context, []orderLine) (map[string]int, error) { return map[string]int{"missing": 2}, nil })
	register("backorder", func(context.Context, string, int) (map[string]string, error) {
		return map[string]string{"did": "Backorder"}, nil
	})
	register("pack", func(context.Context, int, orderLine, string) (map[string]string, error) {
		return map[string]string{"did": "PackLine"}, nil
	})
	register("charge", func(context.Context, string, string, int) (map[string]any, error) {
		return map[string]any{"receipt": "r-1", "amount": 1250}, nil
	})
	register("notify", func(context.Context, string) (map[string]string, error) {
		return map[string]string{"did": "Notify"}, nil
	})
	register("add", func(_ context.Context, n map[string]int) (map[string]int, error) {
		return map[string]int{"n": n["n"] + 1}, nil
	})
}

// beside runs rounds of both, and takes turns in which is first.
func beside(b *testing.B, k *Client, clients int, asl, hand func(i int) (string, error)) {
	const perRound = 10
	var times [2][]time.Duration
	var events [2]int
	both := [2]func(int) (string, error){hand, asl}
	for round := 0; b.Loop(); round++ {
		for turn := range 2 {
			which := (round + turn) % 2
			took, id := rounds(b, clients, perRound, both[which])
			times[which] = append(times[which], took...)
			h, err := k.history(b.Context(), id, "")
			require.NoError(b, err)
			events[which] = len(h.Events)
		}
	}
	var at [2][2]float64
	for which := range times {
		slices.Sort(times[which])
		n := len(times[which])
		at[which] = [2]float64{times[which][n/2].Seconds() * 1000, times[which][n*95/100].Seconds() * 1000}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(at[0][0], "hand-p50-ms")
	b.ReportMetric(at[1][0]/at[0][0], "p50-ratio")
	b.ReportMetric(at[1][1]/at[0][1], "p95-ratio")
	b.ReportMetric(float64(events[0]), "hand-events")
	b.ReportMetric(float64(events[1])/float64(events[0]), "events-ratio")
}

// rounds runs so many executions by each client, and returns how long each took.
func rounds(b *testing.B, clients, each int, run func(i int) (string, error)) (took []time.Duration, id string) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for i := range each {
				began := time.Now()
				one, err := run(i)
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				took, id = append(took, time.Since(began)), one
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return took, id
}
