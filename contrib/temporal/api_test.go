package asltemporal

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// TestServerAPI is a tour of the API of Step Functions in front of Temporal: what a client does with an
// Engine behind it, it does here.
func TestServerAPI(t *testing.T) {
	handed := make(chan string, 10)
	tasks := tokens(handed)
	for pattern, task := range shop() {
		tasks[pattern] = task
	}
	s := serve(t, tasks)
	h, err := sfnapi.Open(s.context(), nil, sfnapi.Config{Executions: s.Client})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.Close(s.context())) }()
	server := httptest.NewServer(h)
	defer server.Close()
	call := func(operation string, in map[string]any) (map[string]any, int) {
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
	ok := func(operation string, in map[string]any) map[string]any {
		t.Helper()
		out, status := call(operation, in)
		require.Equal(t, http.StatusOK, status, "%s: %v", operation, out)
		return out
	}
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

	// What Temporal does not offer is refused.
	activity := ok("CreateActivity", map[string]any{"name": name})["activityArn"]
	_, status = call("GetActivityTask", map[string]any{"activityArn": activity})
	assert.Equal(t, http.StatusBadRequest, status)
	_, status = call("ListMapRuns", map[string]any{"executionArn": execution})
	assert.Equal(t, http.StatusBadRequest, status)
	ok("DeleteStateMachine", map[string]any{"stateMachineArn": machine})
	require.Eventually(t, func() bool {
		_, status := call("DescribeStateMachine", map[string]any{"stateMachineArn": machine})
		return status == http.StatusBadRequest
	}, 10*time.Second, 50*time.Millisecond)
}
