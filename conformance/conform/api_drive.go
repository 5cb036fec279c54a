package main

import (
	"fmt"
	"time"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// apiDrive runs an execution by the API.
type apiDrive struct{ recorded.Caller }

// run creates a state machine of a program, and starts it.
func (d *apiDrive) run(r replay.Replay, name string) (result replay.Result, err error) {
	created, err := d.ask("CreateStateMachine", "name", name, "roleArn", "arn:aws:iam::111111111111:role/r", "definition", string(r.Program.StateMachine().Source()))
	if err != nil {
		return result, err
	}
	machine, _ := created.Get("stateMachineArn")
	defer func() { _, _ = d.ask("DeleteStateMachine", "stateMachineArn", recorded.TextOf(machine)) }()
	started, err := d.ask("StartExecution", "stateMachineArn", recorded.TextOf(machine), "input", r.Input.String())
	if err != nil {
		return result, err
	}
	execution, _ := started.Get("executionArn")
	for pause := recorded.FirstPause; ; pause = min(2*pause, recorded.LastPause) {
		described, err := d.ask("DescribeExecution", "executionArn", recorded.TextOf(execution))
		if err != nil {
			return result, err
		}
		status, _ := described.Get("status")
		if recorded.TextOf(status) != string(interp.Running) {
			return d.result(recorded.TextOf(execution), described)
		}
		time.Sleep(pause)
	}
}

// result reads the outcome and the history of an execution that is over.
func (d *apiDrive) result(execution string, described jsonvalue.Value) (result replay.Result, err error) {
	status, _ := described.Get("status")
	result.Status = interp.Status(recorded.TextOf(status))
	if output, ok := described.Get("output"); ok {
		if result.Output, err = jsonvalue.Parse([]byte(recorded.TextOf(output))); err != nil {
			return result, err
		}
	}
	name, hasName := described.Get("error")
	cause, hasCause := described.Get("cause")
	result.ErrorInfo = history.ErrorInfo{Error: recorded.TextOf(name), Cause: recorded.TextOf(cause), HasError: hasName, HasCause: hasCause}
	token := ""
	for {
		args := []string{"executionArn", execution}
		if token != "" {
			args = append(args, "nextToken", token)
		}
		page, err := d.ask("GetExecutionHistory", args...)
		if err != nil {
			return result, err
		}
		events, _ := page.Get("events")
		for _, e := range events.Elements() {
			var event history.Event
			if err := event.UnmarshalJSON(e.AppendJSON(nil)); err != nil {
				return result, err
			}
			result.History = append(result.History, event)
		}
		next, more := page.Get("nextToken")
		if !more {
			return result, nil
		}
		token = recorded.TextOf(next)
	}
}

// ask performs a call whose arguments are texts. That it is refused is an error.
func (d *apiDrive) ask(operation string, args ...string) (jsonvalue.Value, error) {
	var members []jsonvalue.Member
	for i := 0; i < len(args); i += 2 {
		members = append(members, jsonvalue.Member{Name: args[i], Value: jsonvalue.String(args[i+1])})
	}
	status, body, err := d.Call(operation, jsonvalue.Object(members...))
	if err == nil {
		err = recorded.Missing(operation, body)
	}
	if err == nil && status >= 400 {
		err = fmt.Errorf("%s: %s", operation, recorded.Brief(body))
	}
	return body, err
}

// driveBy returns what replays an execution by the API: for cases that are only a
// definition and an input.
func driveBy(via recorded.Caller, suffix string) func(r replay.Replay) (replay.Result, error) {
	return func(r replay.Replay) (result replay.Result, err error) {
		d := &apiDrive{via}
		return d.run(r, "single"+suffix)
	}
}
