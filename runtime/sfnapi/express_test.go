package sfnapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// slowly is an EXPRESS state machine whose task takes the seconds that its input says.
const slowly = `{"name": "slowly", "roleArn": "arn:r", "type": "EXPRESS", "loggingConfiguration": {"level": "ALL",
	"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:1:log-group:g:*"}}]},
	"definition": "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:1:function:sleep\",\"End\":true}}}"}`

// expressTest has a Handler with that machine, in virtual time.
type expressTest struct {
	*Handler
	t    *testing.T
	last atomic.Pointer[LogRecord]
}

func testExpress(t *testing.T, c Config, f func(x *expressTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &expressTest{t: t}
		c.Log = func(r LogRecord) { x.last.Store(&r) }
		c.Engine.Tasks = runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			seconds, _ := task.Input.AsInt64()
			select {
			case <-time.After(time.Duration(seconds) * time.Second):
				return task.Input, nil
			case <-ctx.Done():
				return jsonvalue.Value{}, context.Cause(ctx)
			}
		})
		var err error
		x.Handler, err = Open(t.Context(), nil, c)
		require.NoError(t, err)
		status, answer := x.send(t.Context(), "CreateStateMachine", slowly)
		require.Equal(t, 200, status, answer)
		f(x)
		require.NoError(t, x.Close(context.WithoutCancel(t.Context())))
	})
}

func (x *expressTest) send(ctx context.Context, operation, body string) (int, string) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://x/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// start starts one that takes so many seconds.
func (x *expressTest) start(ctx context.Context, operation, seconds string) (int, string) {
	return x.send(ctx, operation, `{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:slowly", "input": "`+seconds+`"}`)
}

// logged returns the last event that was logged.
func (x *expressTest) logged() history.Event {
	synctest.Wait()
	if r := x.last.Load(); r != nil {
		return r.Event
	}
	return history.Event{}
}

func TestExpressTime(t *testing.T) {
	testExpress(t, Config{}, func(x *expressTest) {
		began := time.Now()
		status, answer := x.start(x.t.Context(), "StartSyncExecution", "290")
		require.Equal(t, 200, status)
		require.Contains(t, answer, `"status":"SUCCEEDED"`)
		require.Contains(t, answer, `"billedDurationInMilliseconds":290000`)
		require.Equal(t, 290*time.Second, time.Since(began))
		began = time.Now()
		_, answer = x.start(x.t.Context(), "StartSyncExecution", "310")
		require.Contains(t, answer, `"error":"States.Timeout"`)
		require.Contains(t, answer, `"status":"TIMED_OUT"`)
		require.Equal(t, 5*time.Minute, time.Since(began))
	})
}

// A client that hangs up does not end what it has begun: if it asks again, nothing was
// left half done.
func TestExpressClientHangsUp(t *testing.T) {
	testExpress(t, Config{}, func(x *expressTest) {
		ctx, cancel := context.WithTimeout(x.t.Context(), 10*time.Second)
		defer cancel()
		status, _ := x.start(ctx, "StartSyncExecution", "60")
		require.Equal(t, 503, status)
		require.Equal(t, "TaskStarted", strings.Replace(x.logged().Type, "LambdaFunction", "Task", 1))
		time.Sleep(50 * time.Second)
		require.Equal(t, "ExecutionSucceeded", x.logged().Type)
		cancel()
		status, _ = x.start(ctx, "StartSyncExecution", "60")
		require.Equal(t, 503, status, "it has gone before anything began")
	})
}

// When the server ends, executions have ten seconds.
func TestExpressShutdown(t *testing.T) {
	testExpress(t, Config{}, func(x *expressTest) {
		answers := make(chan int, 2)
		for _, seconds := range []string{"9", "100"} {
			go func() {
				status, _ := x.start(context.WithoutCancel(x.t.Context()), "StartSyncExecution", seconds)
				answers <- status
			}()
		}
		status, _ := x.start(x.t.Context(), "StartExecution", "200")
		require.Equal(t, 200, status)
		synctest.Wait()
		began := time.Now()
		require.NoError(t, x.Close(x.t.Context()))
		require.Equal(t, 10*time.Second, time.Since(began))
		require.Equal(t, 200, <-answers)
		require.Equal(t, 503, <-answers)
		require.Equal(t, "ExecutionAborted", x.logged().Type)
		require.Equal(t, errCutOff.Error(), x.logged().Cause)
		status, _ = x.start(x.t.Context(), "StartExecution", "1")
		require.Equal(t, 503, status)
	})
	testExpress(t, Config{}, func(x *expressTest) {
		status, _ := x.start(x.t.Context(), "StartExecution", "200")
		require.Equal(t, 200, status)
		ctx, cancel := context.WithTimeout(x.t.Context(), 4*time.Second)
		defer cancel()
		began := time.Now()
		require.NoError(t, x.Close(ctx))
		require.Equal(t, 2*time.Second, time.Since(began), "half the time that there is")
	})
}

