package sqlstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

var kills = flag.Int("kills", 20, "how many times the process of TestEngineKilled is killed")

// victim is the variable of the environment that makes a test binary the process
// that is killed: it holds the folder of the store and of the ledger.
const victim = "STATEMILL_VICTIM"

// killed is the definition of the executions that the process runs: branches, a Map,
// a retried task, a wait in the store, and an answer by token.
const killed = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Next": "Last", "Branches": [
	{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true, "ItemProcessor": {"StartAt": "Each", "States": {
		"Each": {"Type": "Task", "Resource": "double", "End": true}}}}}},
	{"StartAt": "R", "States": {"R": {"Type": "Task", "Resource": "flaky", "End": true, "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 5}]}}},
	{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3, "End": true}}},
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true}}}]},
	"Last": {"Type": "Task", "Resource": "last", "End": true}}}`

const (
	killedInput  = `{"items": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}`
	killedOutput = `[[2,4,6,8,10,12,14,16,18,20],"calm",{"items":[1,2,3,4,5,6,7,8,9,10]},"answer"]`
)

// entry is a line of the ledger, which is durable before what it tells has an effect.
type entry struct {
	What    string // begin, end, token or answered
	Process int    // the how manieth
	Task    string `json:",omitempty"` // its Task.ID
	Token   string `json:",omitempty"`
}

// ledger is a file of entries.
type ledger struct {
	process int
	mu      sync.Mutex
	file    *os.File
}

func openLedger(dir string, process int) (*ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, "ledger"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return &ledger{process: process, file: file}, err
}

func (l *ledger) note(e entry) error {
	e.Process = l.process
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}

// readLedger returns what is in the ledger. A line that the death of its process cut
// off is left out.
func readLedger(dir string) (entries []entry, err error) {
	file, err := os.Open(filepath.Join(dir, "ledger"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// mill is the engine of a process and the ledger of its tasks.
type mill struct {
	*runtime.Engine
	ledger *ledger
	tokens chan string
}

// openMill opens the store of a folder, and answers the tokens that earlier processes
// left without an answer.
func openMill(ctx context.Context, dir string, process int) (*mill, io.Closer, error) {
	s, err := OpenSQLite(ctx, filepath.Join(dir, "executions.db"))
	if err != nil {
		return nil, nil, err
	}
	open, err := openTokens(dir)
	if err != nil {
		return nil, nil, err
	}
	m := &mill{tokens: make(chan string, 10_000)}
	if m.ledger, err = openLedger(dir, process); err != nil {
		return nil, nil, err
	}
	m.Engine, err = runtime.Open(ctx, s, runtime.EngineConfig{Tasks: runtime.InvokerFunc(m.perform)})
	if err != nil {
		return nil, nil, err
	}
	for _, token := range open {
		m.tokens <- token
	}
	return m, s, nil
}

// openTokens returns the tokens that have no answer yet.
func openTokens(dir string) (open []string, err error) {
	entries, err := readLedger(dir)
	answered := map[string]bool{}
	for _, e := range entries {
		answered[e.Token] = answered[e.Token] || e.What == "answered"
	}
	for _, e := range entries {
		if e.What == "token" && !answered[e.Token] {
			answered[e.Token] = true
			open = append(open, e.Token)
		}
	}
	return open, err
}

// perform performs every task, between two entries of the ledger.
func (m *mill) perform(_ context.Context, task *runtime.Task) (out jsonvalue.Value, err error) {
	if err := m.ledger.note(entry{What: "begin", Task: task.ID()}); err != nil {
		return out, err
	}
	switch {
	case task.Resource == "double":
		n, _ := task.Input.AsInt64()
		out = jsonvalue.Int(2 * n)
	case task.Resource == "flaky" && task.RetryCount == 0:
		err = &runtime.TaskError{Name: "Flaky"}
	case task.Resource == "flaky":
		out = jsonvalue.String("calm")
	case task.Resource == "last":
		out = task.Input
	default:
		token := task.Token()
		if err := m.ledger.note(entry{What: "token", Token: token}); err != nil {
			return out, err
		}
		m.tokens <- token
	}
	if noted := m.ledger.note(entry{What: "end", Task: task.ID()}); noted != nil {
		return out, noted
	}
	return out, err
}

// answer answers tokens until ctx ends.
func (m *mill) answer(ctx context.Context) error {
	for {
		select {
		case token := <-m.tokens:
			err := m.SucceedTask(ctx, token, jsonvalue.String("answer"))
			if err != nil && !errors.Is(err, runtime.ErrTaskOver) {
				return err
			}
			if err := m.ledger.note(entry{What: "answered", Token: token}); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// TestMain makes the binary the process that is killed, if the environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		fmt.Fprintln(os.Stderr, work(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work starts executions until the process is killed, and prints the name of each
// that it was told has started.
func work(dir string) error {
	ctx := context.Background()
	m, _, err := openMill(ctx, dir, os.Getpid())
	if err != nil {
		return err
	}
	program, err := killedProgram()
	if err != nil {
		return err
	}
	failed := make(chan error)
	go func() { failed <- m.answer(ctx) }()
	go func() {
		for i := 0; ; i++ {
			who := runtime.Identity{ExecutionName: fmt.Sprintf("p%d-%d", os.Getpid(), i)}
			record, err := m.Start(ctx, program, who, jsonvalue.MustParse(killedInput), nil)
			if err != nil {
				failed <- err
				return
			}
			fmt.Println(record.Execution)
		}
	}()
	return <-failed
}

func killedProgram() (*runtime.Program, error) {
	machine, err := asl.Parse([]byte(killed))
	if err != nil {
		return nil, err
	}
	return runtime.Compile(machine)
}

// TestEngineKilled kills a process that runs executions, at random instants, again and
// again, and lets the last process finish them: nothing that was acknowledged is
// lost, and no task begins again that ended in a process which lived on.
func TestEngineKilled(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	var started []string
	for range *kills {
		started = append(started, killOne(t, dir, time.Duration(5+rng.IntN(295))*time.Millisecond)...)
	}
	require.NotEmpty(t, started)
	finish(t, dir, started)
	countTasks(t, dir)
}

// killOne runs the process, kills it some time after its first word, and returns the
// executions that it had been told have started.
func killOne(t *testing.T, dir string, after time.Duration) (started []string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), self)
	process.Env = append(os.Environ(), victim+"="+dir)
	var trouble strings.Builder
	process.Stderr = &trouble
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(started) == 0 {
			time.AfterFunc(after, func() { _ = process.Process.Kill() })
		}
		started = append(started, lines.Text())
	}
	_ = process.Wait()
	require.Equal(t, -1, process.ProcessState.ExitCode(), "it ended by itself: %s", trouble.String())
	return started
}

// finish lets all executions end, and holds them to what they should be.
func finish(t *testing.T, dir string, started []string) {
	t.Helper()
	m, s, err := openMill(t.Context(), dir, 0)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	answers := make(chan error, 1)
	go func() { answers <- m.answer(ctx) }()
	records, err := m.List(t.Context(), store.Query{Limit: 1_000_000})
	require.NoError(t, err)
	known := map[string]bool{}
	for _, record := range records {
		known[record.Execution] = true
		out, err := m.Wait(t.Context(), record.Execution)
		require.NoError(t, err)
		require.Equal(t, killedOutput, out.String())
		events, err := m.History(t.Context(), record.Execution, 0, 10_000)
		require.NoError(t, err)
		for i, event := range events {
			require.Equal(t, int64(i+1), event.ID, record.Execution)
		}
		require.Equal(t, "ExecutionSucceeded", events[len(events)-1].Type)
	}
	for _, id := range started {
		require.True(t, known[id], "%s was acknowledged, and is lost", id)
	}
	stop()
	require.NoError(t, <-answers)
	require.NoError(t, m.Close(t.Context()))
	require.NoError(t, s.Close())
	t.Logf("%d executions, %d acknowledged", len(records), len(started))
}

// countTasks reads the ledger: a task begins again only because the process in which
// it was begun has died.
func countTasks(t *testing.T, dir string) {
	t.Helper()
	entries, err := readLedger(dir)
	require.NoError(t, err)
	last := map[string]int{}
	begun, ended, again := 0, 0, 0
	for _, e := range entries {
		switch e.What {
		case "begin":
			begun++
			process, before := last[e.Task]
			require.False(t, before && process == e.Process, "the task %s began twice in one process", e.Task)
			if before {
				again++
			}
			last[e.Task] = e.Process
		case "end":
			ended++
		}
	}
	t.Logf("tasks: %d begun, %d ended, %d begun again after a death", begun, ended, again)
}
