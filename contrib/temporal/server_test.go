package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// served is a real server, with a Worker and a Client. Tests that need one are skipped unless
// TEMPORAL_ADDRESS tells where it is; .ci/temporal starts one.
type served struct {
	t *testing.T
	*Client
	worker *Worker
	tasks  runtime.Mux
	number atomic.Int64
}

func connect(t testing.TB, dial ...grpc.DialOption) client.Client {
	t.Helper()
	address := os.Getenv("TEMPORAL_ADDRESS")
	if address == "" {
		t.Skip("TEMPORAL_ADDRESS is not set")
	}
	c, err := client.Dial(client.Options{
		HostPort: address, Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: log.NewStructuredLogger(discard), ConnectionOptions: client.ConnectionOptions{DialOptions: dial},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// serve connects, and starts a worker that performs tasks.
func serve(t *testing.T, tasks runtime.Mux) *served {
	t.Helper()
	c := connect(t)
	queue := fmt.Sprintf("%s-%d", strings.ToLower(t.Name()), time.Now().UnixNano())
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: queue}, worker: &Worker{Tasks: tasks}, tasks: tasks}
	s.work(queue)
	return s
}

// work runs a worker of a queue until the end of the test.
func (s *served) work(queue string) worker.Worker {
	s.t.Helper()
	w := worker.New(s.Temporal, queue, worker.Options{WorkerStopTimeout: 5 * time.Second, DefaultHeartbeatThrottleInterval: time.Second})
	s.worker.Register(w)
	require.NoError(s.t, w.Start())
	s.t.Cleanup(w.Stop)
	return w
}

// begin starts an execution of a definition.
func (s *served) begin(definition, input string) string {
	s.t.Helper()
	r, err := s.Start(s.context(), compiled(s.t, definition), s.names(), jsonvalue.MustParse(input), nil)
	require.NoError(s.t, err)
	return r.Execution
}

func (s *served) names() runtime.Identity {
	return runtime.Identity{StateMachineName: "Machine", ExecutionName: fmt.Sprintf("%s-%d-%d", strings.ReplaceAll(s.t.Name(), "/", "-"), time.Now().UnixNano(), s.number.Add(1))}
}

func (s *served) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	s.t.Cleanup(cancel)
	return ctx
}

// succeeds waits for the output of an execution.
func (s *served) succeeds(id string) string {
	s.t.Helper()
	out, err := s.Wait(s.context(), id)
	require.NoError(s.t, err)
	return out.String()
}

func compiled(t testing.TB, definition string) *runtime.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	p, err := runtime.Compile(machine)
	require.NoError(t, err)
	return p
}

// strictly replays every run of an execution, and keeps the histories with -record.
func (s *served) strictly(id string) []history.Event {
	s.t.Helper()
	chain, err := s.chain(s.context(), id)
	require.NoError(s.t, err)
	for i, h := range chain {
		require.NoError(s.t, Replay(s.worker, h), "run %d", i)
		if !s.ByHash { // those that are kept have their definitions inside
			recordHistory(s.t, i, h)
		}
	}
	events, err := s.History(s.context(), id, 0, 1<<30)
	require.NoError(s.t, err)
	return events
}

// shop performs the tasks of the order workflow.
func shop() runtime.Mux {
	var busy sync.Map
	return runtime.Mux{
		"*:function:validate": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }),
		"*:function:inventory": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.MustParse(`{"missing": 2}`), nil
		}),
		"*:function:charge": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if _, tried := busy.LoadOrStore(task.Execution, true); !tried {
				return jsonvalue.Value{}, &runtime.TaskError{Name: "Bank.Busy", Cause: "try again"}
			}
			return jsonvalue.MustParse(`{"receipt": "r-1", "amount": 1250}`), nil
		}),
		"*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.Object(jsonvalue.Member{Name: "did", Value: jsonvalue.String(task.State)}), nil
		}),
	}
}

const anOrder = `{"id": "o-1", "card": "4711", "total": 1250, "lines": [{"sku": "TEA-7", "count": 2}, {"sku": "CUP-1", "count": 4}, {"sku": "POT-3", "count": 1}]}`

