package teststate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

// TestOperation holds the operation to the answers in testdata/cases.txt.
func TestOperation(t *testing.T) {
	golden.Run(t, "testdata/cases.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(request string) string { return answerOf(t, request) }
	})
}

func answerOf(t *testing.T, line string) string {
	t.Helper()
	answer, err := operation.Do(t.Context(), parseRequest(t, line))
	if err != nil {
		return err.Error()
	}
	return answer.String()
}

var operation = teststate.Operation{
	Identity: runtime.Identity{ExecutionName: "test", Execution: "arn:aws:states:us-east-1:123456789012:express:tested:test"},
	Now:      time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC),
}

// parseRequest reads a request in which definition, input and other JSON are
// written out. The level is DEBUG unless it says otherwise.
func parseRequest(t *testing.T, line string) *teststate.Request {
	t.Helper()
	var q struct {
		teststate.Request
		Definition, Input, Variables, Context json.RawMessage
		Result, ReaderData                    json.RawMessage
	}
	q.InspectionLevel = "DEBUG"
	require.NoError(t, json.Unmarshal([]byte(line), &q), line)
	request := q.Request
	request.Definition, request.Input = string(q.Definition), string(q.Input)
	request.Variables, request.Context = string(q.Variables), string(q.Context)
	if q.Result != nil {
		result := string(q.Result)
		if request.Mock == nil {
			request.Mock = new(teststate.Mock)
		}
		request.Mock.Result = &result
	}
	if q.ReaderData != nil {
		if request.StateConfiguration == nil {
			request.StateConfiguration = new(teststate.Configuration)
		}
		request.StateConfiguration.MapItemReaderData = string(q.ReaderData)
	}
	return &request
}
