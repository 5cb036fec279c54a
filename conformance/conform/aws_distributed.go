package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// distributed runs a program with distributed Map states, whose children are executions of
// their own: a Runner drives them, in virtual time, over the objects of the case.
func (c *awsCase) distributed(run replay.Replay) (replay.Result, error) {
	if c.Source == "reconstructed" {
		return replay.Result{}, skip("what its buckets held is not known")
	}
	if c.before(membersSince) && c.putsObject() {
		return replay.Result{}, skip("its recording is older than maps over the members of an object")
	}
	clock := runtime.NewVirtualClock(run.Start)
	return byRunner(context.Background(), run, runtime.Runner{Clock: clock, Objects: c.objects(), Formats: objects.Formats{Parquet: noParquet}}, clock.Sleep)
}

// noParquet lets programs begin that name the format. The recorded ones fail before a file is read.
func noParquet(io.ReaderAt, int64, int64) (objects.Rows, error) {
	return nil, errors.New("files of PARQUET are not replayed")
}

// membersSince is when AWS had begun to map over the members of an object, which it refused before.
var membersSince = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// putsObject reports whether a file of the case is one JSON object.
func (c *awsCase) putsObject() bool {
	return slices.ContainsFunc(c.Calls, func(call awsCall) bool {
		var args struct{ Body string }
		if call.Op != "PutObject" || json.Unmarshal(call.Args, &args) != nil {
			return false
		}
		v, err := jsonvalue.Parse([]byte(args.Body))
		return err == nil && v.Kind() == jsonvalue.KindObject
	})
}

// objects returns what the case puts into buckets.
func (c *awsCase) objects() objects.Objects {
	found := objects.Memory()
	found.Now = func() time.Time { return recordedAt }
	for i := range c.Calls {
		var args struct{ Bucket, Key, Body string }
		if call := &c.Calls[i]; call.Op == "PutObject" && json.Unmarshal(call.Args, &args) == nil {
			found.Put(args.Bucket, args.Key, args.Body)
		}
	}
	return found
}

// mapsObjects reports whether a case needs S3 only for what its distributed Map states read
// and write.
func (c *awsCase) mapsObjects() bool { return slices.Contains(c.Features, "map-distributed") }

// byRunner runs what a Replay says with a Runner. sleep lets the time of a task pass.
func byRunner(ctx context.Context, run replay.Replay, runner runtime.Runner, sleep func(context.Context, time.Duration) error) (replay.Result, error) {
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
