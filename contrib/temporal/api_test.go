package asltemporal

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// overAPI returns what calls operations of the API in front of the executions, and what expects that they succeed.
func overAPI(s *served) (call func(operation string, in map[string]any) (map[string]any, int), ok func(operation string, in map[string]any) map[string]any) {
	t := s.t
	h, err := sfnapi.Open(s.context(), nil, sfnapi.Config{Executions: s.Client})
	require.NoError(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, h.Close(s.context()))
	})
	call = func(operation string, in map[string]any) (map[string]any, int) {
		body, err := json.Marshal(in)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(s.context(), http.MethodPost, server.URL, strings.NewReader(string(body)))
		require.NoError(t, err)
		request.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		answer, err := server.Client().Do(request)
		require.NoError(t, err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		out := map[string]any{}
		require.NoError(t, json.Unmarshal(text, &out), string(text))
		return out, answer.StatusCode
	}
	return call, func(operation string, in map[string]any) map[string]any {
		t.Helper()
		out, status := call(operation, in)
		require.Equal(t, http.StatusOK, status, "%s: %v", operation, out)
		return out
	}
}

// TestServerAPI is a tour of the API of Step Functions in front of Temporal: what a client does with an
// Engine behind it, it does here.
func TestServerAPI(t *testing.T) {
	handed := make(chan string, 10)
	tasks := tokens(handed)
	for pattern, task := range shop() {
		tasks[pattern] = task
	}
	s := serve(t, tasks)
	call, ok := overAPI(s)
	name := "Tour" + s.names().ExecutionName[20:]
	name = strings.NewReplacer("-", "").Replace(name)
	role := "arn:aws:iam::123456789012:role/Role"
	machine := ok("CreateStateMachine", map[string]any{"name": name, "roleArn": role, "definition": tokenMachine})["stateMachineArn"].(string)
	begun := ok("StartExecution", map[string]any{"stateMachineArn": machine, "name": "first", "input": `{"key": "值"}`})
	execution := begun["executionArn"].(string)
	assert.Equal(t, "RUNNING", ok("DescribeExecution", map[string]any{"executionArn": execution})["status"])
	token := <-handed
	ok("SendTaskHeartbeat", map[string]any{"taskToken": token})
	ok("SendTaskSuccess", map[string]any{"taskToken": token, "output": `{"paid": 99.50}`})
	out, err := s.Wait(s.context(), execution)
	require.NoError(t, err)
	assert.Equal(t, jsonvalue.MustParse(`{"paid": 99.50}`).String(), out.String())
	described := ok("DescribeExecution", map[string]any{"executionArn": execution})
	assert.Equal(t, []any{"SUCCEEDED", `{"key":"值"}`, `{"paid":99.5}`}, []any{described["status"], described["input"], described["output"]})
	events := ok("GetExecutionHistory", map[string]any{"executionArn": execution, "maxResults": 3})
	assert.Len(t, events["events"], 3)
	require.NotEmpty(t, events["nextToken"])
	assert.NotEmpty(t, ok("GetExecutionHistory", map[string]any{"executionArn": execution, "nextToken": events["nextToken"]})["events"])
	last := ok("GetExecutionHistory", map[string]any{"executionArn": execution, "reverseOrder": true, "maxResults": 1})["events"].([]any)
	assert.Equal(t, "ExecutionSucceeded", last[0].(map[string]any)["type"])
	refused, status := call("SendTaskSuccess", map[string]any{"taskToken": token, "output": "{}"})
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, refused["__type"], "TaskTimedOut")

	// A second one is stopped, and redriven.
	second := ok("StartExecution", map[string]any{"stateMachineArn": machine, "name": "second"})["executionArn"].(string)
	<-handed
	ok("StopExecution", map[string]any{"executionArn": second, "error": "Enough", "cause": "of this"})
	described = ok("DescribeExecution", map[string]any{"executionArn": second})
	assert.Equal(t, []any{"ABORTED", "Enough", "REDRIVABLE"}, []any{described["status"], described["error"], described["redriveStatus"]})
	ok("RedriveExecution", map[string]any{"executionArn": second})
	ok("SendTaskFailure", map[string]any{"taskToken": <-handed, "error": "Declined", "cause": "no funds"})
	_, err = s.Wait(s.context(), second)
	require.Error(t, err)
	described = ok("DescribeExecution", map[string]any{"executionArn": second})
	assert.Equal(t, []any{"FAILED", "Declined", "no funds", 1.0}, []any{described["status"], described["error"], described["cause"], described["redriveCount"]})
	require.Eventually(t, func() bool {
		return len(ok("ListExecutions", map[string]any{"stateMachineArn": machine})["executions"].([]any)) == 2
	}, 10*time.Second, 50*time.Millisecond)
	require.Eventually(t, func() bool {
		return len(ok("ListExecutions", map[string]any{"stateMachineArn": machine, "statusFilter": "FAILED"})["executions"].([]any)) == 1
	}, 10*time.Second, 50*time.Millisecond)
	page := ok("ListExecutions", map[string]any{"stateMachineArn": machine, "maxResults": 1})
	require.NotEmpty(t, page["nextToken"])
	assert.Len(t, ok("ListExecutions", map[string]any{"stateMachineArn": machine, "nextToken": page["nextToken"], "maxResults": 1})["executions"], 1)
	again, status := call("StartExecution", map[string]any{"stateMachineArn": machine, "name": "first", "input": `{}`})
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, again["__type"], "ExecutionAlreadyExists")

	assert.Empty(t, ok("ListMapRuns", map[string]any{"executionArn": execution})["mapRuns"])
	ok("DeleteStateMachine", map[string]any{"stateMachineArn": machine})
	require.Eventually(t, func() bool {
		_, status := call("DescribeStateMachine", map[string]any{"stateMachineArn": machine})
		return status == http.StatusBadRequest
	}, 10*time.Second, 50*time.Millisecond)
}

