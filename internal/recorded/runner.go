package recorded

import (
	"context"
	"errors"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// ByRunner runs what a Replay says with a Runner. sleep lets the time of a task pass.
func ByRunner(ctx context.Context, run replay.Replay, runner runtime.Runner, sleep func(context.Context, time.Duration) error) (replay.Result, error) {
	tasks := make(map[string]*asl.Task)
	for _, task := range run.Program.Tasks() {
		tasks[task.Name] = task
	}
	var result replay.Result
	var callbacks runtime.Callbacks
	runner.Callbacks, runner.Identity = &callbacks, run.Header.Identity
	runner.Observe = func(e history.Event) {
		if e.Execution == run.Header.Execution {
			result.History = append(result.History, e)
		}
	}
	runner.Tasks = runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		_, id, err := interp.ParseToken(task.Token())
		if err != nil {
			return jsonvalue.Value{}, err
		}
		a := run.Perform(&interp.StartTask{ID: id, Task: tasks[task.State], Input: task.Input})
		if a.Submitted != nil {
			return *a.Submitted, nil
		}
		if err := sleep(ctx, a.After); err != nil {
			return jsonvalue.Value{}, err
		}
		if a.Err != nil {
			return jsonvalue.Value{}, a.Err
		}
		return a.Output, nil
	})
	out, err := runner.Run(ctx, run.Program, run.Input)
	result.Status, result.Output = interp.Succeeded, out
	var failed *runtime.ExecutionError
	if errors.As(err, &failed) {
		result.Outcome = interp.Outcome{Status: failed.Status, ErrorInfo: history.ErrorInfo{Error: failed.Name, Cause: failed.Cause}}
		err = nil
	}
	return result, err
}
