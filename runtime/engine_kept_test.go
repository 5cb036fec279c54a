package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// A large execution with many open tasks is not loaded for each answer; when no answer comes for a
// while, or others need the memory, it waits in the store.
func TestEngineKeepsLargeExecutions(t *testing.T) {
	const definition = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "T", "States": {"T": {
		"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"}, "End": true}}}}}}`
	const items = 100
	item := `"` + strings.Repeat("x", 2000) + `"`
	input := "[" + strings.Repeat(item+",", items-1) + item + "]"
	for name, c := range map[string]struct {
		resident int64
		loads    int // at least
		most     int
	}{
		"kept":    {0, 2, 2}, // after each pause of an hour
		"no room": {1, items, items + 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := &trouble{Store: store.Memory()}
			var mu sync.Mutex
			var tokens []string
			tasks := invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
				mu.Lock()
				defer mu.Unlock()
				tokens = append(tokens, task.Token())
				return jsonvalue.Object(), nil
			})
			bubble(t, s, runtime.EngineConfig{Tasks: tasks, Resident: c.resident}, func(t *testing.T, e *runtime.Engine) {
				id := start(t, e, definition, input)
				synctest.Wait()
				for i := range items {
					if i%50 == 0 {
						time.Sleep(time.Hour)
						require.Zero(t, e.Resident())
					}
					require.NoError(t, e.SucceedTask(t.Context(), tokens[i], jsonvalue.Int(int64(i))))
					synctest.Wait()
				}
				out, err := e.Wait(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, items, out.Len(), fmt.Sprint(out))
				require.GreaterOrEqual(t, s.loads.Load(), int64(c.loads))
				require.LessOrEqual(t, s.loads.Load(), int64(c.most))
			})
		})
	}
}