func orderDefinition(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/order/order.asl.json")
	require.NoError(t, err)
	return string(text)
}

// TestServerOrder runs the order workflow as a Temporal workflow and in this process: output and
// history are equal, but for the order of iterations that are performed side by side.
func TestServerOrder(t *testing.T) {
	s := serve(t, shop())
	program := compiled(t, orderDefinition(t))
	who := s.names()
	record, err := s.Start(s.context(), program, who, jsonvalue.MustParse(anOrder), []byte("meta"))
	require.NoError(t, err)
	again, err := s.Start(s.context(), program, who, jsonvalue.MustParse(anOrder), nil)
	require.NoError(t, err, "it is the same one")
	assert.Equal(t, record.Execution, again.Execution)
	out, err := s.Wait(s.context(), record.Execution)
	require.NoError(t, err)

	var want []history.Event
	runner := runtime.Runner{Tasks: shop(), Clock: runtime.NewVirtualClock(time.Now()), Identity: record.Identity, Observe: func(e history.Event) { want = append(want, e) }}
	expected, err := runner.Run(s.context(), program, jsonvalue.MustParse(anOrder))
	require.NoError(t, err)
	assert.Equal(t, expected.String(), out.String())
	got := s.strictly(record.Execution)
	assert.Equal(t, sorted(want), sorted(got))

	described, err := s.Describe(s.context(), record.Execution)
	require.NoError(t, err)
	assert.Equal(t, interp.Succeeded, described.Status)
	assert.Equal(t, jsonvalue.MustParse(anOrder).String(), described.Input.String())
	assert.Equal(t, out.String(), described.Output.String())
	assert.Equal(t, "meta", string(described.Meta))
	assert.Equal(t, program.Hash(), described.Definition)
	_, err = s.Start(s.context(), program, who, jsonvalue.MustParse(anOrder), nil)
	assert.ErrorIs(t, err, store.ErrExists)
	require.Eventually(t, func() bool {
		found, err := s.List(s.context(), store.Query{StateMachine: record.StateMachine, Status: interp.Succeeded, Limit: 1000})
		require.NoError(t, err)
		return slices.ContainsFunc(found, func(r store.Record) bool { return r.Execution == record.Execution })
	}, 10*time.Second, 50*time.Millisecond, "the list lags behind")
}

// sorted returns what events tell, without ids and times, in an order of its own.
func sorted(events []history.Event) []string {
	var all []string
	for i := range events {
		e := &events[i]
		all = append(all, fmt.Sprint(e.Type, " ", e.Name, " ", e.Index, " ", e.Input, " ", e.Output, " ", e.Resource, " ", e.Parameters, " ", e.Error, " ", e.Cause))
	}
	slices.Sort(all)
	return all
}

// TestServerFailure: an execution that fails tells where, and is redriven; tasks that have
// succeeded are not performed again.
func TestServerFailure(t *testing.T) {
	var calls atomic.Int64
	var works atomic.Bool
	s := serve(t, runtime.Mux{
		"first": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			calls.Add(1)
			return jsonvalue.Int(1), nil
		}),
		"second": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			if works.Load() {
				return jsonvalue.Int(2), nil
			}
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Boom", Cause: "no"}
		}),
	})
	id := s.begin(`{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "first", "Next": "B"},
		"B": {"Type": "Task", "Resource": "second", "End": true}}}`, `{"in": 1}`)
	_, err := s.Wait(s.context(), id)
	var failed *runtime.ExecutionError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, interp.Failed, failed.Status)
	assert.Equal(t, "B", failed.State)
	assert.Equal(t, "/States/B", failed.Location)
	assert.Equal(t, 3, failed.Position.Line)
	assert.ErrorIs(t, err, &runtime.TaskError{Name: "Boom", Cause: "no"})
	works.Store(true)
	r, err := s.Redrive(s.context(), id, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, r.Redrives)
	assert.Equal(t, "2", s.succeeds(id))
	assert.EqualValues(t, 1, calls.Load())
	r, err = s.Describe(s.context(), id)
	require.NoError(t, err)
	assert.Equal(t, `{"in":1}`, r.Input.String())
	_, err = s.Redrive(s.context(), id, nil)
	assert.ErrorIs(t, err, runtime.ErrNotRedrivable)
	events := s.strictly(id)
	assert.True(t, slices.ContainsFunc(events, func(e history.Event) bool { return e.Type == "ExecutionRedriven" }))
	assert.Equal(t, "ExecutionSucceeded", events[len(events)-1].Type)
}

