package interp

import (
	"slices"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// integrationParameters are those that optimized integrations with few of them have. What the input or an expression adds is not sent,
// and TaskScheduled does not show it (recorded of sqs:sendMessage; of the others unsure).
var integrationParameters = []struct {
	service, action string
	names           []string
}{
	{"sqs", "sendMessage", []string{"QueueUrl", "MessageBody", "DelaySeconds", "MessageAttributes", "MessageSystemAttributes", "MessageDeduplicationId", "MessageGroupId"}},
	{"sns", "publish", []string{"TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageStructure", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId"}},
	{"events", "putEvents", []string{"Entries", "EndpointId"}},
	{"states", "startExecution", []string{"StateMachineArn", "Name", "Input", "TraceHeader"}},
}

// shownParameters returns the parameters of a task as TaskScheduled has them.
func shownParameters(r *asl.Resource, given jsonvalue.Value) jsonvalue.Value {
	shown := given
	for i := range integrationParameters {
		p := &integrationParameters[i]
		if r.Service != p.service || r.Action != p.action || given.Kind() != jsonvalue.KindObject {
			continue
		}
		for name := range given.Members() {
			if !slices.Contains(p.names, name) {
				shown = shown.Without(name)
			}
		}
	}
	return shown
}
