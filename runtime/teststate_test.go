package runtime_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

var rewriteReports = flag.Bool("rewrite", false, "write what the tests of states report into testdata/teststate.txt")

// stateTest is a test of one state in testdata/teststate.txt.
type stateTest struct {
	Definition                                        json.RawMessage
	Input, Variables, Context, Result, ItemReaderData jsonvalue.Value
	Error, Cause                                      string // of the mock, instead of Result
	RetryCount, FailedIterations                      int
}

// TestStateReports holds TestState to the reports in testdata/teststate.txt:
// two lines a test, a stateTest and what is reported, after a line that says
// what it shows.
func TestStateReports(t *testing.T) {
	const file = "testdata/teststate.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var written []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		lines := strings.SplitN(block, "\n", 3)
		got := reportOf(t, lines[1])
		written = append(written, lines[0]+"\n"+lines[1]+"\n"+got)
		if !*rewriteReports {
			require.Equal(t, lines[2], got, lines[0])
		}
	}
	if *rewriteReports {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(written, "\n\n")+"\n"), 0o644))
	}
}

func reportOf(t *testing.T, line string) string {
	t.Helper()
	q := stateTest{Input: jsonvalue.Object()}
	require.NoError(t, json.Unmarshal([]byte(line), &q), line)
	machine, err := asl.ParseState(q.Definition)
	require.NoError(t, err, line)
	program, err := runtime.Compile(machine)
	require.NoError(t, err, line)
	mock := &runtime.Mock{Result: q.Result}
	if q.Error != "" {
		mock.Err = &runtime.TaskError{Name: q.Error, Cause: q.Cause}
	}
	report, err := runtime.TestState(context.Background(), program, runtime.StateTest{
		Input: q.Input, Variables: q.Variables, Context: q.Context, Mock: mock, ItemReaderData: q.ItemReaderData,
		RetryCount: q.RetryCount, FailedIterations: q.FailedIterations, Level: runtime.LevelDebug,
	})
	if err != nil {
		return "refused: " + err.Error()
	}
	made, err := json.Marshal(report)
	require.NoError(t, err)
	return string(made)
}