// Beyond so many executions others are refused, and clients come back.
func TestExpressLimit(t *testing.T) {
	testExpress(t, Config{Express: 2}, func(x *expressTest) {
		for range 2 {
			status, _ := x.start(x.t.Context(), "StartExecution", "5")
			require.Equal(t, 200, status)
		}
		for _, operation := range []string{"StartExecution", "StartSyncExecution"} {
			status, answer := x.start(x.t.Context(), operation, "5")
			require.Equal(t, 400, status)
			require.Contains(t, answer, "ThrottlingException")
		}
		time.Sleep(6 * time.Second)
		status, _ := x.start(x.t.Context(), "StartSyncExecution", "5")
		require.Equal(t, 200, status)
	})
}

// Observers of the Engine see these executions too, and a panic in one harms nobody.
func TestExpressObservers(t *testing.T) {
	var events, evicted atomic.Int64
	c := Config{Engine: runtime.EngineConfig{
		Observe: func(e history.Event) {
			events.Add(1)
			panic("an observer")
		},
		Evicted: func(string) { evicted.Add(1) },
	}}
	testExpress(t, c, func(x *expressTest) {
		status, _ := x.start(x.t.Context(), "StartSyncExecution", "1")
		require.Equal(t, 200, status)
		require.Equal(t, int64(7), events.Load())
		require.Equal(t, int64(1), evicted.Load())
	})
}

// Where time is virtual they would stand beside it.
func TestExpressInVirtualTime(t *testing.T) {
	h := openTest(t, Config{Engine: runtime.EngineConfig{Clock: runtime.NewVirtualClock(time.Unix(0, 0))}})
	_, _, _ = ask(h, nil, "POST", "CreateStateMachine", slowly)
	status, fault, _ := ask(h, nil, "POST", "StartExecution", `{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:slowly"}`)
	require.Equal(t, 400, status)
	require.Equal(t, "ValidationException", fault)
}

// What the refusals of this package become for a task that starts an execution.
func TestNestedFaults(t *testing.T) {
	var f *runtime.TaskError
	require.ErrorAs(t, nestedFault(throttled()), &f)
	require.Equal(t, "StepFunctions.ThrottlingException", f.Name)
	other := errors.New("x")
	require.ErrorIs(t, nestedFault(other), other)
}

// A task that waits for work when the server ends has no answer: whoever goes on performs it
// again.
func TestSDKCallsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		send := func(h *Handler, operation, body string) string {
			x := &expressTest{Handler: h, t: t}
			_, answer := x.send(t.Context(), operation, body)
			return answer
		}
		const place = "arn:aws:states:us-east-1:000000000000:"
		worker := `{"name": "w", "roleArn": "arn:r", "definition": "{\"StartAt\":\"G\",\"States\":{\"G\":{\"Type\":\"Task\",` +
			`\"Resource\":\"arn:aws:states:::aws-sdk:sfn:getActivityTask\",\"Parameters\":{\"ActivityArn\":\"` + place + `activity:a\"},\"End\":true}}}"}`
		order := `{"name": "o", "roleArn": "arn:r", "definition": "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"` + place + `activity:a\",\"End\":true}}}"}`
		h, err := Open(t.Context(), s, Config{})
		require.NoError(t, err)
		send(h, "CreateActivity", `{"name": "a"}`)
		send(h, "CreateStateMachine", worker)
		send(h, "CreateStateMachine", order)
		send(h, "StartExecution", `{"stateMachineArn": "`+place+`stateMachine:w", "name": "x"}`)
		synctest.Wait()
		require.NoError(t, h.Close(t.Context()))

		h, err = Open(t.Context(), s, Config{})
		require.NoError(t, err)
		synctest.Wait()
		require.Contains(t, send(h, "DescribeExecution", `{"executionArn": "`+place+`execution:w:x"}`), `"status":"RUNNING"`)
		send(h, "StartExecution", `{"stateMachineArn": "`+place+`stateMachine:o", "input": "[7]"}`)
		out, err := h.Engine().Wait(t.Context(), place+"execution:w:x")
		require.NoError(t, err)
		input, _ := out.Get("Input")
		require.Equal(t, `"[7]"`, input.String())
		require.NoError(t, h.Close(t.Context()))
	})
}

// A task that another process had begun waits until the Engine is known, or for its end.
func TestSDKCallsBeforeTheBeginning(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCutOff)
	early := sdkCall{handler: &Handler{opened: make(chan struct{})}, operation: "ListActivities"}
	_, err := early.InvokeTask(ctx, nil)
	require.ErrorIs(t, err, errCutOff)
}
