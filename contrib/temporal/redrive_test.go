package asltemporal

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// dates are those of records of children, which differ between two executions.
var dates = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"`)

// unmended is a task that fails with negative items until it is mended.
type unmended struct{ mended atomic.Bool }

func (u *unmended) InvokeTask(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if strings.Contains(task.Input.String(), "-") && !u.mended.Load() {
		return jsonvalue.Value{}, &runtime.TaskError{Name: "Boom", Cause: "no"}
	}
	return task.Input, nil
}

// besideEngine begins an execution, and the same in an Engine that writes to a bucket of its own: names and seed are equal.
func (s *served) besideEngine(definition, input string, item runtime.TaskInvoker) (*runtime.Engine, *objects.MemoryObjects, runtime.Identity) {
	names, bucket := s.names(), objects.Memory()
	bucket.Put("b", "other", "")
	seed, program, value := childSeed(names.ExecutionName), compiled(s.t, definition), jsonvalue.MustParse(input)
	who := runtime.CompleteIdentity(names, seed)
	e, err := runtime.Open(s.context(), store.Memory(), runtime.EngineConfig{Tasks: runtime.Mux{"item": item}, Objects: bucket, Seed: seed})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, e.Close(context.Background())) })
	_, err = e.Start(s.context(), program, who, value, nil)
	require.NoError(s.t, err)
	_, err = s.Client.begin(s.context(), program, interp.Header{Identity: who, Seed: seed}, value, nil)
	require.NoError(s.t, err)
	return e, bucket, who
}

// TestServerMapRunRedriven redrives an execution with a Map Run twice, on Temporal and in an Engine: the second time it
// succeeds. Files, histories and what is told of the Map Run are the same.
func TestServerMapRunRedriven(t *testing.T) {
	uncaught := func(more, express string) string {
		return strings.Replace(writing(more, express), "States.ALL", "Never", 1)
	}
	for name, c := range map[string]struct {
		definition string
		most       int
	}{
		"Written":         {uncaught(list+`, "MaxConcurrency": 1, `+writer, "STANDARD"), 0},
		"WrittenManyRuns": {uncaught(list+`, "MaxConcurrency": 1, `+writer, "STANDARD"), 20},
		"Express":         {uncaught(list+`, "MaxConcurrency": 1, `+writer, "EXPRESS"), 0},
		"Collected":       {uncaught(list+`, "MaxConcurrency": 1`, "STANDARD"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there, here := new(unmended), new(unmended)
			s := serve(t, runtime.Mux{"item": there})
			got := objects.Memory()
			got.Put("b", "other", "")
			s.worker.Objects, s.MaxHistory = got, c.most
			e, want, who := s.besideEngine(c.definition, `{"list": [1, -2, 3, -4, 5]}`, here)
			for redrives := range 3 {
				expected, expectedFailure := e.Wait(s.context(), who.Execution)
				out, failure := s.Wait(s.context(), who.Execution)
				assert.Equal(t, text(expectedFailure), text(failure))
				assert.Equal(t, dates.ReplaceAllString(expected.String(), "date"), dates.ReplaceAllString(out.String(), "date"))
				assert.Equal(t, dates.ReplaceAllString(printedFiles(t, want), "date"), dates.ReplaceAllString(printedFiles(t, got), "date"))
				if redrives == 1 {
					there.mended.Store(true)
					here.mended.Store(true)
				}
				if redrives < 2 {
					_, err := e.Redrive(s.context(), who.Execution, nil)
					require.NoError(t, err)
					_, err = s.Redrive(s.context(), who.Execution, nil)
					require.NoError(t, err)
				}
			}
			if strings.Contains(c.definition, writer) {
				assert.Contains(t, printedFiles(t, got), "/Redrive-2/manifest.json")
			}
			expected, err := e.MapRuns(s.context(), who.Execution)
			require.NoError(t, err)
			told, err := s.MapRuns(s.context(), who.Execution)
			require.NoError(t, err)
			for i := range told {
				assert.Equal(t, []any{expected[i].ARN, expected[i].Status, expected[i].Redrives, expected[i].Limits, expected[i].Children, expected[i].Items},
					[]any{told[i].ARN, told[i].Status, told[i].Redrives, told[i].Limits, told[i].Children, told[i].Items})
			}
			require.Len(t, told, 1)
			events, err := e.History(s.context(), who.Execution, 0, 1000)
			require.NoError(t, err)
			assert.Equal(t, sorted(events), sorted(s.strictly(who.Execution)))
		})
	}
}

