package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// ran holds all that an observer sees of an execution.
type ran struct {
	interp.Outcome
	history []history.Event
}

// TestModes runs random programs simulated, restored after every step from
// what it changed and from a snapshot, with the strands of a round spread over goroutines, live, and live in virtual
// time. Outcome and history are equal, instants included.
func TestModes(t *testing.T) {
	runs := map[string]int{}
	programs := generate.Programs(150)
	for seed := range programs {
		c, err := generate.New(1_000_000 + seed)
		require.NoError(t, err)
		want := replayed(t, c.Replay())
		for mode, run := range modes {
			if got := run(t, c, &want); got != nil {
				same(t, c, mode, &want, got)
				runs[mode]++
			}
		}
	}
	t.Logf("%d programs, runs compared with the simulation: %v", programs, runs)
}

// modes are the ways to run a case beside its simulation; nil: not possible.
var modes = map[string]func(t *testing.T, c *generate.Case, want *ran) *ran{
	"restored": func(t *testing.T, c *generate.Case, _ *ran) *ran {
		r := c.Replay()
		r.Restore = true
		got := replayed(t, r)
		return &got
	},
	"snapshot": func(t *testing.T, c *generate.Case, _ *ran) *ran {
		r := c.Replay()
		r.Restore, r.Snapshot = true, true
		got := replayed(t, r)
		return &got
	},
	"spread": func(t *testing.T, c *generate.Case, _ *ran) *ran {
		r := c.Replay()
		r.Each = atOnce
		got := replayed(t, r)
		return &got
	},
	"live": func(t *testing.T, c *generate.Case, want *ran) (got *ran) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.Background(), func() {}
			if want.Status == interp.Aborted {
				ctx, cancel = context.WithTimeoutCause(ctx, c.Stop, &runtime.TaskError{}) // without a name and a cause, as the simulation aborts
			}
			defer cancel()
			got = runLive(ctx, t, c, nil)
		})
		return got
	},
	"virtual": func(t *testing.T, c *generate.Case, want *ran) *ran {
		if want.Status == interp.Aborted {
			return nil // a context does not end in virtual time
		}
		return runLive(context.Background(), t, c, runtime.NewVirtualClock(generate.Start))
	},
}

func replayed(t *testing.T, r replay.Replay) ran {
	t.Helper()
	result, err := r.Run()
	require.NoError(t, err)
	return ran{result.Outcome, result.History}
}

func runLive(ctx context.Context, t *testing.T, c *generate.Case, clock *runtime.VirtualClock) *ran {
	t.Helper()
	tasks := &mocked{perform: c.Perform, clock: clock}
	got := new(ran)
	r := runtime.Runner{
		Tasks: tasks, Clock: clock, Seed: c.Header.Seed, Identity: c.Header.Identity, Limits: c.Limits,
		Observe: func(e history.Event) { got.history = append(got.history, e) },
	}
	if answersByToken(c.Program) {
		tasks.callbacks = new(runtime.Callbacks)
		r.Callbacks = tasks.callbacks
	}
	out, err := r.Run(ctx, c.Program, c.Input)
	tasks.others.Wait()
	got.Outcome = outcomeOf(t, out, err)
	return got
}

func answersByToken(p *runtime.Program) bool {
	for _, task := range p.Tasks() {
		if pattern := task.Resource.Pattern; pattern == asl.WaitForTaskToken || pattern == asl.Activity {
			return true
		}
	}
	return false
}

func outcomeOf(t *testing.T, out jsonvalue.Value, err error) interp.Outcome {
	t.Helper()
	if err == nil {
		return interp.Outcome{Status: interp.Succeeded, Output: out}
	}
	var e *runtime.ExecutionError
	require.True(t, errors.As(err, &e), "%v", err)
	return interp.Outcome{Status: e.Status, ErrorInfo: history.ErrorInfo{Error: e.Name, Cause: e.Cause}, State: e.State, Path: e.Path}
}

func same(t *testing.T, c *generate.Case, mode string, want, got *ran) {
	t.Helper()
	want.Task, got.Task = interp.TaskID{}, interp.TaskID{}
	if a, b := want.String(), got.String(); a != b {
		t.Fatalf("seed %d, mode %s\n--- simulated:\n%s--- %s:\n%s\n%s", c.Seed, mode, a, mode, b, c.Definition)
	}
}

// String prints everything, one event a line.
func (r *ran) String() string {
	var b strings.Builder
	for _, e := range r.history {
		text, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		b.Write(text)
		b.WriteString("\n")
	}
	b.WriteString(string(r.Status) + " " + r.Output.String() + " " + r.Error + " " + r.Cause + " " + r.State + " " + r.Path + "\n")
	return b.String()
}

// atOnce calls f for each strand on a goroutine of its own.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(n - 1 - i) })
	}
	all.Wait()
}
