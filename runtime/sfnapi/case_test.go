package sfnapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// A test case behind the ARN of a state machine is told before the execution asks who
// performs its tasks; one that is refused starts nothing.
func TestCase(t *testing.T) {
	var cases sync.Map
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{
		Engine: runtime.EngineConfig{TasksOf: func(execution string) runtime.TaskInvoker {
			chosen, ok := cases.Load(execution)
			if !ok {
				return nil
			}
			return runtime.Mux{"*:function:charge": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
				return jsonvalue.String(chosen.(string)), nil
			})}
		}},
		Case: func(execution, machine, testCase string, p *runtime.Program) error {
			if testCase != "Happy" {
				return errors.New("there is no case " + testCase)
			}
			cases.Store(execution, machine+"/"+testCase+"/"+p.Tasks()[0].Name)
			return nil
		},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.Close(context.Background())) }()
	call := func(operation, body string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://any/", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
		answer, err := h.RoundTrip(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(text)
	}
	const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:Order"
	call("CreateStateMachine", `{"name": "Order", "roleArn": "arn:aws:iam::000000000000:role/r", "definition":
		"{\"StartAt\":\"Pay\",\"States\":{\"Pay\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:000000000000:function:charge\",\"End\":true}}}"}`)
	require.Contains(t, call("StartExecution", `{"stateMachineArn": "`+arn+`#Sad", "name": "a"}`), "there is no case Sad")
	require.Contains(t, call("StartExecution", `{"stateMachineArn": "`+arn+`", "name": "b"}`), "ValidationException")
	require.Contains(t, call("StartExecution", `{"stateMachineArn": "`+arn+`#Happy", "name": "c"}`), "executionArn")
	out, err := h.Engine().Wait(t.Context(), "arn:aws:states:us-east-1:000000000000:execution:Order:c")
	require.NoError(t, err)
	require.Equal(t, `"Order/Happy/Pay"`, out.String())
	require.Contains(t, call("DescribeExecution", `{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:Order:a"}`), "ExecutionDoesNotExist")
}
