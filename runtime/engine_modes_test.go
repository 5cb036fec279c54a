package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// TestEngineModes runs random programs in an Engine: outcome and history are those of
// the simulation.
func TestEngineModes(t *testing.T) {
	runs := 0
	for seed := range generate.Programs(100) {
		c, err := generate.New(2_000_000 + seed)
		require.NoError(t, err)
		want := replayed(t, c.Replay())
		if want.Status == interp.Aborted {
			continue
		}
		got, _ := inEngine(t, c, &faulty.Store{})
		same(t, c, "engine", &want, got)
		runs++
	}
	t.Logf("%d programs: 0 differences", runs)
}

// TestEngineDies runs random programs in processes that die after commit n, for every
// n: whoever opens the store then ends the execution as it would have ended. Histories
// have no gap, and each task has one answer in them.
func TestEngineDies(t *testing.T) {
	deaths := 0
	for seed := range generate.Programs(40) {
		c, err := generate.New(3_000_000 + seed)
		require.NoError(t, err)
		if simulated := replayed(t, c.Replay()); simulated.Status == interp.Aborted || !bearable(c) {
			continue
		}
		want, commits := inEngine(t, c, &faulty.Store{})
		if commits > 60 || strings.Contains(want.Cause, "maximum number of history events") {
			continue
		}
		for n := 1; n < commits; n++ {
			got, _ := inEngine(t, c, &faulty.Store{Last: n})
			require.Equal(t, want.end(), got.end(), "seed %d, dead after commit %d of %d\n%s", c.Seed, n, commits, c.Definition)
			for i, e := range got.history {
				require.Equal(t, int64(i+1), e.ID)
			}
			require.Equal(t, want.types(), got.types(), "seed %d, dead after commit %d of %d", c.Seed, n, commits)
			deaths++
		}
	}
	t.Logf("%d deaths: 0 differences", deaths)
}

var eventID = regexp.MustCompile(`event id #\d+`)

// end returns the outcome without ids of events, which a TaskSubmitted more moves.
func (r *ran) end() string {
	return eventID.ReplaceAllString(string(r.Status)+" "+r.Output.String()+" "+r.Error+" "+r.Cause, "event id #")
}

// types returns the types of the events. That a request was submitted may have been
// said to the process that died, or be said to both.
func (r *ran) types() (types []string) {
	for _, e := range r.history {
		if e.Type != "TaskSubmitted" {
			types = append(types, e.Type)
		}
	}
	return types
}

// bearable reports whether the world of this test can bear the deaths of a case: its
// heartbeats find nobody while a process is dead.
func bearable(c *generate.Case) bool {
	return !bytes.Contains(c.Definition, []byte("HeartbeatSeconds"))
}

// TestEngineMeetsFaults runs random programs on a store whose n-th commit fails, before
// or after it is stored, for every n: the execution ends as it would have ended, a little
// later.
func TestEngineMeetsFaults(t *testing.T) {
	met := 0
	for seed := range generate.Programs(20) {
		c, err := generate.New(4_000_000 + seed)
		require.NoError(t, err)
		if simulated := replayed(t, c.Replay()); simulated.Status != interp.Succeeded || !bearable(c) {
			continue
		}
		want, commits := inEngine(t, c, &faulty.Store{})
		for n := 1; n <= min(commits, 30); n++ {
			for _, fault := range []faulty.Fault{faulty.Before, faulty.After} {
				got, _ := inEngine(t, c, &faulty.Store{Faults: map[int]faulty.Fault{n: fault}})
				require.Equal(t, want.end(), got.end(), "seed %d, fault at commit %d of %d\n%s", c.Seed, n, commits, c.Definition)
				for i, e := range got.history {
					require.Equal(t, int64(i+1), e.ID)
				}
				met++
			}
		}
	}
	t.Logf("%d faults: 0 differences", met)
}

// inEngine runs a case in a bubble, in a process whose store is s, which gets memory. If
// the process dies, another one goes on at once.
func inEngine(t *testing.T, c *generate.Case, s *faulty.Store) (got *ran, commits int) {
	t.Helper()
	got = new(ran)
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(generate.Start))
		memory := store.Memory()
		world := newWorld(c)
		s.Store = memory
		for over := false; !over; {
			over = world.live(t, c, s, got)
			commits = s.Commits()
			s = &faulty.Store{Store: memory}
		}
	})
	return got, commits
}

// world is what goes on outside of processes: tasks are under way, and answer when
// they would have, whoever asks for them.
type world struct {
	perform replay.Performer

	mu       sync.Mutex
	started  map[interp.TaskID]time.Time
	employed map[interp.TaskID]bool // those of activities that have a worker
	engine   *runtime.Engine
	others   int        // those who answer by token, work and send heartbeats
	fewer    *sync.Cond // than before
}

func newWorld(c *generate.Case) *world {
	w := &world{perform: c.Perform, started: make(map[interp.TaskID]time.Time), employed: make(map[interp.TaskID]bool)}
	w.fewer = sync.NewCond(&w.mu)
	return w
}

// do runs f on a goroutine. Tasks call it while others wait, which a WaitGroup does not allow.
func (w *world) do(f func()) {
	w.mu.Lock()
	w.others++
	w.mu.Unlock()
	go func() {
		f()
		w.mu.Lock()
		w.others--
		w.mu.Unlock()
		w.fewer.Broadcast()
	}()
}

func (w *world) wait() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.others > 0 {
		w.fewer.Wait()
	}
}

