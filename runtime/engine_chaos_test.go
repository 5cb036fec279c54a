package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// chaotic is a definition with something of everything that goes through the store.
const chaotic = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Next": "Last", "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + sew + `", "HeartbeatSeconds": 30, "End": true,
		"Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 99, "MaxDelaySeconds": 2}]}}},
	{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true}}},
	{"StartAt": "N", "States": {"N": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {"StartAt": "S", "States": {
		"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true, "OutputPath": "$.Output.twice",
			"Parameters": {"StateMachineArn": "` + machines + `slow", "Input": {"n.$": "$"}}}}}}}},
	{"StartAt": "L", "States": {"L": {"Type": "Task", "Resource": "long", "End": true}}}]},
	"Last": {"Type": "Wait", "Seconds": 5, "End": true}}}`

// chaos is a few processes that share a store, and die again and again.
type chaos struct {
	t      *testing.T
	store  *store.MemoryStore
	tokens chan string
	all    sync.WaitGroup

	mu     sync.Mutex
	rng    *rand.Rand
	alive  []*runtime.Engine
	deaths int               // to come
	taken  map[string]string // answers that were taken, by token
	worker map[string]int    // how often the task of an activity was handed out, by token

	own func(store.Store) store.Store // the store of one process; nil: that of all
}

