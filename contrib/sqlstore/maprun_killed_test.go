package sqlstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

var items = flag.Int("items", 1000, "how many items the Map Run of TestMapRunKilled has")

// mapVictim is the variable of the environment that makes a test binary the process that drives a Map
// Run: it holds the folder of the store, the objects and the ledger.
const mapVictim = "STATEMILL_MAP_VICTIM"

// manyMapped has a child for each line of a file, and writes their outputs into another.
const manyMapped = `{"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "L", "MaxConcurrency": 300, "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "data", "Key": "in.jsonl"}},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "note", "End": true}}},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "data", "Prefix": "out"}, "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}}}}`

// mapMany begins the execution, or goes on with it, and prints "done" when it is over.
func mapMany(dir string) error {
	ctx := context.Background()
	s, err := OpenSQLite(ctx, filepath.Join(dir, "executions.db"))
	if err != nil {
		return err
	}
	ledger, err := os.OpenFile(filepath.Join(dir, "ledger"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	e, err := runtime.Open(ctx, s, runtime.EngineConfig{
		Objects: objects.Dir(filepath.Join(dir, "buckets")),
		Tasks: runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			_, err := fmt.Fprintln(ledger, task.Input) // one write: what is killed afterwards has written it
			return task.Input, err
		}),
	})
	if err != nil {
		return err
	}
	program, err := compiled(manyMapped)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	who := runtime.Identity{
		Execution: "arn:aws:states:us-east-1:000000000000:execution:machine:many", ExecutionName: "many",
		StateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:machine", StateMachineName: "machine",
	}
	if _, err = e.Start(ctx, program, who, jsonvalue.Object(), nil); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	if _, err = e.Wait(ctx, who.Execution); err != nil {
		return err
	}
	runs, err := e.MapRuns(ctx, who.Execution)
	if err != nil || len(runs) != 1 {
		return fmt.Errorf("%d Map Runs, %w", len(runs), err)
	}
	if n := int64(*items); runs[0].Children != (interp.MapRunCounts{Succeeded: n}) || runs[0].Items != (interp.MapRunCounts{Succeeded: n}) {
		return fmt.Errorf("the Map Run counts %+v", runs[0])
	}
	fmt.Println("done")
	return nil
}

// TestMapRunKilled kills the process of a Map Run at random instants, again and again, and lets the last one
// finish it: the task of each item is done, no item is counted twice, and the results have each once, in order.
func TestMapRunKilled(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "buckets", "data"), 0o700))
	var lines bytes.Buffer
	for i := range *items {
		fmt.Fprintln(&lines, i)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "buckets", "data", "in.jsonl"), lines.Bytes(), 0o600))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng, deaths := rand.New(rand.NewPCG(seed, 0)), 0
	for done := false; !done; deaths++ {
		after := time.Duration(30+rng.IntN(max(*items/70, 1))) * time.Millisecond // a few hundred items
		if deaths >= *kills {
			after = time.Hour
		}
		done = liveAndDie(t, dir, after)
	}

	begun := make(map[string]int)
	ledger, err := os.ReadFile(filepath.Join(dir, "ledger"))
	require.NoError(t, err)
	for line := range strings.Lines(string(ledger)) {
		begun[strings.TrimSpace(line)]++
	}
	require.Len(t, begun, *items, "items whose task was done")
	again := 0
	for _, n := range begun {
		again += n - 1
	}
	t.Logf("%d items, %d deaths: %d tasks were done again", *items, deaths-1, again)
	files, err := filepath.Glob(filepath.Join(dir, "buckets", "data", "out", "*", "SUCCEEDED_0.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	results, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, lines.String(), string(results))
}

// liveAndDie has a process drive the Map Run for some time, and reports whether it has come to the end.
func liveAndDie(t *testing.T, dir string, after time.Duration) (done bool) {
	self, err := os.Executable()
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), self, fmt.Sprintf("-items=%d", *items))
	process.Env = append(os.Environ(), mapVictim+"="+dir)
	var trouble strings.Builder
	process.Stderr = &trouble
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	for words := bufio.NewScanner(out); words.Scan(); {
		switch words.Text() {
		case "ready":
			time.AfterFunc(after, func() { _ = process.Process.Kill() })
		case "done":
			done = true
		}
	}
	_ = process.Wait()
	require.Empty(t, trouble.String())
	return done
}
