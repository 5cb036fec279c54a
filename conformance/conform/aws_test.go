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
	for _, mode := range []string{"simulate", "restore", "api"} {
		var out bytes.Buffer
		assert.Equal(t, 0, conform([]string{"aws", "-mode", mode, filepath.Join(corpus, "aws")}, &out, &out, virtual(t)), out.String())
	}
}

// ownCase is a case in the form of the recordings.
const ownCase = `[{"id": "own", "kind": "execution", "tier": "engine", "needs": [], "features": ["state:Task"],
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
		text := ownCase
		if c.from != "" {
			require.Equal(t, 1, strings.Count(ownCase, c.from), c.name)
			text = strings.Replace(ownCase, c.from, c.to, 1)
		}
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var out bytes.Buffer
		status := conform([]string{"aws", file}, &out, &out, virtual(t))
		if c.difference == "" {
			assert.Equal(t, 0, status, out.String())
			continue
		}
		assert.Equal(t, 1, status, c.name)
		assert.Contains(t, out.String(), c.difference, c.name)
	}
}

// singles are cases of single states, all of which hold, by what they want.
var singles = []struct{ name, definition, wanted, not string }{
	{"output", `"Parameters": {"a": 1, "b.$": "$.x"}`, `"output": {"b": 2, "a": 1.0}`, `"output": {"b": 2}`},
	{"between", `"Parameters": {"v.$": "$.x"}`, `"between": [2, 3]`, `"between": [1, 2]`},
	{"pattern", `"Parameters": {"v.$": "$.s"}`, `"pattern": "^t"`, `"pattern": "^x"`},
	{"samples", `"Parameters": {"v.$": "$.l"}`, `"samples": [1, 2]`, `"samples": [1, 2, 3]`},
	{"too few samples", `"Parameters": {"v.$": "$.l"}`, `"samples": [2, 1]`, `"samples": [1]`},
	{"error", `"InputPath": "$.no"`, `"error": "States.Runtime"`, `"error": "States.ALL"`},
	{"any error", `"InputPath": "$.no"`, `"error": "*"`, `"output": {}`},
	{"cause", `"InputPath": "$.no"`, `"error": "*", "cause_has": "No results for path"`, `"error": "*", "cause": "No results"`},
	{"refused", `"InputPath": "no"`, `"refused": "*"`, `"refused": ["no"]`},
	{"accepted", ``, `"output": {"x": 2, "s": "text", "l": [1, 2]}`, `"refused": "*"`},
}

// Cases of single states are told by having no kind.
func TestSingles(t *testing.T) {
	run := func(definition, wanted string) (status int, out bytes.Buffer) {
		if definition != "" {
			definition += ", "
		}
		file := filepath.Join(t.TempDir(), "case.json")
		text := `[{"id": "own", "definition": {"StartAt": "S", "States": {"S": {"Type": "Pass", ` + definition + `"End": true}}},
			"input": {"x": 2, "s": "text", "l": [1, 2]}, ` + wanted + `}]`
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		status = conform([]string{"aws", file}, &out, &out, virtual(t))
		return status, out
	}
	for _, c := range singles {
		status, out := run(c.definition, c.wanted)
		assert.Equal(t, 0, status, "%s: %s", c.name, out.String())
		status, _ = run(c.definition, c.not)
		assert.Equal(t, 1, status, c.name)
	}
	_, out := run("", `"output": {}, "needs": "a lion"`)
	assert.Contains(t, out.String(), "0 passed, 0 failed, 1 skipped")
}