// TestEnginesInChaos lets processes die at random commits while they drive executions, work
// for activities, start executions, and are asked to answer, to stop and to redrive those
// that others drive. In the end everything is as if nobody had died.
func TestEnginesInChaos(t *testing.T) {
	for seed := range generate.Programs(20) {
		synctest.Test(t, func(t *testing.T) {
			c := &chaos{
				t: t, store: store.Memory(), tokens: make(chan string, 999), rng: rand.New(rand.NewPCG(seed, 1)), alive: make([]*runtime.Engine, 3),
				deaths: 12, taken: make(map[string]string), worker: make(map[string]int),
			}
			c.run()
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		if t.Failed() {
			return
		}
	}
}

func (c *chaos) run() {
	ctx, stop := context.WithCancel(c.t.Context())
	for i := range c.alive {
		c.all.Go(func() { c.processes(ctx, i) })
	}
	c.all.Go(func() { c.answer(ctx) })
	var ids []string
	for i := range 6 {
		ids = append(ids, c.start(i))
	}
	redrives := make([]int, len(ids))
	for i := range redrives {
		if i%3 == 0 {
			c.sleep(40_000)
			redrives[i] = c.interrupt(ids[i])
		}
	}
	for i, id := range ids {
		c.hold(id, redrives[i])
	}
	time.Sleep(2 * time.Minute)
	c.holdRest()
	stop()
	c.all.Wait()
}

func (c *chaos) intN(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}

func (c *chaos) sleep(ms int) { time.Sleep(time.Duration(c.intN(ms)) * time.Millisecond) }

// processes lives in one place: when a process dies, the next one is opened.
func (c *chaos) processes(ctx context.Context, place int) {
	for life := 0; ctx.Err() == nil; life++ {
		s := &faulty.Store{Store: c.store}
		if c.own != nil {
			s.Store = c.own(c.store)
		}
		c.mu.Lock()
		if c.deaths--; c.deaths >= 0 {
			s.Last = 1 + c.rng.IntN(25)
		}
		c.mu.Unlock()
		e, err := runtime.Open(ctx, s, runtime.EngineConfig{
			Tasks: longWork(c.tokens), StateMachine: machine(c.t), Name: fmt.Sprintf("process %d.%d", place, life),
		})
		if err != nil {
			continue
		}
		c.mu.Lock()
		c.alive[place] = e
		c.mu.Unlock()
		for range 2 {
			c.all.Go(func() { c.work(ctx, e) })
		}
		select {
		case <-s.Dead():
		case <-ctx.Done():
		}
		_ = e.Close(context.Background())
		c.sleep(15_000)
	}
}

// any returns some process, which may be dead.
func (c *chaos) any() *runtime.Engine {
	for {
		c.mu.Lock()
		e := c.alive[c.rng.IntN(len(c.alive))]
		c.mu.Unlock()
		if e != nil {
			return e
		}
		time.Sleep(time.Millisecond)
	}
}

// insist asks processes until one gives an answer that is final.
func (c *chaos) insist(ask func(ctx context.Context, e *runtime.Engine) error, final ...error) error {
	for {
		ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
		err := ask(ctx, c.any())
		cancel()
		for _, f := range final {
			if errors.Is(err, f) {
				return f
			}
		}
		if err == nil {
			return nil
		}
		c.sleep(1000)
	}
}

func (c *chaos) start(i int) (id string) {
	who := runtime.Identity{Execution: fmt.Sprint("execution ", i), ExecutionName: fmt.Sprint(i), StateMachine: "chaotic"}
	_ = c.insist(func(ctx context.Context, e *runtime.Engine) error {
		_, err := e.Start(ctx, compile(c.t, chaotic), who, jsonvalue.MustParse(`{"items": [1, 2, 3]}`), nil)
		return err
	}, store.ErrExists)
	return who.Execution
}

// interrupt stops an execution and redrives it, and returns how often it was redriven.
func (c *chaos) interrupt(id string) (redrives int) {
	_ = c.insist(func(ctx context.Context, e *runtime.Engine) error {
		_, err := e.Stop(ctx, id, "E", "why")
		return err
	})
	record := c.describe(id)
	if record.Status == interp.Succeeded {
		return 0
	}
	assert.Equal(c.t, interp.Aborted, record.Status)
	_ = c.insist(func(ctx context.Context, e *runtime.Engine) error {
		_, err := e.Redrive(ctx, id, nil)
		return err
	}, runtime.ErrNotRedrivable)
	return 1
}

func (c *chaos) describe(id string) store.Record {
	found, err := c.store.List(c.t.Context(), store.Query{ID: id})
	require.NoError(c.t, err)
	return found[0]
}

// answer answers tokens, each with an answer of its own.
func (c *chaos) answer(ctx context.Context) {
	for n := 0; ; n++ {
		select {
		case token := <-c.tokens:
			c.all.Go(func() {
				c.sleep(20_000)
				text := fmt.Sprintf("answer %d", n)
				err := c.insist(func(ctx context.Context, e *runtime.Engine) error {
					return e.SucceedTask(ctx, token, jsonvalue.String(text))
				}, runtime.ErrTaskOver)
				c.mu.Lock()
				defer c.mu.Unlock()
				if err == nil {
					assert.Empty(c.t, c.taken[token], "two answers were taken")
					c.taken[token] = text
				}
			})
		case <-ctx.Done():
			return
		}
	}
}

// work is a worker of the activity in one process.
func (c *chaos) work(ctx context.Context, e *runtime.Engine) {
	for {
		task, err := e.PollActivity(ctx, sew, "tailor")
		if err != nil {
			return
		}
		c.mu.Lock()
		c.worker[task.Token]++
		c.mu.Unlock()
		c.sleep(10_000)
		_ = c.insist(func(ctx context.Context, e *runtime.Engine) error {
			return e.SucceedTask(ctx, task.Token, jsonvalue.String("sewn"))
		}, runtime.ErrTaskOver)
	}
}

// hold waits for the end of an execution, and holds it to what it should be.
func (c *chaos) hold(id string, redrives int) {
	record := c.describe(id)
	for ; record.Status == interp.Running; record = c.describe(id) {
		time.Sleep(time.Second)
		require.Less(c.t, time.Since(record.Start), time.Hour, "%s is stuck", id)
	}
	require.Equal(c.t, interp.Succeeded, record.Status, "%s %s", record.Error, record.Cause)
	require.Equal(c.t, redrives, record.Redrives)
	answer, _ := record.Output.Index(1)
	require.Equal(c.t, fmt.Sprintf(`["sewn",%s,[2,4,6],"long"]`, answer), record.Output.String())
	last := int64(0)
	parts, err := c.store.History(c.t.Context(), id, 0, 25_000)
	require.NoError(c.t, err)
	for _, part := range parts {
		require.Equal(c.t, last+1, part.First, "%s: the history has a gap", id)
		last = part.Last
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for token, text := range c.taken {
		if execution, _, _ := interp.ParseToken(token); execution == id && redrives == 0 {
			require.Equal(c.t, `"`+text+`"`, answer.String(), "an answer that was taken is lost")
		}
	}
}

// holdRest holds what remains to what it should be.
func (c *chaos) holdRest() {
	records, err := c.store.List(c.t.Context(), store.Query{Limit: 10_000})
	require.NoError(c.t, err)
	started := map[string]int{}
	for _, record := range records {
		require.NotEqual(c.t, interp.Running, record.Status, record.Execution)
		stored, err := c.store.Load(c.t.Context(), record.Execution)
		require.NoError(c.t, err)
		require.Empty(c.t, stored.Messages, record.Execution)
		if record.Parent != "" {
			started[record.Parent]++
			require.Equal(c.t, 1, started[record.Parent], "a task started two executions")
			require.True(c.t, record.Status == interp.Succeeded || strings.Contains(record.Cause, "which was managing this resource was aborted"))
		}
	}
	require.GreaterOrEqual(c.t, len(started), 18)
	require.Empty(c.t, queued(c.t, c.store))
	c.mu.Lock()
	defer c.mu.Unlock()
	for token, times := range c.worker {
		require.Equal(c.t, 1, times, token)
	}
}