// TestServerAPIMapRuns asks for Map Runs, and changes one.
func TestServerAPIMapRuns(t *testing.T) {
	handed := make(chan string, 10)
	s := serve(t, tokens(handed))
	call, ok := overAPI(s)
	machine := ok("CreateStateMachine", map[string]any{"name": strings.ReplaceAll("Runs"+s.names().ExecutionName[20:], "-", ""), "roleArn": "arn:aws:iam::123456789012:role/Role",
		"definition": `{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 1, "Label": "L", "End": true, "ItemBatcher": {"MaxItemsPerBatch": 2},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "A", "States": {"A": {"Type": "Task",
			"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}}}}}`})["stateMachineArn"]
	execution := ok("StartExecution", map[string]any{"stateMachineArn": machine, "input": `{"list": [1, 2, 3, 4]}`})["executionArn"].(string)
	first := <-handed
	runs := ok("ListMapRuns", map[string]any{"executionArn": execution})["mapRuns"].([]any)
	require.Len(t, runs, 1)
	run := runs[0].(map[string]any)["mapRunArn"]
	counts := func() (map[string]any, any) {
		described := ok("DescribeMapRun", map[string]any{"mapRunArn": run})
		return described["executionCounts"].(map[string]any), described["status"]
	}
	have, status := counts()
	assert.Equal(t, []any{1.0, 1.0, 2.0, "RUNNING"}, []any{have["pending"], have["running"], have["total"], status})
	ok("UpdateMapRun", map[string]any{"mapRunArn": run, "maxConcurrency": 2})
	second := <-handed
	have, _ = counts()
	assert.Equal(t, 2.0, have["running"])
	require.Eventually(t, func() bool {
		return len(ok("ListExecutions", map[string]any{"mapRunArn": run})["executions"].([]any)) == 2
	}, 20*time.Second, 100*time.Millisecond)
	assert.Equal(t, 2.0, ok("ListExecutions", map[string]any{"mapRunArn": run})["executions"].([]any)[0].(map[string]any)["itemCount"])
	child := ok("ListExecutions", map[string]any{"mapRunArn": run})["executions"].([]any)[0].(map[string]any)["executionArn"]
	assert.Equal(t, run, ok("DescribeExecution", map[string]any{"executionArn": child})["mapRunArn"])
	assert.Contains(t, ok("DescribeStateMachineForExecution", map[string]any{"executionArn": child})["definition"], `"StartAt":"A"`)
	assert.NotEmpty(t, ok("GetExecutionHistory", map[string]any{"executionArn": child})["events"])
	for _, token := range []string{first, second} {
		ok("SendTaskSuccess", map[string]any{"taskToken": token, "output": "1"})
	}
	assert.Equal(t, `[1,1]`, s.succeeds(execution))
	have, status = counts()
	assert.Equal(t, []any{2.0, 2.0, "SUCCEEDED"}, []any{have["succeeded"], have["resultsWritten"], status})
	_, refused := call("UpdateMapRun", map[string]any{"mapRunArn": run, "maxConcurrency": 2})
	assert.Equal(t, http.StatusBadRequest, refused)
	_, refused = call("DescribeMapRun", map[string]any{"mapRunArn": run.(string)[:len(run.(string))-1] + "x"})
	assert.Equal(t, http.StatusBadRequest, refused)
	s.strictly(execution)
}

