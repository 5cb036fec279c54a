package awstest

import (
	"time"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/jsonvalue"
)

// What the stacks of CloudFormation have that recorded cases deploy. Their names are tokens in the recordings.
const (
	stackQueue = "https://sqs.us-east-1.amazonaws.com/111111111111/stack"
	stackAPI   = "stack.execute-api.us-east-1.amazonaws.com"
)

// deploy makes what a template has besides its state machine.
func (w *world) deploy(template string) error {
	switch template {
	case "wait-for-callback.yaml":
		w.queues["stack"] = nil
		go w.callBack()
	case "step-functions-calling-api-gateway.yaml":
		w.proxies[stackAPI] = func(body jsonvalue.Value) string {
			if fail, _ := body.Get("fail"); fail.Equal(jsonvalue.Bool(true)) {
				return `{"errors": ["Errors.Failure"]}`
			}
			return `{"hello": "world"}`
		}
	default:
		return recorded.Needs("the template " + template)
	}
	return nil
}

// callBack is a function that gets the messages of a queue, and answers the tasks whose tokens they have.
func (w *world) callBack() {
	for w.ctx.Err() == nil {
		w.mu.Lock()
		waiting := w.queues["stack"]
		w.queues["stack"] = nil
		w.mu.Unlock()
		for _, m := range waiting {
			said, _ := jsonvalue.Parse([]byte(m.body))
			token, _ := said.Get("TaskToken")
			args := jsonvalue.Object(jsonvalue.Member{Name: "taskToken", Value: token})
			if fail, _ := said.Get("ShouldFail"); recorded.TextOf(fail) == "yes" {
				_, _, _ = w.Call("SendTaskFailure", args.With("error", jsonvalue.String("IntentionalFail")).With("cause", jsonvalue.String("Intentional failure")))
				continue
			}
			_, _, _ = w.Call("SendTaskSuccess", args.With("output", jsonvalue.String(`{"message": "Successfully executed lambda"}`)))
		}
		select {
		case <-time.After(time.Second):
		case <-w.ctx.Done():
		}
	}
}