// live is the life of one process. It returns whether the execution is over.
func (w *world) live(t *testing.T, c *generate.Case, s *faulty.Store, got *ran) (over bool) {
	config := runtime.EngineConfig{Tasks: &mortalTasks{world: w}, Limits: c.Limits, Name: "process", Seed: c.Header.Seed}
	if bytes.Contains(c.Definition, []byte(":activity:")) {
		config.Observe = func(event history.Event) { w.employ(event.Execution) } // any event may free a slot for a task
	}
	e, err := runtime.Open(t.Context(), s, config)
	require.NoError(t, err)
	w.mu.Lock()
	w.engine = e
	w.mu.Unlock()
	w.employ(c.Header.Identity.Execution) // for what a death has kept from being observed
	ctx, cancel := untilDeath(t, s)
	defer cancel()
	_, _ = e.Start(ctx, c.Program, c.Header.Identity, c.Input, nil) // the second process finds it started
	out, err := e.Wait(ctx, c.Header.Identity.Execution)
	if over = !errors.Is(err, context.Canceled) && !errors.Is(err, faulty.ErrDead); over {
		got.Outcome = outcomeOf(t, out, err)
		got.history, err = e.History(t.Context(), c.Header.Identity.Execution, 0, 100_000)
		if over = !errors.Is(err, faulty.ErrDead); over { // it may die of what follows the end
			require.NoError(t, err)
			w.wait()
		}
	}
	_ = e.Close(context.Background()) // of one that is dead too: its goroutines end
	return over
}

// mortalTasks performs tasks in one process.
type mortalTasks struct{ world *world }

// Resolve implements runtime.Resolver: activities are for workers.
func (m *mortalTasks) Resolve(resource string) (runtime.TaskInvoker, error) {
	if strings.Contains(resource, ":activity:") {
		return nil, runtime.ErrNoTask
	}
	return m, nil
}

// InvokeTask implements runtime.TaskInvoker.
func (m *mortalTasks) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	_, text, _ := strings.Cut(task.ID(), "#")
	id, err := interp.ParseTaskID(text)
	if err != nil {
		return null, err
	}
	a := m.world.perform(&interp.StartTask{ID: id, Task: &asl.Task{Resource: asl.Resource{Pattern: task.Pattern}}, Input: task.Input})
	begun := m.world.begin(id)
	if a.Submitted != nil && !sleepUntil(ctx, begun.Add(a.SubmittedAfter)) {
		return null, ctx.Err()
	}
	token, lives := task.Token(), ctx
	if task.Pattern == asl.WaitForTaskToken {
		lives = context.Background() // the work goes on elsewhere
	}
	m.world.do(func() { m.world.beat(lives, begun, token, &a) })
	switch {
	case task.Pattern == asl.WaitForTaskToken: // perhaps a second time: the first answer counts
		m.world.do(func() { m.world.answer(begun, token, &a) })
		return *a.Submitted, nil
	case a.Submitted != nil && time.Since(begun) == a.SubmittedAfter:
		task.Submitted(*a.Submitted)
	}
	if a.Never {
		<-ctx.Done()
		return null, ctx.Err()
	}
	if !sleepUntil(ctx, begun.Add(a.After)) {
		return null, ctx.Err()
	}
	if a.Err != nil {
		return null, a.Err
	}
	return a.Output, nil
}

// employ finds workers for the tasks of activities that have none.
func (w *world) employ(execution string) {
	e := w.process()
	if e == nil {
		return
	}
	open, _ := e.OpenTasks(context.Background(), store.Query{ID: execution}) // an error: it is dead
	for _, task := range open {
		_, id, err := interp.ParseToken(task.Token)
		if err != nil {
			panic(err)
		}
		if begun, first := w.begin(id), w.first(id); first && strings.Contains(task.Resource, ":activity:") {
			a := w.perform(&interp.StartTask{ID: id, Task: &asl.Task{Resource: asl.Resource{Pattern: asl.Activity}}, Input: task.Input})
			w.do(func() { w.work(begun, id, &task, &a) })
		}
	}
}

// first reports whether it is asked about a task for the first time.
func (w *world) first(id interp.TaskID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.employed[id]
	w.employed[id] = true
	return !known
}

// work is the work of one worker, in whichever process is alive.
func (w *world) work(begun time.Time, id interp.TaskID, task *runtime.OpenTask, a *replay.Answer) {
	if a.Worker != nil {
		sleepUntil(context.Background(), begun.Add(a.StartedAfter))
		for ; ; <-time.After(time.Millisecond) {
			err := w.process().Take(context.Background(), task.Execution, id, *a.Worker)
			if err == nil || errors.Is(err, runtime.ErrTaskOver) {
				break
			}
		}
	}
	w.do(func() { w.beat(context.Background(), begun, task.Token, a) })
	w.answer(begun, task.Token, a)
}

// beat sends heartbeats.
func (w *world) beat(ctx context.Context, begun time.Time, token string, a *replay.Answer) {
	for _, at := range a.Beats {
		if !sleepUntil(ctx, begun.Add(at)) || w.process().HeartbeatTask(ctx, token) != nil {
			return
		}
	}
}

// begin notes when a task began.
func (w *world) begin(id interp.TaskID) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.started[id]; !known {
		w.started[id] = time.Now()
	}
	return w.started[id]
}

// answer answers a task by its token, in whichever process is alive.
func (w *world) answer(begun time.Time, token string, a *replay.Answer) {
	if a.Never {
		return
	}
	sleepUntil(context.Background(), begun.Add(a.After))
	for {
		var err error
		if a.Err != nil {
			err = w.process().FailTask(context.Background(), token, a.Err)
		} else {
			err = w.process().SucceedTask(context.Background(), token, a.Output)
		}
		if err == nil || errors.Is(err, runtime.ErrTaskOver) {
			return
		}
		<-time.After(time.Millisecond)
	}
}

// process returns the Engine that is alive.
func (w *world) process() *runtime.Engine {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.engine
}

func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
