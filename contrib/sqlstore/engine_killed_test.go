package sqlstore

import (
	"bufio"
	"context"
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
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

var kills = flag.Int("kills", 20, "how many times the process of TestEngineKilled is killed")

// victim is the variable of the environment that makes a test binary the process
// that is killed: it holds the folder of the store and of the ledger. If the file sharedFile
// is there, or victimSchema names a schema of PostgreSQL, the process shares the store with others.
const (
	victim       = "STATEMILL_VICTIM"
	sharedFile   = "shared.db"
	victimSchema = "STATEMILL_VICTIM_SCHEMA"

	victimLease = time.Second // of processes that share the store
)

// killed is the definition of the executions that the process runs: branches, a Map,
// a retried task, a wait in the store, answers by token from the process itself and from the
// test, an activity, an execution that is started and waited for, a distributed Map, and a task that fails
// until the execution is redriven. A hand-out of the activity that a death swallows is
// noticed by its heartbeat.
const killed = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "ResultPath": "$.results", "Next": "Breaks", "Branches": [
	{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true, "ItemProcessor": {"StartAt": "Each", "States": {
		"Each": {"Type": "Task", "Resource": "double", "End": true}}}}}},
	{"StartAt": "R", "States": {"R": {"Type": "Task", "Resource": "flaky", "End": true, "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 5}]}}},
	{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3, "End": true}}},
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "process", "MessageBody.$": "$$.Task.Token"}, "End": true}}},
	{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters": {"QueueUrl": "test", "MessageBody.$": "$$.Task.Token"}, "End": true}}},
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + killedActivity + `", "InputPath": "$.items[4]", "HeartbeatSeconds": 2, "End": true,
		"Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 99, "MaxDelaySeconds": 2}]}}},
	{"StartAt": "N", "States": {"N": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
		"Parameters": {"StateMachineArn": "` + killedMachine + `", "Input.$": "$.items[9]"}, "OutputPath": "$.Output", "End": true}}},
	{"StartAt": "D", "States": {"D": {"Type": "Map", "Label": "D", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I", "States": {
		"I": {"Type": "Task", "Resource": "double", "End": true}}}}}}]},
	"Breaks": {"Type": "Task", "Resource": "breaks", "Parameters": {"redrives.$": "$$.Execution.RedriveCount"}, "ResultPath": null, "Next": "Last"},
	"Last": {"Type": "Task", "Resource": "last", "InputPath": "$.results", "End": true}}}`

// killedChild is the definition of the executions that those start.
const killedChild = `{"StartAt": "D", "States": {"D": {"Type": "Task", "Resource": "double", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 1, "End": true}}}`

const (
	killedActivity = "arn:aws:states:us-east-1:123456789012:activity:pack"
	killedParent   = "arn:aws:states:us-east-1:000000000000:stateMachine:StateMachine"
	killedMachine  = "arn:aws:states:us-east-1:123456789012:stateMachine:child"

	killedInput  = `{"items": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}`
	killedOutput = `[[2,4,6,8,10,12,14,16,18,20],"calm",{"items":[1,2,3,4,5,6,7,8,9,10]},"answer",%s,"packed 5",20,[2,4,6,8,10,12,14,16,18,20]]`
)

// TestMain makes the binary the process that is killed, if the environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		fmt.Fprintln(os.Stderr, work(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(mapVictim); dir != "" {
		flag.Parse()
		if err := mapMany(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// atOnce is how many executions run at a time: few enough that a process comes to the ends
// of some, too.
const atOnce = 40

// work runs executions until the process is killed. It prints "ready", then "started ID" for each that
// it was told has started, "ask TOKEN" for a token that the test is to answer, and "taken
// TOKEN ANSWER" when an answer, which it reads as "TOKEN ANSWER", is durable.
func work(dir string) error {
	ctx := context.Background()
	m, _, err := openMill(ctx, dir, os.Getpid())
	if err != nil {
		return err
	}
	program, err := compiled(killed)
	if err != nil {
		return err
	}
	running, err := m.list(ctx, store.Query{StateMachine: killedParent, Status: interp.Running, Limit: atOnce})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	failed := make(chan error, 3)
	go func() { failed <- m.serve(ctx) }()
	go func() {
		for token := range m.asks {
			fmt.Println("ask", token)
		}
	}()
	go func() { failed <- m.pass(ctx, os.Stdin) }()
	go func() {
		for i := range atOnce - len(running) {
			who := runtime.Identity{ExecutionName: fmt.Sprintf("p%d-%d", os.Getpid(), i)}
			var record store.Record
			err := again(func() (err error) {
				record, err = m.Start(ctx, program, who, jsonvalue.MustParse(killedInput), nil)
				return err
			})
			if err != nil {
				failed <- err
				return
			}
			fmt.Println("started", record.Execution)
		}
	}()
	return <-failed
}

// pass gives the answers of the test to the engine.
func (m *mill) pass(ctx context.Context, from io.Reader) error {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		token, answer, _ := strings.Cut(lines.Text(), " ")
		taken, err := m.answer(ctx, token, answer)
		if err != nil {
			return err
		}
		if taken {
			fmt.Println("taken", token, answer)
		}
	}
	return errors.New("the test has closed the pipe")
}

func compiled(definition string) (*runtime.Program, error) {
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		return nil, err
	}
	return runtime.Compile(machine)
}

