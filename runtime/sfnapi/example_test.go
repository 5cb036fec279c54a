package sfnapi_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// A Handler is the transport of a client: neither a port nor credentials are needed. An
// SDK of AWS takes the same client.
func ExampleHandler_RoundTrip() {
	ctx := context.Background()
	tasks := runtime.Mux{"*:function:greet": runtime.Function(func(_ context.Context, name string) (string, error) { return "Hello " + name, nil })}
	h, err := sfnapi.Open(ctx, nil, sfnapi.Config{Account: "123456789012", Engine: runtime.EngineConfig{Tasks: tasks}})
	check(err)
	defer h.Close(ctx)
	client := &http.Client{Transport: h}
	call := func(operation string, members ...string) string {
		body := jsonvalue.Object()
		for i := 0; i < len(members); i += 2 {
			body = body.With(members[i], jsonvalue.String(members[i+1]))
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://here/", strings.NewReader(body.String()))
		check(err)
		r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
		response, err := client.Do(r)
		check(err)
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		check(err)
		return string(answer)
	}
	const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:hello"
	call("CreateStateMachine", "name", "hello", "roleArn", "arn:aws:iam::123456789012:role/any", "definition",
		`{"StartAt": "Greet", "States": {"Greet": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": true}}}`)
	call("StartExecution", "stateMachineArn", machine, "name", "first", "input", `"Ada"`)
	out, err := h.Engine().Wait(ctx, "arn:aws:states:us-east-1:123456789012:execution:hello:first")
	fmt.Println(out, err)
	fmt.Println(call("StartExecution", "stateMachineArn", machine, "name", "first"))
	// Output:
	// "Hello Ada" <nil>
	// {"__type":"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists","message":"Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:hello:first'"}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
