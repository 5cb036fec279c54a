package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// TestAWSLive runs the recorded executions by the live driver, with goroutines
// and timers, in the virtual time of a synctest bubble for each: outputs and
// histories are those of the recordings, as they are when replayed.
func TestAWSLive(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS names no folder with recorded cases")
	}
	var out bytes.Buffer
	r := &report{Suite: "aws", out: &out, virtual: virtual(t)}
	s := &awsRun{mode: "simulate", kinds: "execution,choice,intrinsic"}
	s.drive = func(run replay.Replay) (result replay.Result, err error) {
		synctest.Test(t, func(*testing.T) { result, err = live(run) })
		return result, err
	}
	require.NoError(t, s.run(r, []string{filepath.Join(corpus, "aws")}))
	assert.Zero(t, r.Failed, out.String())
	assert.NotZero(t, r.Passed)
	t.Logf("%d recorded cases hold live", r.Passed)
}

// live runs what a Replay says with a Runner.
func live(run replay.Replay) (replay.Result, error) {
	<-time.After(time.Until(run.Start)) // the bubble begins in the year 2000
	tasks := make(map[string]*asl.Task)
	for _, task := range run.Program.Tasks() {
		tasks[task.Name] = task
	}
	var result replay.Result
	var callbacks runtime.Callbacks
	runner := runtime.Runner{
		Callbacks: &callbacks, Identity: run.Header.Identity,
		Observe: func(e history.Event) { result.History = append(result.History, e) },
		Tasks: runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			_, id, err := interp.ParseToken(task.Token())
			if err != nil {
				return jsonvalue.Value{}, err
			}
			return answerLive(ctx, run.Perform(&interp.StartTask{ID: id, Task: tasks[task.State], Input: task.Input}))
		}),
	}
	out, err := runner.Run(context.Background(), run.Program, run.Input)
	result.Status, result.Output = interp.Succeeded, out
	var failed *runtime.ExecutionError
	if errors.As(err, &failed) {
		result.Outcome = interp.Outcome{Status: failed.Status, ErrorInfo: history.ErrorInfo{Error: failed.Name, Cause: failed.Cause}}
		err = nil
	}
	return result, err
}

func answerLive(ctx context.Context, a replay.Answer) (jsonvalue.Value, error) {
	if a.Submitted != nil {
		return *a.Submitted, nil
	}
	timer := time.NewTimer(a.After)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return jsonvalue.Value{}, ctx.Err()
	}
	if a.Err != nil {
		return jsonvalue.Value{}, a.Err
	}
	return a.Output, nil
}
