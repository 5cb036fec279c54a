package asltemporal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/objects"
)

// victimQueue and victimLedger tell a process of this test that it is a worker, of which queue, and
// where it notes what it does.
const victimQueue, victimLedger = "STATEMILL_VICTIM_QUEUE", "STATEMILL_VICTIM_LEDGER"

func TestMain(m *testing.M) {
	if queue := os.Getenv(victimQueue); queue != "" {
		if err := victim(queue, os.Getenv(victimLedger)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if size, err := strconv.Atoi(os.Getenv("STATEMILL_STICKY")); err == nil { // 0: each workflow task replays the whole history
		worker.SetStickyWorkflowCacheSize(size)
	}
	os.Exit(m.Run())
}

// victim is a worker that is going to be killed.
func victim(queue, ledger string) error {
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: log.NewStructuredLogger(discard)})
	if err != nil {
		return err
	}
	book, err := os.OpenFile(ledger, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := worker.New(c, queue, worker.Options{MaxConcurrentActivityExecutionSize: 20})
	(&Worker{Liveness: 2 * time.Second, Objects: objects.Dir(filepath.Dir(ledger)), Tasks: runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if _, err := fmt.Fprintln(book, "begun", task.ID()); err != nil {
			return jsonvalue.Value{}, err
		}
		if task.Pattern == asl.Sync {
			return aJobOf(task, book)
		}
		time.Sleep(50 * time.Millisecond)
		if _, err := os.Stat(ledger + ".mended"); err != nil && strings.Contains(task.Input.String(), "-") {
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Boom", Cause: "no"}
		}
		_, err := fmt.Fprintln(book, "done", task.ID())
		return task.Input, err
	})}).Register(w)
	return w.Run(nil)
}

// aJobOf starts a job that does not end before the process does, or returns what was told of the one that was started.
func aJobOf(task *runtime.Task, book io.Writer) (jsonvalue.Value, error) {
	if !task.Submission.IsNull() {
		return task.Submission, nil
	}
	task.Submitted(jsonvalue.Object(jsonvalue.Member{Name: "JobId", Value: jsonvalue.String(task.ID())}))
	if _, err := fmt.Fprintln(book, "submitted", task.ID()); err != nil {
		return jsonvalue.Value{}, err
	}
	select {} // until it is killed
}

// victimOf starts a worker that is going to be killed.
func victimOf(t *testing.T, queue, ledger string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimQueue+"="+queue, victimLedger+"="+ledger)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	return cmd
}

// TestServerKilledMapRun kills the only worker again and again while a Map Run fails twice, writes its results, and is
// redriven. The files are those of an Engine.
func TestServerKilledMapRun(t *testing.T) {
	c := connect(t)
	queue, ledger := fmt.Sprintf("killed-run-%d", time.Now().UnixNano()), filepath.Join(t.TempDir(), "ledger")
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: queue}, worker: new(Worker)}
	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(ledger), "b"), 0o700))
	buckets := objects.Dir(filepath.Dir(ledger))
	over, kills := make(chan struct{}), 0
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			worker := victimOf(t, queue, ledger)
			select {
			case <-over:
			case <-time.After(700 * time.Millisecond):
				kills++
			}
			_ = worker.Process.Kill()
			_ = worker.Wait()
			if kills == 12 { // and the last one lives
				worker = victimOf(t, queue, ledger)
				<-over
				_ = worker.Process.Kill()
				_ = worker.Wait()
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	defer ended.Wait()
	defer close(over)

	here := new(unmended)
	definition := strings.Replace(writing(list+`, "ToleratedFailureCount": 1, "MaxConcurrency": 1, `+writer, "STANDARD"), "States.ALL", "Never", 1)
	e, want, who := s.besideEngine(definition, `{"list": [1, 2, -3, 4, 5, -6, 7, 8]}`, here)
	for redrives := range 3 {
		_, expected := e.Wait(s.context(), who.Execution)
		_, failure := s.Wait(s.context(), who.Execution)
		require.Equal(t, text(expected), text(failure))
		if redrives == 2 {
			break
		}
		if redrives == 1 {
			here.mended.Store(true)
			require.NoError(t, os.WriteFile(ledger+".mended", nil, 0o600))
		}
		_, err := e.Redrive(s.context(), who.Execution, nil)
		require.NoError(t, err)
		_, err = s.Redrive(s.context(), who.Execution, nil)
		require.NoError(t, err)
	}
	assert.Equal(t, manifestOf(t, want), manifestOf(t, buckets))
	s.strictly(who.Execution)
}