const tokenMachine = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
	"Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}, "HeartbeatSeconds": 60, "End": true}}}`

// tokens performs a task that hands its token out.
func tokens(out chan string) runtime.Mux {
	return runtime.Mux{"*:sqs:*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		out <- task.Token()
		return jsonvalue.MustParse(`{"MessageId": "m"}`), nil
	})}
}

// TestServerTokens: an answer counts once, and no other token than the true one is taken.
func TestServerTokens(t *testing.T) {
	handed := make(chan string, 10)
	s := serve(t, tokens(handed))
	ctx := s.context()
	id := s.begin(tokenMachine, `{}`)
	token := <-handed
	forged := token[:len(token)-1] + map[bool]string{true: "B", false: "A"}[token[len(token)-1] == 'A']
	assert.ErrorIs(t, s.SucceedTask(ctx, forged, jsonvalue.Int(1)), runtime.ErrInvalidToken)
	assert.ErrorIs(t, s.SucceedTask(ctx, "text", jsonvalue.Int(1)), runtime.ErrInvalidToken)
	assert.NoError(t, s.HeartbeatTask(ctx, token))
	assert.NoError(t, s.SucceedTask(ctx, token, jsonvalue.MustParse(`{"paid": true}`)))
	assert.Equal(t, `{"paid":true}`, s.succeeds(id))
	assert.ErrorIs(t, s.SucceedTask(ctx, token, jsonvalue.Int(2)), runtime.ErrTaskOver)
	assert.ErrorIs(t, s.HeartbeatTask(ctx, token), runtime.ErrTaskOver)
	events := s.strictly(id)
	assert.True(t, slices.ContainsFunc(events, func(e history.Event) bool { return e.Type == "TaskSubmitted" }))

	id = s.begin(tokenMachine, `{}`)
	require.NoError(t, s.FailTask(ctx, <-handed, &runtime.TaskError{Name: "Declined"}))
	_, err := s.Wait(ctx, id)
	assert.ErrorIs(t, err, &runtime.TaskError{Name: "Declined"})
	s.strictly(id)
}

// TestServerStop: Stop, a cancellation and a termination each give the execution a status.
func TestServerStop(t *testing.T) {
	handed := make(chan string, 10)
	s := serve(t, tokens(handed))
	ctx := s.context()
	status := func(id string) store.Record {
		_, err := s.Wait(ctx, id)
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, interp.Aborted, failed.Status)
		r, err := s.Describe(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, interp.Aborted, r.Status)
		return r
	}
	id := s.begin(tokenMachine, `{}`)
	token := <-handed
	stopped, err := s.Stop(ctx, id, "Enough", "of this")
	require.NoError(t, err)
	r := status(id)
	assert.Equal(t, []any{"Enough", "of this", stopped}, []any{r.Error, r.Cause, r.Stop})
	again, err := s.Stop(ctx, id, "More", "")
	require.NoError(t, err)
	assert.Equal(t, stopped, again)
	assert.ErrorIs(t, s.SucceedTask(ctx, token, jsonvalue.Int(1)), runtime.ErrTaskOver)
	s.strictly(id)
	_, err = s.Redrive(ctx, id, nil)
	require.NoError(t, err)
	require.NoError(t, s.SucceedTask(ctx, <-handed, jsonvalue.Int(1)))
	assert.Equal(t, "1", s.succeeds(id))

	id = s.begin(tokenMachine, `{}`)
	<-handed
	require.NoError(t, s.Temporal.CancelWorkflow(ctx, id, ""))
	assert.False(t, status(id).HasError)
	s.strictly(id)

	id = s.begin(tokenMachine, `{}`)
	<-handed
	require.NoError(t, s.Temporal.TerminateWorkflow(ctx, id, "", "no reason"))
	status(id)
	_, err = s.Redrive(ctx, id, nil)
	assert.ErrorIs(t, err, runtime.ErrNotRedrivable)

	_, err = s.Describe(ctx, "nobody")
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Wait(ctx, "nobody")
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Stop(ctx, "nobody", "", "")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