// told is what the processes have told the test.
type told struct {
	mu      sync.Mutex
	started []string
	answers int               // that the test has given
	taken   map[string]string // answers that were taken, by token
	twice   []string          // tokens of which two answers were taken
}

// TestEngineKilled kills a process that runs executions, at random instants, again and
// again, and lets the last process finish them: nothing that was acknowledged is
// lost, and no task begins again that ended in a process which lived on.
func TestEngineKilled(t *testing.T) {
	killMany(t, t.TempDir(), 1, 300)
}

// TestEnginesKilled does so with two processes that share a store: they answer for each
// other, and take over what the dead have left.
func TestEnginesKilled(t *testing.T) {
	dir := t.TempDir()
	s, err := use(t, filepath.Join(dir, sharedFile), durable)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	killMany(t, dir, 2, 1000)
}

// TestEnginesPaused stops one of two processes for longer than its lease, again and again,
// before it is killed: the other takes over, and nothing of what the first then wants to
// commit harms anybody.
func TestEnginesPaused(t *testing.T) {
	dir := t.TempDir()
	s, err := use(t, filepath.Join(dir, sharedFile), durable)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	pauseMany(t, dir)
}

// pauseMany pauses and kills one of two processes again and again.
func pauseMany(t *testing.T, dir string) {
	t.Helper()
	d := &told{taken: map[string]string{}}
	failed := make(chan error, 2)
	live := func(pause, life time.Duration, times int) {
		var err error
		for i := 0; i < times && err == nil; i++ {
			err = killOne(t.Context(), dir, life, func(p *os.Process) {
				if pause > 0 {
					_ = p.Signal(syscall.SIGSTOP)
					time.AfterFunc(pause, func() { _ = p.Signal(syscall.SIGCONT) })
				}
			}, d)
		}
		failed <- err
	}
	rounds := max(*kills/10, 1)
	go live(3*victimLease, 5*victimLease, rounds)
	go live(0, 5*victimLease*time.Duration(rounds), 1)
	require.NoError(t, <-failed)
	require.NoError(t, <-failed)
	require.Empty(t, d.twice, "two answers to one token were taken")
	finish(t, dir, d)
}

// killMany kills processes, of which some live at a time, each so many milliseconds at most.
func killMany(t *testing.T, dir string, atATime, longest int) {
	t.Helper()
	d := &told{taken: map[string]string{}}
	failed := make(chan error, atATime)
	for range atATime {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		rng := rand.New(rand.NewPCG(seed, 0))
		go func() {
			var err error
			for i := 0; i < *kills/atATime && err == nil; i++ {
				err = killOne(t.Context(), dir, time.Duration(5+rng.IntN(longest-5))*time.Millisecond, nil, d)
			}
			failed <- err
		}()
	}
	for range atATime {
		require.NoError(t, <-failed)
	}
	require.NotEmpty(t, d.started)
	require.Empty(t, d.twice, "two answers to one token were taken")
	finish(t, dir, d)
	countTasks(t, dir)
}

// killOne runs the process, answers what it asks, and kills it some time after its first
// word. Half a lease after that word it is disturbed.
func killOne(ctx context.Context, dir string, after time.Duration, disturb func(*os.Process), d *told) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	process := exec.CommandContext(ctx, self)
	process.Env = append(os.Environ(), victim+"="+dir)
	var trouble strings.Builder
	process.Stderr = &trouble
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	in, err := process.StdinPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for killing := false; lines.Scan(); killing = true {
		if !killing {
			time.AfterFunc(after, func() { _ = process.Process.Kill() })
			if disturb != nil {
				time.AfterFunc(victimLease/2, func() { disturb(process.Process) })
			}
		}
		d.hear(lines.Text(), in)
	}
	if _ = process.Wait(); process.ProcessState.ExitCode() != -1 {
		return errors.New("the process ended by itself: " + trouble.String())
	}
	return nil
}

