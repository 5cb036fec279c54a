package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAWSCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS names no folder with recorded cases")
	}
	for _, mode := range []string{"simulate", "restore"} {
		var out bytes.Buffer
		assert.Equal(t, 0, conform([]string{"aws", "-mode", mode, filepath.Join(corpus, "aws")}, &out, &out), out.String())
	}
}

// recorded is a case in the form of the recordings.
const recorded = `[{"id": "own", "kind": "execution", "tier": "engine", "needs": [], "features": ["state:Task"],
	"definition": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:fn", "ResultPath": "$.out", "End": true}}},
	"lambdas": [{"name": "fn", "behaviour": "id"}], "calls": [], "skip_verify": [], "transformers": [],
	"executions": [{"state_machine": "sm", "definition": "$same", "input": "{\"x\": 1.0}", "expected_key": "h",
		"expect": {"status": "SUCCEEDED", "output": {"x": 1.0, "out": {"x": 1.0}}}}],
	"expected": {"h": {"events": [
		{"id": 1, "previousEventId": 0, "timestamp": "timestamp", "type": "ExecutionStarted", "executionStartedEventDetails": {"input": {"x": 1.0}, "inputDetails": {"truncated": false}}},
		{"id": 2, "previousEventId": 0, "timestamp": "timestamp", "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "T", "input": {"x": 1.0}, "inputDetails": {"truncated": false}}},
		{"id": 3, "previousEventId": 2, "timestamp": "timestamp", "type": "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails": {"resource": "arn:<partition>:lambda:<region>:111111111111:function:<name:1>", "input": {"x": 1.0}, "inputDetails": {"truncated": false}}},
		{"id": 4, "previousEventId": 3, "timestamp": "timestamp", "type": "LambdaFunctionStarted"},
		{"id": 5, "previousEventId": 4, "timestamp": "timestamp", "type": "LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails": {"output": {"x": 1.0}, "outputDetails": {"truncated": false}}},
		{"id": 6, "previousEventId": 5, "timestamp": "timestamp", "type": "TaskStateExited", "stateExitedEventDetails": {"name": "T", "output": {"x": 1.0, "out": {"x": 1.0}}, "outputDetails": {"truncated": false}}},
		{"id": 7, "previousEventId": 6, "timestamp": "timestamp", "type": "ExecutionSucceeded", "executionSucceededEventDetails": {"output": {"x": 1.0, "out": {"x": 1.0}}, "outputDetails": {"truncated": false}}}
	]}}}]`

// The comparison notices whatever differs.
func TestAWSDifferences(t *testing.T) {
	for _, c := range []struct{ name, from, to, difference string }{
		{"the recording itself", "", "", ""},
		{"status", `"SUCCEEDED", "output"`, `"FAILED", "output"`, "status"},
		{"number form", `"expect": {"status": "SUCCEEDED", "output": {"x": 1.0`, `"expect": {"status": "SUCCEEDED", "output": {"x": 1`, "output.x: want 1, got 1.0"},
		{"a member too many", `"output": {"x": 1.0, "out": {"x": 1.0}}, "outputDetails": {"truncated": false}}}
	]`, `"output": {"x": 1.0}, "outputDetails": {"truncated": false}}}
	]`, "out: not wanted"},
		{"event type", `"type": "LambdaFunctionStarted"`, `"type": "TaskStarted"`, "events[3].type"},
		{"predecessor", `"id": 6, "previousEventId": 5`, `"id": 6, "previousEventId": 4`, "events[5].previousEventId: want 4, got 5"},
		{"a detail that is missing", `"name": "T", "input"`, `"name": "T", "colour": "red", "input"`, "colour: missing"},
		{"an event too many", `{"id": 4, "previousEventId": 3, "timestamp": "timestamp", "type": "LambdaFunctionStarted"},`, ``, "events[3]"},
	} {
		file := filepath.Join(t.TempDir(), "case.json")
		text := recorded
		if c.from != "" {
			require.Equal(t, 1, strings.Count(recorded, c.from), c.name)
			text = strings.Replace(recorded, c.from, c.to, 1)
		}
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var out bytes.Buffer
		status := conform([]string{"aws", file}, &out, &out)
		if c.difference == "" {
			assert.Equal(t, 0, status, out.String())
			continue
		}
		assert.Equal(t, 1, status, c.name)
		assert.Contains(t, out.String(), c.difference, c.name)
	}
}
