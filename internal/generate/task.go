package generate

// resource is something that a Task state can call, with the fields that its request must
// have.
type resource struct {
	text    string
	request object
	token   bool // the request carries the task token
}

var resources = []resource{
	{text: "arn:aws:lambda:us-east-1:123456789012:function:f"},
	{text: "arn:aws:lambda:us-east-1:123456789012:function:f"},
	{text: "arn:aws:states:us-east-1:123456789012:activity:a"},
	{text: "arn:aws:states:::lambda:invoke", request: object{"FunctionName": "f"}},
	{text: "arn:aws:states:::dynamodb:getItem", request: object{"TableName": "t", "Key": object{"id": object{"S": "1"}}}},
	{text: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", request: object{"QueueUrl": "q"}, token: true},
	{text: "arn:aws:states:::glue:startJobRun.sync", request: object{"JobName": "j"}},
	{text: "arn:aws:states:::states:startExecution.sync:2", request: object{"StateMachineArn": "m"}},
}

func (m *machine) task(s scope, state object, follows []string) {
	m.next(state, follows)
	r := pick(m.Rand, resources...)
	state["Resource"] = r.text
	m.request(s, state, &r)
	m.clocks(s, state, &r)
	m.work(s, state, follows)
}

func (m *machine) request(s scope, state object, r *resource) {
	if r.request == nil {
		m.inputOf(s, state, "Parameters", "Arguments")
		return
	}
	request := object{}
	for name, value := range r.request {
		request[name] = value
	}
	field := "Parameters"
	if s.jsonata {
		field = "Arguments"
	}
	if r.token && s.jsonata {
		request["MessageBody"] = object{"token": "{% $states.context.Task.Token %}"}
	} else if r.token {
		request["MessageBody"] = object{"token.$": "$$.Task.Token"}
	}
	state[field] = request
}

// clocks writes the timeout and the heartbeat.
func (m *machine) clocks(s scope, state object, r *resource) {
	switch m.IntN(5) {
	case 0, 1:
		state["TimeoutSeconds"] = 2 + m.IntN(10)
	case 2:
		if m.one(2) {
			m.language(state, s, "TimeoutSeconds", "$$.Execution.Input.n", "{% $states.context.Execution.Input.n %}")
		} else if !m.one(3) {
			state["HeartbeatSeconds"] = 2 + m.IntN(3)
		}
		return
	}
	if m.one(5) {
		state["HeartbeatSeconds"] = 1
	}
}