// hear notes a line of a process, and answers it.
func (d *told) hear(line string, in io.Writer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	word, rest, _ := strings.Cut(line, " ")
	token, answer, _ := strings.Cut(rest, " ")
	switch word {
	case "started":
		d.started = append(d.started, rest)
	case "ask":
		d.answers++
		_, _ = fmt.Fprintf(in, "%s %d\n", token, d.answers) // it may be dead by now
	case "taken":
		if d.taken[token] != "" {
			d.twice = append(d.twice, token)
		}
		d.taken[token] = answer
	}
}

// finish lets all executions end, and holds them to what they should be.
func finish(t *testing.T, dir string, d *told) {
	t.Helper()
	m, s, err := openMill(t.Context(), dir, 0)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 2)
	go func() { served <- m.serve(ctx) }()
	go func() { served <- m.answerLast(ctx) }()
	records, err := m.list(t.Context(), store.Query{StateMachine: killedParent, Limit: 1_000_000})
	require.NoError(t, err)
	answers := map[string]bool{}
	for _, answer := range d.taken {
		answers[answer] = true
	}
	known, shown := map[string]bool{}, 0
	for _, record := range records {
		known[record.Execution] = true
		if answers[m.hold(t, record.Execution)] {
			shown++
		}
	}
	for _, id := range d.started {
		require.True(t, known[id], "%s was acknowledged, and is lost", id)
	}
	require.Equal(t, len(d.taken), shown, "answers that were taken are the results of their tasks")
	children, err := m.list(t.Context(), store.Query{StateMachine: killedMachine, Status: interp.Succeeded, Limit: 1_000_000})
	require.NoError(t, err)
	all, err := m.list(t.Context(), store.Query{StateMachine: killedMachine, Limit: 1_000_000})
	require.NoError(t, err)
	require.Len(t, children, len(records), "each execution has one child, which has ended")
	require.Len(t, all, len(records))
	items, err := m.list(t.Context(), store.Query{StateMachine: killedParent + "/D", Limit: 1_000_000})
	require.NoError(t, err)
	require.Len(t, items, 10*len(records), "each item has one child")
	for i := range items {
		require.Equal(t, interp.Succeeded, items[i].Status)
	}
	stop()
	require.NoError(t, <-served)
	require.NoError(t, <-served)
	require.NoError(t, m.Close(t.Context()))
	require.NoError(t, s.Close())
	t.Logf("%d executions, %d acknowledged; of the test's answers %d were acknowledged", len(records), len(d.started), len(d.taken))
}

// answerLast answers what nobody has answered, with 0.
func (m *mill) answerLast(ctx context.Context) error {
	for {
		select {
		case token := <-m.asks:
			if _, err := m.answer(ctx, token, "0"); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// hold waits for the end of an execution, holds it to what it should be, and returns what
// the test had answered.
func (m *mill) hold(t *testing.T, id string) (answer string) {
	t.Helper()
	var out jsonvalue.Value
	wait := func() (err error) {
		out, err = m.Wait(t.Context(), id)
		return err
	}
	for err := again(wait); err != nil; err = again(wait) { // it breaks, and is redriven soon
		require.ErrorContains(t, err, "Broken")
	}
	v, _ := out.Index(4)
	require.Equal(t, fmt.Sprintf(killedOutput, v), out.String())
	require.NoError(t, again(func() error {
		record, err := m.Describe(t.Context(), id)
		if err == nil {
			require.Equal(t, 1, record.Redrives)
		}
		return err
	}))
	var events []history.Event
	require.NoError(t, again(func() (err error) {
		events, err = m.History(t.Context(), id, 0, 10_000)
		return err
	}))
	submitted := 0
	for i, event := range events {
		require.Equal(t, int64(i+1), event.ID, id)
		if event.Type == "TaskSubmitted" && event.ResourceType == "states" {
			submitted++
		}
	}
	require.Equal(t, 1, submitted)
	require.Equal(t, "ExecutionSucceeded", events[len(events)-1].Type)
	return v.String()
}

// countTasks reads the ledger: a task begins again only because the process in which
// it was begun has died.
func countTasks(t *testing.T, dir string) {
	t.Helper()
	entries, err := readLedger(dir)
	require.NoError(t, err)
	last, handed := map[string]int{}, map[string]bool{}
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
		case "handed":
			require.False(t, handed[e.Token], "a worker got a task that another had got: %s", e.Token)
			handed[e.Token] = true
		}
	}
	t.Logf("tasks: %d begun, %d ended, %d begun again after a death; %d handed out to workers", begun, ended, again, len(handed))
}