// counts is a loop of so many tasks.
const counts = `{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "add", "Next": "B"},
	"B": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 100, "Next": "A"}], "Default": "C"},
	"C": {"Type": "Succeed"}}}`

func adding() runtime.Mux {
	return runtime.Mux{"add": runtime.Function(func(_ context.Context, in struct {
		N int `json:"n"`
	}) (map[string]int, error) {
		return map[string]int{"n": in.N + 1}, nil
	})}
}

// TestServerContinues: an execution goes on over several runs, and its history is one.
func TestServerContinues(t *testing.T) {
	s := serve(t, adding())
	s.MaxHistory = 120
	id := s.begin(counts, `{"n": 0}`)
	assert.Equal(t, `{"n":100}`, s.succeeds(id))
	chain, err := s.chain(s.context(), id)
	require.NoError(t, err)
	assert.Greater(t, len(chain), 4)
	events := s.strictly(id)
	for i, e := range events {
		require.EqualValues(t, i+1, e.ID)
	}
	r, err := s.Describe(s.context(), id)
	require.NoError(t, err)
	assert.Equal(t, `{"n":0}`, r.Input.String())
}

// TestServerCheckpoint: a new run begins before a long wait, and answers reach it.
func TestServerCheckpoint(t *testing.T) {
	handed := make(chan string, 10)
	s := serve(t, tokens(handed))
	s.Checkpoint = time.Second
	id := s.begin(tokenMachine, `{}`)
	token := <-handed
	for range 3 {
		require.NoError(t, s.HeartbeatTask(s.context(), token))
		time.Sleep(100 * time.Millisecond)
	}
	require.NoError(t, s.SucceedTask(s.context(), token, jsonvalue.Int(1)))
	assert.Equal(t, "1", s.succeeds(id))
	chain, err := s.chain(s.context(), id)
	require.NoError(t, err)
	assert.Len(t, chain, 2, "heartbeats begin no new run")
	answer, err := s.Temporal.QueryWorkflow(s.context(), id, "", describeName)
	require.NoError(t, err)
	var d Description
	require.NoError(t, answer.Get(&d))
	assert.Equal(t, interp.Succeeded, d.Status)
	assert.EqualValues(t, 8, d.Events)
	s.strictly(id)
}

// TestServerAnswersBetweenRuns: each wait begins a new run, and the answer comes at the same time.
func TestServerAnswersBetweenRuns(t *testing.T) {
	handed := make(chan string, 100)
	s := serve(t, tokens(handed))
	s.Checkpoint = time.Millisecond
	const executions, rounds = 5, 10
	var ids []string
	for range executions {
		ids = append(ids, s.begin(`{"StartAt": "N", "States": {
			"N": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "A"},
			"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "ResultPath": "$.answer", "Next": "C"},
			"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 10, "Next": "N"}], "Default": "Z"},
			"Z": {"Type": "Succeed"}}}`, `{"n": 0}`))
	}
	var all sync.WaitGroup
	for i := range executions * rounds {
		token := <-handed
		all.Go(func() {
			time.Sleep(time.Duration(i%8) * 5 * time.Millisecond) // before, while and after a new run begins
			assert.NoError(t, s.SucceedTask(s.context(), token, jsonvalue.Int(1)))
		})
	}
	all.Wait()
	runs := 0
	for _, id := range ids {
		assert.Equal(t, `{"n":10,"answer":1}`, s.succeeds(id))
		chain, err := s.chain(s.context(), id)
		require.NoError(t, err)
		runs += len(chain)
		s.strictly(id)
	}
	t.Logf("%d executions, %d answers, %d runs", executions, executions*rounds, runs)
}

