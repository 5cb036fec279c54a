package teststate_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/runtime"
)

var rewrite = flag.Bool("rewrite", false, "write what the operation answers into testdata/cases.txt")

// TestOperation holds the operation to the answers in testdata/cases.txt: two
// lines a case, a request in which JSON need not be inside strings and the answer,
// after a line that says what it shows.
func TestOperation(t *testing.T) {
	const file = "testdata/cases.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var written []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		lines := strings.SplitN(block, "\n", 3)
		got := answerOf(t, lines[1])
		written = append(written, lines[0]+"\n"+lines[1]+"\n"+got)
		if !*rewrite {
			require.Equal(t, lines[2], got, lines[0])
		}
	}
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(written, "\n\n")+"\n"), 0o644))
	}
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