// manifestOf returns the last manifest in a bucket.
func manifestOf(t *testing.T, o objects.Objects) string {
	found, err := o.List(t.Context(), "b", "out/", "")
	require.NoError(t, err)
	for _, f := range found {
		if strings.HasSuffix(f.Key, "/Redrive-2/manifest.json") {
			r, _, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: f.Key}, 0)
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, errors.Join(err, r.Close()))
			return string(text)
		}
	}
	t.Fatal("there is no manifest")
	return ""
}

// TestServerKilled kills the only worker again and again while executions run. All end right, and
// every task was performed to its end.
func TestServerKilled(t *testing.T) {
	c := connect(t)
	const executions, items, kills = 8, 40, 5
	queue := fmt.Sprintf("killed-%d", time.Now().UnixNano())
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: queue}}
	ledger := filepath.Join(t.TempDir(), "ledger")
	live := func() *exec.Cmd { return victimOf(t, queue, ledger) }
	begun := func() int { n, _ := count(t, ledger); return n["begun"] }
	worker := live()
	defer func() { _ = worker.Process.Kill(); _ = worker.Wait() }()
	var ids []string
	for range executions {
		ids = append(ids, s.begin(`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 4, "End": true,
			"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`, `{"list": [`+numbers(items)+`]}`))
	}
	for kill := range kills {
		require.Eventually(t, func() bool { return begun() >= (kill+1)*executions*items/(kills+3) }, time.Minute, 5*time.Millisecond)
		require.NoError(t, worker.Process.Kill())
		_ = worker.Wait()
		worker = live()
	}
	for _, id := range ids {
		assert.Equal(t, `[`+numbers(items)+`]`, s.succeeds(id))
	}
	lines, tasks := count(t, ledger)
	assert.Equal(t, executions*items, tasks["done"])
	assert.Equal(t, executions*items, tasks["begun"])
	t.Logf("%d kills, %d tasks: begun %d times, done %d times", kills, tasks["done"], lines["begun"], lines["done"])
}

// TestServerKilledJob kills the only worker while its job runs. The next one has the response to its start, and starts none.
func TestServerKilledJob(t *testing.T) {
	c := connect(t)
	queue, ledger := fmt.Sprintf("killed-job-%d", time.Now().UnixNano()), filepath.Join(t.TempDir(), "ledger")
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: queue}, worker: new(Worker)}
	worker := victimOf(t, queue, ledger)
	defer func() { _ = worker.Process.Kill(); _ = worker.Wait() }()
	id := s.begin(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+aJob+`", "End": true}}}`, `{}`)
	submitted := func() int { lines, _ := count(t, ledger); return lines["submitted"] }
	require.Eventually(t, func() bool { return submitted() == 1 }, time.Minute, 5*time.Millisecond)
	require.NoError(t, worker.Process.Kill())
	_ = worker.Wait()
	worker = victimOf(t, queue, ledger)
	job := s.succeeds(id)
	assert.Contains(t, job, id)
	assert.Equal(t, 1, submitted())
	lines, _ := count(t, ledger)
	assert.Equal(t, 2, lines["begun"])
	events := s.strictly(id)
	told := slices.IndexFunc(events, func(e history.Event) bool { return e.Type == "TaskSubmitted" })
	require.GreaterOrEqual(t, told, 0)
	assert.Equal(t, job, events[told].Output.String())
}

// count returns how many lines of each kind a ledger has, and of how many tasks.
func count(t *testing.T, ledger string) (lines, tasks map[string]int) {
	lines, tasks = map[string]int{}, map[string]int{}
	f, err := os.Open(ledger)
	if os.IsNotExist(err) {
		return lines, tasks
	}
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	seen := map[string]bool{}
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		kind, _, _ := strings.Cut(scanner.Text(), " ")
		lines[kind]++
		if !seen[scanner.Text()] {
			seen[scanner.Text()] = true
			tasks[kind]++
		}
	}
	return lines, tasks
}
