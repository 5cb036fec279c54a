package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/sfnapi"
)

// calls is a case of the kind api, in the form of the recordings.
const calls = `[{"id": "own", "kind": "api", "tier": "engine", "needs": [], "skip_verify": [], "transformers": [{"regex": "walked-1", "replacement": "<name>"}],
	"refs": [
		{"value": "arn:aws:states:us-east-1:111111111111:stateMachine:walked-1", "step": 1, "path": "response.stateMachineArn"},
		{"value": "arn:aws:states:us-east-1:111111111111:execution:walked-1:0", "step": 3, "path": "response.executionArn"}],
	"calls": [
		{"i": 0, "fixture": "create_state_machine_iam_role", "args": {}, "result": "arn:aws:iam::111111111111:role/r"},
		{"i": 1, "service": "stepfunctions", "op": "CreateStateMachine", "args": {"name": "walked-1", "roleArn": "arn:aws:iam::111111111111:role/r",
			"definition": "{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"Seconds\": 3600, \"End\": true}}}"}},
		{"i": 2, "match": "created", "from_call": 1},
		{"i": 3, "service": "stepfunctions", "op": "StartExecution", "args": {"stateMachineArn": "arn:aws:states:us-east-1:111111111111:stateMachine:walked-1", "input": "[1]"}},
		{"i": 4, "await": "await_execution_success", "args": {"execution_arn": "arn:aws:states:us-east-1:111111111111:execution:walked-1:0"}},
		{"i": 5, "service": "stepfunctions", "op": "DescribeExecution", "args": {"executionArn": "arn:aws:states:us-east-1:111111111111:execution:walked-1:0"}},
		{"i": 6, "match": "described", "from_call": 5},
		{"i": 7, "service": "stepfunctions", "op": "DescribeExecution", "args": {"executionArn": "nonsense"}, "expect_error": "Exception"},
		{"i": 8, "match": "refused", "from_call": 7, "error": true},
		{"i": 9, "match": "sentence", "derived": {"exception_typename": "ERR#7.typename", "exception_value": "FakeClientError('ERR#7.str')"}}],
	"expected": {
		"created": {"stateMachineArn": "arn:<partition>:states:<region>:111111111111:stateMachine:<name>", "creationDate": "datetime", "ResponseMetadata": {"HTTPStatusCode": 200}},
		"described": {"executionArn": "arn:<partition>:states:<region>:111111111111:execution:<name>:<execution>", "stateMachineArn": "arn:<partition>:states:<region>:111111111111:stateMachine:<name>",
			"name": "<execution>", "status": "SUCCEEDED", "startDate": "datetime", "stopDate": "datetime", "input": "[1]", "inputDetails": {"included": true}, "output": "[1]", "outputDetails": {"included": true},
			"redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"},
		"refused": {"Error": {"Code": "InvalidArn", "Message": "Invalid Arn: 'Invalid ARN prefix: nonsense'"}, "message": "Invalid Arn: 'Invalid ARN prefix: nonsense'", "ResponseMetadata": {"HTTPStatusCode": 400}},
		"sentence": {"exception_typename": "InvalidArn", "exception_value": "An error occurred (InvalidArn) when calling the DescribeExecution operation: Invalid Arn: 'Invalid ARN prefix: nonsense'"}
	}}]`

// Calls of an endpoint are signed with the keys of the environment.
func TestEndpointThatVerifies(t *testing.T) {
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Account: "111111111111", Secret: func(key string) (string, bool) { return "s/e", key == "k" }})
	require.NoError(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, h.Close(context.Background()))
	})
	file := filepath.Join(t.TempDir(), "case.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(calls, `"Seconds\": 3600`, `"Seconds\": 0`, 1)), 0o600))
	for _, c := range []struct{ key, secret, session, want string }{
		{"k", "s/e", "", "1 passed, 0 failed, 0 skipped"},
		{"k", "s/e", "a token", "1 passed, 0 failed, 0 skipped"},
		{"k", "other", "", "InvalidSignatureException"},
		{"", "", "", "IncompleteSignatureException"},
	} {
		t.Setenv("AWS_ACCESS_KEY_ID", c.key)
		t.Setenv("AWS_SECRET_ACCESS_KEY", c.secret)
		t.Setenv("AWS_SESSION_TOKEN", c.session)
		var out bytes.Buffer
		conform([]string{"aws", "-endpoint", server.URL, file}, &out, &out, nil)
		require.Contains(t, out.String(), c.want)
	}
}

// The comparison of calls notices whatever differs, and an hour takes no time.
func TestAPIDifferences(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"the recording itself", "", "", "1 passed, 0 failed, 0 skipped"},
		{"a status", `"status": "SUCCEEDED"`, `"status": "FAILED"`, "described.status"},
		{"a member that is missing", `"redriveCount": 0,`, `"redriveCount": 0, "colour": "red",`, "described.colour: missing"},
		{"a member too many", `"redriveCount": 0,`, ``, "described.redriveCount: not wanted"},
		{"a code", `"Code": "InvalidArn"`, `"Code": "InvalidName"`, "refused.Error.Code"},
		{"words", `operation: Invalid Arn: `, `operation: Wrong Arn: `, "sentence"},
		{"an unexpected refusal", `, "expect_error": "Exception"`, ``, "call 7, DescribeExecution"},
		{"another end", `await_execution_success`, `await_execution_aborted`, "step 4"},
		{"an operation that is not there", `"op": "StartExecution"`, `"op": "StartEverything"`, "0 passed, 0 failed, 1 skipped"},
	} {
		file := filepath.Join(t.TempDir(), "case.json")
		text := calls
		if c.from != "" {
			require.Equal(t, 1, strings.Count(calls, c.from), c.name)
			text = strings.Replace(calls, c.from, c.to, 1)
		}
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var out bytes.Buffer
		conform([]string{"aws", "-mode", "api", file}, &out, &out, virtual(t))
		require.Contains(t, out.String(), c.want, c.name)
	}
}

// Our own cases of the API: what no recording has, and facts about AWS tell.
func TestOwnAPICases(t *testing.T) {
	var out bytes.Buffer
	require.Zero(t, conform([]string{"aws", "-mode", "api", "-operations", "../testdata/api"}, &out, &out, virtual(t)), out.String())
	require.Contains(t, out.String(), "6 passed, 0 failed, 0 skipped")
	require.Contains(t, out.String(), "| RedriveExecution | 11 | 11 |")
}
