package sqlstore

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

var away = flag.Duration("away", 5*time.Second, "how long the database is away in TestPostgresAway: longer than some leases")

// TestPostgresAway stops the server while tasks run, executions wait and an answer is on its way, for
// several leases. No execution is lost or fails, and no task that runs here is performed twice.
func TestPostgresAway(t *testing.T) {
	server := serverOf(t)
	s, err := openPostgres(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	program, err := compiled(`{"StartAt": "Ask", "States": {
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "ResultPath": "$.answer", "Next": "Long"},
		"Long": {"Type": "Task", "Resource": "long", "ResultPath": "$.long", "Next": "Wait"},
		"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Last"},
		"Last": {"Type": "Task", "Resource": "long", "ResultPath": "$.last", "End": true}}}`)
	require.NoError(t, err)
	var mu sync.Mutex
	performed, tokens := map[string]int{}, make(chan string, 100)
	count := func(task *runtime.Task) {
		mu.Lock()
		defer mu.Unlock()
		performed[task.ID()]++
	}
	back := make(chan struct{})
	engine, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Lease: victimLease, Tasks: runtime.Mux{
		"arn:aws:states:::sqs:*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			count(task)
			tokens <- task.Token()
			return jsonvalue.Value{}, nil
		}),
		"long": runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			count(task)
			if n, _ := task.Input.Get("n"); n.Equal(jsonvalue.Int(0)) {
				select { // it outlives the absence
				case <-back:
				case <-ctx.Done():
					return jsonvalue.Value{}, ctx.Err()
				}
			}
			return jsonvalue.String("done"), nil
		}),
	}})
	require.NoError(t, err)
	const executions = 40
	var ids []string
	for i := range executions {
		input := jsonvalue.MustParse(fmt.Sprintf(`{"n": %d}`, i%4))
		record, err := engine.Start(t.Context(), program, runtime.Identity{}, input, nil)
		require.NoError(t, err)
		ids = append(ids, record.Execution)
	}
	for range executions / 2 {
		require.NoError(t, engine.SucceedTask(t.Context(), <-tokens, jsonvalue.String("early")))
	}
	server.control(t, "stop", "-m", "immediate")
	answered := make(chan error)
	for range executions / 2 {
		go func() {
			token, ctx := <-tokens, context.WithoutCancel(t.Context())
			answered <- again(func() error { return engine.SucceedTask(ctx, token, jsonvalue.String("late")) })
		}()
	}
	time.Sleep(*away)
	server.control(t, "start")
	close(back)
	for range executions / 2 {
		require.NoError(t, <-answered)
	}
	for _, id := range ids {
		require.NoError(t, again(func() error {
			_, err := engine.Wait(t.Context(), id)
			return err
		}))
	}
	records, err := engine.List(t.Context(), store.Query{})
	require.NoError(t, err)
	assert.Len(t, records, executions)
	assert.Len(t, performed, 3*executions)
	for id, times := range performed {
		assert.Equal(t, 1, times, id)
	}
	require.NoError(t, engine.Close(t.Context()))
}