// TestServerAPIActivity has workers of an activity poll by the API.
func TestServerAPIActivity(t *testing.T) {
	s := serve(t, runtime.Mux{})
	s.Namespace = os.Getenv("TEMPORAL_NAMESPACE")
	_, ok := overAPI(s)
	name := strings.ReplaceAll("Work"+s.names().ExecutionName[20:], "-", "")
	activity := ok("CreateActivity", map[string]any{"name": name})["activityArn"].(string)
	machine := ok("CreateStateMachine", map[string]any{"name": name, "roleArn": "arn:aws:iam::123456789012:role/Role",
		"definition": `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "` + activity + `", "TimeoutSeconds": 60, "HeartbeatSeconds": 2, "End": true}}}`})["stateMachineArn"]
	begin := func(input string) string {
		return ok("StartExecution", map[string]any{"stateMachineArn": machine, "input": input})["executionArn"].(string)
	}
	poll := func() map[string]any {
		return ok("GetActivityTask", map[string]any{"activityArn": activity, "workerName": "worker-1"})
	}
	id := begin(`{"n": 1}`)
	task := poll()
	assert.Equal(t, `{"n":1}`, task["input"])
	for range 3 { // longer than HeartbeatSeconds
		time.Sleep(time.Second)
		ok("SendTaskHeartbeat", map[string]any{"taskToken": task["taskToken"]})
	}
	ok("SendTaskSuccess", map[string]any{"taskToken": task["taskToken"], "output": `{"n": 2}`})
	assert.Equal(t, `{"n":2}`, s.succeeds(id))
	events := ok("GetExecutionHistory", map[string]any{"executionArn": id})["events"].([]any)
	types := make([]string, len(events))
	for i, e := range events {
		types[i] = e.(map[string]any)["type"].(string)
	}
	assert.Equal(t, []string{"ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded"}, types)
	assert.Equal(t, map[string]any{"workerName": "worker-1"}, events[3].(map[string]any)["activityStartedEventDetails"])
	s.strictly(id)

	id = begin(`2`)
	ok("SendTaskFailure", map[string]any{"taskToken": poll()["taskToken"], "error": "Boom", "cause": "no"})
	_, err := s.Wait(s.context(), id)
	assert.ErrorContains(t, err, "Boom: no")
	s.strictly(id)

	id = begin(`3`) // nobody sends heartbeats
	poll()
	_, err = s.Wait(s.context(), id)
	assert.ErrorContains(t, err, "States.Timeout")
	s.strictly(id)

	id = begin(`4`) // stopped while it is offered: the next worker does not get it
	_, err = s.Stop(s.context(), id, "", "")
	require.NoError(t, err)
	next := begin(`5`)
	assert.Equal(t, `5`, poll()["input"])
	_, err = s.Stop(s.context(), next, "", "")
	require.NoError(t, err)
}