// TestServerMap runs a Map of 1,000 items.
func TestServerMap(t *testing.T) {
	s := serve(t, shop())
	began := time.Now()
	id := s.begin(`{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% [1..1000] %}", "MaxConcurrency": 40, "End": true,
		"Output": "{% $count($states.result) %}",
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`, `{}`)
	assert.Equal(t, `1000`, s.succeeds(id))
	t.Logf("1,000 items in %v", time.Since(began))
	s.strictly(id)
}

// TestServerLargeInputs: tasks whose inputs are together larger than a message to the server.
func TestServerLargeInputs(t *testing.T) {
	s := serve(t, shop())
	id := s.begin(`{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% [1..40] %}", "End": true,
		"ItemSelector": {"n": "{% $states.context.Map.Item.Value %}", "text": "{% $pad('x', 200000, 'x') %}"},
		"Output": "{% $count($states.result) %}",
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`, `{}`)
	assert.Equal(t, `40`, s.succeeds(id))
}

// TestServerUnknownDefinition: an execution waits for a worker that knows its definition.
func TestServerUnknownDefinition(t *testing.T) {
	s := serve(t, adding())
	known := &definitions{}
	s.worker.Definitions = known
	s.ByHash = true
	program := compiled(t, counts)
	r, err := s.Start(s.context(), program, s.names(), jsonvalue.MustParse(`{"n": 98}`), nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return known.asked.Load() > 0 }, time.Minute, 10*time.Millisecond)
	d, err := s.Describe(s.context(), r.Execution)
	require.NoError(t, err)
	assert.Equal(t, interp.Running, d.Status)
	known.text.Store(program.StateMachine().Source())
	assert.Equal(t, `{"n":100}`, s.succeeds(r.Execution))
	s.Definitions = known
	s.strictly(r.Execution)
}

type definitions struct {
	asked atomic.Int64
	text  atomic.Value
}

func (d *definitions) Definition(context.Context, interp.Hash) ([]byte, error) {
	d.asked.Add(1)
	if text, ok := d.text.Load().([]byte); ok {
		return text, nil
	}
	return nil, errors.New("unknown")
}

// TestServerLocal: quick tasks leave one event each.
func TestServerLocal(t *testing.T) {
	s := serve(t, adding())
	s.Local = []string{"a*"}
	id := s.begin(counts, `{"n": 90}`)
	assert.Equal(t, `{"n":100}`, s.succeeds(id))
	chain, err := s.chain(s.context(), id)
	require.NoError(t, err)
	assert.Less(t, len(chain[0].Events), 25)
	s.strictly(id)
}

// TestServerSearchAttributes: they are those of every run.
func TestServerSearchAttributes(t *testing.T) {
	s := serve(t, adding())
	_, err := s.Temporal.OperatorService().AddSearchAttributes(s.context(), &operatorservice.AddSearchAttributesRequest{
		SearchAttributes: map[string]enumspb.IndexedValueType{"Customer": enumspb.INDEXED_VALUE_TYPE_KEYWORD}, Namespace: os.Getenv("TEMPORAL_NAMESPACE"),
	})
	require.NoError(t, err)
	s.MaxHistory = 60
	customer := temporal.NewSearchAttributeKeyKeyword("Customer")
	s.SearchAttributes = func(_ *runtime.Program, who runtime.Identity) temporal.SearchAttributes {
		return temporal.NewSearchAttributes(customer.ValueSet(who.StateMachineName))
	}
	var id string
	require.Eventually(t, func() bool { // the server needs a moment to know the attribute
		r, err := s.Start(s.context(), compiled(t, counts), s.names(), jsonvalue.MustParse(`{"n": 70}`), nil)
		id = r.Execution
		return err == nil
	}, 20*time.Second, 200*time.Millisecond)
	assert.Equal(t, `{"n":100}`, s.succeeds(id))
	d, err := s.Temporal.DescribeWorkflow(s.context(), id, "")
	require.NoError(t, err)
	got, ok := d.TypedSearchAttributes.GetKeyword(customer)
	assert.True(t, ok)
	assert.Equal(t, "Machine", got)
}