// TestStoppedBeforeTheyBegin stops Map Runs: one whose children run, and one whose children wait because the history has
// grown long. Each that they count has a workflow, which is over.
func TestStoppedBeforeTheyBegin(t *testing.T) {
	distributed := func(name string) string {
		return `"` + name + `": {"Type": "Map", "ItemsPath": "$.list", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
			"StartAt": "` + name + `W", "States": {"` + name + `W": {"Type": "Wait", "Seconds": 60, "End": true}}}}`
	}
	for _, caught := range []bool{false, true} {
		catch := ""
		if caught {
			catch = `"Catch": [{"ErrorEquals": ["Boom"], "Next": "Z"}], `
		}
		definition := `{"StartAt": "P", "States": {"Z": {"Type": "Wait", "Seconds": 600, "End": true}, "P": {"Type": "Parallel", ` + catch + `"Next": "Z", "Branches": [
			{"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": "item", "End": true}}},
			{"StartAt": "M", "States": {` + distributed("M") + `}},
			{"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 1, "Next": "N"}, ` + distributed("N") + `}}]}}}`
		s := &simulated{
			t: t, worker: new(Worker), program: compiled(t, definition), input: jsonvalue.MustParse(`{"list": [` + numbers(20) + `]}`),
			begins: scripted.Start, header: interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}},
			in: start{MaxHistory: 10}, length: func(int) int { return 1 },
			answer: func(string, interp.TaskID, jsonvalue.Value) replay.Answer {
				return replay.Answer{After: 2 * time.Second, Err: &runtime.TaskError{Name: "Boom"}}
			},
		}
		s.plan(500*time.Millisecond, func() { s.env.SetCurrentHistoryLength(20) })
		r := s.run()
		require.Equal(t, caught, r.status == interp.Succeeded, "%s %s", r.name, r.cause)
		require.Len(t, s.children, 40)
		unbegun := 0
		for _, child := range s.children {
			require.Equal(t, interp.Aborted, child.Status)
			require.Contains(t, child.Cause, "which was managing this resource was aborted")
			if child.Start.Equal(child.Stop.Truncate(time.Millisecond)) {
				unbegun++
			}
		}
		require.Equal(t, 20, unbegun)
	}
}

// relatives are children of a Map Run, by their ids in the order of their indices, that a test makes up.
type relatives struct {
	mu       sync.Mutex
	status   []interp.Status
	asked    []string
	redrives func(ctx context.Context, index int) (interp.Status, error)
	stopped  int
}

func (f *relatives) indexOf(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.asked, id); i >= 0 {
		return i
	}
	f.asked = append(f.asked, id)
	return len(f.asked) - 1
}

func (f *relatives) ended(_ context.Context, id string) (store.Record, error) {
	names, i := interp.ChildNames{Run: "1.1"}, 0
	for names.Execution(int64(i)) != id {
		i++
	}
	return store.Record{Status: f.status[i], Output: jsonvalue.Int(int64(i))}, nil
}

func (f *relatives) redriveChild(ctx context.Context, id string, _ int) (againOf, error) {
	i := f.indexOf(id)
	status, err := f.redrives(ctx, i)
	return againOf{Items: int64(i), Status: status}, err
}

func (f *relatives) stopRedriven(context.Context, string, int, string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped++
	return nil
}

// performs performs an activity of a worker.
func performs(t *testing.T, kind string, f, arg, result any) error {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(discard))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: kind})
	out, err := env.ExecuteActivity(kind, arg)
	if err == nil {
		require.NoError(t, out.Get(result))
	}
	return err
}

// TestRedriveChildren has children redriven: as many as are asked for, but for those that have succeeded. One that cannot be
// redriven counts, too.
func TestRedriveChildren(t *testing.T) {
	const s, f, a, r = interp.Succeeded, interp.Failed, interp.Aborted, interp.Running
	q := redriveChildren{Kin: kin{Run: "1.1", Children: 5}, Redrives: 1}
	for _, c := range []struct {
		becomes []interp.Status
		n       int64
		want    redriven
	}{
		{[]interp.Status{s, r, r, s, r}, 2, redriven{Next: 3, Begun: []againOf{{Index: 1, Items: 1}, {Index: 2, Items: 2}}}},
		{[]interp.Status{s, r, f, s, a}, 3, redriven{Next: 5, Begun: []againOf{{Index: 1, Items: 1}}, Over: []againOf{{2, 2, f}, {4, 4, a}}}},
		{[]interp.Status{s, s, s, s, r}, 3, redriven{Next: 5, Begun: []againOf{{Index: 4, Items: 4}}}},
	} {
		children := &relatives{redrives: func(_ context.Context, i int) (interp.Status, error) { return c.becomes[i], nil }}
		w, q := &Worker{siblings: children}, q
		q.N = c.n
		var got redriven
		require.NoError(t, performs(t, redriveActivity, w.redrive, q, &got))
		require.Equal(t, c.want, got)
	}
	w := &Worker{siblings: &relatives{redrives: func(context.Context, int) (interp.Status, error) { return "", &unreached{errors.New("away")} }}}
	q.N = 1
	err := performs(t, redriveActivity, w.redrive, q, nil)
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.False(t, app.NonRetryable(), "the server will be back")
}

