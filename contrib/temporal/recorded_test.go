package asltemporal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// executed are the kinds of the recorded cases that start executions.
var executed = []string{"execution", "choice", "intrinsic", "single"}

// TestRecorded runs what AWS was recorded to do in the test environment of the SDK, in one run and
// in as many as possible: outputs, errors and histories are those of the recordings.
func TestRecorded(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS names no folder with recorded cases")
	}
	for _, length := range []int{0, 10} {
		name := map[int]string{0: "one run", 10: "many runs"}[length]
		for _, folder := range []string{"aws", "aws-more"} {
			cases, err := recorded.Read(filepath.Join(corpus, folder))
			require.NoError(t, err)
			cases = slices.DeleteFunc(cases, func(c *recorded.Case) bool { return !slices.Contains(executed, c.Kind) })
			var outcomes recorded.Outcomes
			for _, c := range cases {
				t.Run(name+"/"+c.ID, func(t *testing.T) {
					err := recordedCase(t, c, length)
					if outcomes.Add(err) {
						t.Skip(err)
					}
					require.NoError(t, err)
				})
			}
			t.Logf("%s, %s: %s", folder, name, &outcomes)
		}
	}
}

// recordedCase runs the executions of a case.
func recordedCase(t *testing.T, c *recorded.Case, length int) error {
	err := c.Unfit(func(need string) bool { return need == "s3" && c.MapsObjects() || need == "distributed map" })
	switch {
	case err != nil:
		return err
	case c.Incomplete():
		return recorded.Skip("its recording is incomplete")
	case c.Makes("StartSyncExecution"):
		return recorded.Needs("the operation StartSyncExecution")
	}
	return c.Run(func(c *recorded.Case, run replay.Replay) (replay.Result, error) { return onTemporal(t, c, run, length) })
}

// onTemporal runs what a Replay says as a workflow.
func onTemporal(t *testing.T, c *recorded.Case, run replay.Replay, length int) (result replay.Result, err error) {
	tasks := make(map[string]*asl.Task)
	for _, task := range run.Program.Tasks() {
		tasks[task.Name] = task
	}
	s := &simulated{
		t: t, worker: new(Worker), program: run.Program, input: run.Input, begins: run.Start, header: run.Header,
		in: start{Checkpoint: 3600_000, MaxHistory: 1}, length: func(int) int { return length },
		answer: func(state string, id interp.TaskID, input jsonvalue.Value) replay.Answer {
			return run.Perform(&interp.StartTask{ID: id, Task: tasks[state], Input: input})
		},
	}
	if len(run.Program.Distributed()) > 0 {
		if length > 0 {
			return result, recorded.Skip("its children would end with the environment of the run that began them")
		}
		if s.worker.Objects, err = c.Objects(); err != nil {
			return result, err
		}
		s.worker.Formats, s.in.Checkpoint = recorded.Formats, 0
	}
	r := s.run()
	result.History, result.Status, result.Output = s.events, r.status, r.output
	result.ErrorInfo = history.ErrorInfo{Error: r.name, Cause: r.cause, HasError: r.end.HasError, HasCause: r.end.HasCause}
	if len(result.History) == 0 {
		return result, fmt.Errorf("no events: %s %s", r.name, r.cause)
	}
	return result, nil
}
