package sfnapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	call := func(operation, body string) string { return ask(t, h, operation, body) }
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

// ask returns the answer to a request in this process.
func ask(t *testing.T, h *sfnapi.Handler, operation, body string) string {
	t.Helper()
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

// EXPRESS state machines have test cases, too, and their Wait states are as long as the
// configuration says: also when a state of another execution starts them, which has no case.
func TestCaseOfExpress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := func(text string) runtime.Mux {
			return runtime.Mux{"*:function:charge": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return jsonvalue.String(text), nil })}
		}
		var cases sync.Map
		h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{
			Engine: runtime.EngineConfig{
				Tasks: answer("no case"),
				TasksOf: func(execution string) runtime.TaskInvoker {
					if chosen, ok := cases.Load(execution); ok {
						return answer(chosen.(string))
					}
					return nil
				},
				ScaleWait: func(d time.Duration) time.Duration { return d / 100 },
			},
			Case: func(execution, machine, testCase string, _ *runtime.Program) error {
				if testCase == "Sad" {
					return errors.New("there is no case Sad")
				}
				cases.Store(execution, machine+"/"+testCase)
				return nil
			},
		})
		require.NoError(t, err)
		const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:"
		create := func(name, kind, states string) {
			definition, err := json.Marshal(states)
			require.NoError(t, err)
			require.Contains(t, ask(t, h, "CreateStateMachine", `{"name": "`+name+`", "type": "`+kind+`", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": `+string(definition)+`}`), "stateMachineArn")
		}
		create("Quick", "EXPRESS", `{"StartAt":"Wait","States":{"Wait":{"Type":"Wait","Seconds":10000,"Next":"Pay"},
			"Pay":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:charge","End":true}}}`)
		create("Outer", "STANDARD", `{"StartAt":"Start","States":{"Start":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution",
			"Parameters":{"StateMachineArn":"`+arn+`Quick"},"Next":"Pay"},
			"Pay":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:charge","End":true}}}`)

		began := time.Now()
		require.Contains(t, ask(t, h, "StartSyncExecution", `{"stateMachineArn": "`+arn+`Quick#Happy"}`), `"output":"\"Quick/Happy\""`)
		require.Equal(t, 100*time.Second, time.Since(began))
		require.Contains(t, ask(t, h, "StartSyncExecution", `{"stateMachineArn": "`+arn+`Quick"}`), `"output":"\"no case\""`)
		for _, operation := range []string{"StartSyncExecution", "StartExecution"} {
			require.Contains(t, ask(t, h, operation, `{"stateMachineArn": "`+arn+`Quick#Sad"}`), "there is no case Sad")
		}
		require.Contains(t, ask(t, h, "StartSyncExecution", `{"stateMachineArn": "`+arn+`Outer#Happy"}`), "StateMachineTypeNotSupported")
		require.Contains(t, ask(t, h, "StartExecution", `{"stateMachineArn": "`+arn+`Outer#Happy", "name": "a"}`), "executionArn")
		out, err := h.Engine().Wait(t.Context(), "arn:aws:states:us-east-1:000000000000:execution:Outer:a")
		require.NoError(t, err)
		require.Equal(t, `"Outer/Happy"`, out.String(), "nobody waits for the inner one")
		chosen := 0
		cases.Range(func(execution, _ any) bool {
			if chosen++; strings.Contains(execution.(string), ":express:") {
				require.Regexp(t, `:express:Quick:[0-9a-f-]+:[0-9a-f-]+$`, execution)
			}
			return true
		})
		require.Equal(t, 2, chosen, "one of Quick and one of Outer")
		require.NoError(t, h.Close(context.Background()))
	})
}