// TestCollectChildren brings outputs together, as far as a payload has room.
func TestCollectChildren(t *testing.T) {
	w := &Worker{siblings: &relatives{status: []interp.Status{interp.Succeeded, interp.Failed, interp.Succeeded}}}
	q := collectResults{kin{Run: "1.1", Children: 3}, "COMPACT"}
	var got jsonvalue.Value
	require.NoError(t, performs(t, collectActivity, w.collect, q, &got))
	require.Equal(t, "[0,2]", got.String())
}

// TestStoppedWhileRedriven stops an execution while its children are being redriven: those of which it has not heard are stopped, too.
func TestStoppedWhileRedriven(t *testing.T) {
	failing := func(string, interp.TaskID, jsonvalue.Value) replay.Answer {
		return replay.Answer{Err: &runtime.TaskError{Name: "Boom"}}
	}
	s := &simulated{
		t: t, worker: new(Worker), input: jsonvalue.MustParse(`{"list": [1, 2, 3]}`), begins: scripted.Start, answer: failing,
		program: compiled(t, strings.Replace(writing(list, "STANDARD"), "States.ALL", "Never", 1)), header: interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}},
	}
	failed := s.run()
	require.Equal(t, interp.Failed, failed.status)

	begun := make(chan struct{}, 1)
	children := &relatives{redrives: func(ctx context.Context, i int) (interp.Status, error) {
		if i == 0 {
			return interp.Running, nil
		}
		begun <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	}}
	s.worker.siblings = children
	go func() {
		<-begun
		s.env.CancelWorkflow()
	}()
	out, err := s.chain(&start{Semantics: Semantics, Definition: string(s.program.StateMachine().Source()), State: failed.end.Frames, Redrive: true}, payload(jsonvalue.Value{}))
	r := s.result(out, err)
	require.Equal(t, interp.Aborted, r.status)
	require.Equal(t, 3, children.stopped)
}

// lost are children of which one is not kept any more, while the others still run.
type lost struct{ *relatives }

func (l lost) ended(ctx context.Context, id string) (store.Record, error) {
	names := interp.ChildNames{Run: "1.1"}
	if id == names.Execution(7) {
		return store.Record{}, store.ErrNotFound
	}
	<-ctx.Done()
	return store.Record{}, &unreached{ctx.Err()}
}

// TestLostChild says which child is not there, and does not try again.
func TestLostChild(t *testing.T) {
	w := &Worker{siblings: lost{}}
	err := performs(t, collectActivity, w.collect, collectResults{kin{Run: "1.1", Children: 20}, ""}, nil)
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.True(t, app.NonRetryable())
	require.Contains(t, app.Message(), "child 7 of the Map Run")
}

// TestServerStoppedAndRedriven stops an execution whose children wait, in the middle of a Map Run and of its redrive, and
// redrives it: they go on, and those that had not begun begin.
func TestServerStoppedAndRedriven(t *testing.T) {
	handed := make(chan string, 10)
	s := serve(t, tokens(handed))
	id := s.begin(`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 2, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "A", "States": {"A": {"Type": "Task",
			"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}}}}}`, `{"list": [1, 2, 3, 4]}`)
	old := []string{<-handed, <-handed}
	for range 2 {
		_, err := s.Stop(s.context(), id, "Enough", "")
		require.NoError(t, err)
		for _, token := range old {
			require.Eventually(t, func() bool {
				return errors.Is(s.SucceedTask(s.context(), token, jsonvalue.Int(0)), runtime.ErrTaskOver)
			}, 20*time.Second, 50*time.Millisecond)
		}
		_, err = s.Redrive(s.context(), id, nil)
		require.NoError(t, err)
		old = []string{<-handed, <-handed}
	}
	for _, token := range old {
		require.NoError(t, s.SucceedTask(s.context(), token, jsonvalue.Int(1)))
		require.NoError(t, s.SucceedTask(s.context(), <-handed, jsonvalue.Int(2)))
	}
	assert.Equal(t, `[1,1,2,2]`, s.succeeds(id))
	runs, err := s.MapRuns(s.context(), id)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	assert.Equal(t, []any{interp.Succeeded, 2, interp.MapRunCounts{Succeeded: 4}}, []any{runs[0].Status, runs[0].Redrives, runs[0].Children})
	children, err := s.MapRunChildren(s.context(), store.Query{MapRun: runs[0].ARN})
	require.NoError(t, err)
	for _, child := range children {
		s.strictly(child.Execution)
	}
	s.strictly(id)
}
