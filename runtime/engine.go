package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// EngineConfig says how an [Engine] runs executions. The zero EngineConfig runs
// programs without Task states.
type EngineConfig struct {
	// Tasks performs the tasks. A task whose process dies is performed again, with the
	// same Task.ID. If Tasks is a Resolver, a task of an activity that it does not resolve
	// is for PollActivity. Default: none, and every activity is.
	Tasks TaskInvoker

	// TasksOf gives an execution, by its id, tasks of its own instead of Tasks: such as mocks,
	// where everybody else has the real ones. It is asked when the execution begins and whenever it is
	// read from the store. Default: nil, and where it returns nil, Tasks performs them.
	TasksOf func(execution string) TaskInvoker

	// StateMachine finds a state machine that a task starts by the Resource
	// arn:aws:states:::states:startExecution, in any pattern. The task fails with the
	// error; store.ErrNotFound stands for the error of AWS.
	// If Tasks is a Resolver that resolves the Resource, Tasks performs the task.
	// Default: nil, and programs with such a task are refused.
	StateMachine func(ctx context.Context, arn string) (Machine, error)

	// Activity reports whether an activity exists, when an execution comes to a task of it; if
	// not, the execution fails, as on AWS. An error stands for yes. Default: nil, and every
	// activity exists.
	Activity func(ctx context.Context, arn string) (exists bool, err error)

	// Objects is where the items of distributed Map states come from that have an ItemReader.
	// Default: nil, and programs with such a state are refused.
	Objects objects.Objects

	// Formats reads objects in PARQUET, and those that are compressed by zstd. Default: nobody
	// does, and programs that need it are refused.
	Formats objects.Formats

	// Observe is called with each event after it is durable, in order for each
	// execution, and before the tasks that it announces are performed. Events of
	// several executions come at once. Default: nil; the history is kept in any case.
	Observe func(history.Event)

	// Committed is called once for each commit with events, with all of these in order, as
	// Observe is with each. The record is that of their execution after the commit, without
	// Input and perhaps without Output: an observer to whom it matters what Start got as meta
	// finds it there. Default: nil.
	Committed func(r store.Record, events []history.Event)

	// Loaded is called when an execution is read from the store, with its history so far, and
	// Evicted when it has left memory, be it that it waits or is over, or that another process
	// has it. From Loaded to Evicted, Observe gets each event that follows; an execution that
	// is new in this process begins with its first event, without Loaded. The two are for
	// observers that keep a state of each execution. Reading the history takes time, for each
	// answer to an execution that waits. Default: nil.
	Loaded  func(execution string, sofar []history.Event)
	Evicted func(execution string)

	// Recovery says what becomes of tasks that ran in a process that died or was closed.
	// Default: Redeliver.
	Recovery Recovery

	// Limits bound each execution. They are not stored: after a restart, the limits of the new
	// EngineConfig hold. Default: the quotas of Step Functions.
	Limits Limits

	// Workers is how many tasks run at a time in this process; others wait, in the
	// order in which they came, and their time runs. Default: 1,000.
	Workers int

	// Concurrency is how many tasks of a Resource run at a time in this process, by a
	// pattern as in a Mux. Default: none, only Workers bounds them.
	Concurrency map[string]int

	// Logger gets what the history has no place for. Level Error: faults that an operator has
	// to look at, and panics with their stacks. Level Info: the Engine opens, closes, or loses
	// an execution. Level Debug: executions that it claims and deletes, and tasks that outlive
	// their contexts. Default: nil, nothing is logged.
	Logger *slog.Logger

	// Name names the process in the store. Default: random, another for each Open.
	Name string

	// Lease is how long other processes leave the executions of this process alone after its
	// last sign of life. Default: 10 s.
	Lease time.Duration

	// Resident is how many bytes of memory large executions may take while they wait. They wait
	// there for 10 s, so that an execution with many open tasks is not loaded for each
	// answer; small ones wait in the store at once. Default: 256 MiB.
	Resident int64

	// Retention is how long executions stay in the store when they are over. Default: 90
	// days; negative: for ever.
	Retention time.Duration

	// Clock makes time virtual, for executions and for tasks that call its Sleep; it moves when
	// everything rests. Tasks, and whoever calls Hold, call the Engine's methods with their context:
	// waiting for anything else keeps the clock from moving. What happens, and in which order, is then the
	// same in each run. Leases are those of the system's time, and nothing is deleted
	// because of Retention. Default: nil, the time of the system.
	Clock *VirtualClock

	// Seed determines all that is random in the executions that are started: every one draws
	// the same. It is for tests. Default: zero, and each execution draws a seed.
	Seed Seed

	// ScaleWait turns the time that a Wait state is to take into the time that it takes, 0 or
	// more. Deadlines and the pauses of retries stay. It is for development, where nobody wants
	// to wait; equal arguments must have equal results. Default: nil, a Wait state takes its time.
	ScaleWait func(time.Duration) time.Duration

	// Reach is told each point of Program.Points that an execution reaches, as
	// Runner.Reach is; a step that is repeated after a crash tells it again. Executions call it
	// at once. Default: nil, nobody counts.
	Reach func(execution string, point int, visit int64)
}

// tasksOf returns who performs the tasks of an execution.
func (c *EngineConfig) tasksOf(execution string) TaskInvoker {
	if c.TasksOf != nil {
		if own := c.TasksOf(execution); own != nil {
			return own
		}
	}
	return c.Tasks
}

// Recovery says what becomes of a task whose process died, or was closed, before the
// task had an answer.
type Recovery uint8

// The ways of recovery.
const (
	Redeliver   Recovery = iota // it is performed again, with the same Task.ID
	FailRunning                 // it fails with the error name Runtime.Interrupted, which Retry and Catch may match
)

// interrupted names the failure of a task whose process died.
const interrupted = "Runtime.Interrupted"

// Engine keeps executions in a store and drives them. Each change is committed before anything
// follows from it. So a process may die at any instant, and the next process that opens the
// store goes on with every execution where it was. An execution that waits is a row in the
// store, without a goroutine, a timer or memory.
//
// An Engine is safe for concurrent use. Close it.
type Engine struct {
	config   EngineConfig
	store    store.Store
	commits  committer
	slots    slots
	leases   leases
	asks     asks
	workers  workers
	watchers watchers

	ctx    context.Context // of tasks and of the work of the Engine itself; Close ends it
	cancel context.CancelCauseFunc
	work   work // under way

	mu       sync.Mutex
	resident map[string]*resident                    // executions in memory, by id
	waiters  map[string]map[chan store.Record]func() // by id: they get the record when the execution ends, and are woken
	programs map[interp.Hash]*Program                // those that are in the store; at most maxPrograms
	taking   map[string]bool                         // executions that takeUp is at; true: they were claimed again meanwhile
	kept     kept                                    // executions that wait in memory
	loading  atomic.Int64                            // how many of these are being loaded for the first time
	closing  bool

	giving sync.Mutex // held while everything is given back
	given  bool

	queued  []func()      // with a virtual clock: tasks that wait for a slot
	stopped chan struct{} // likewise: closed when the clock is given back
}

var (
	// ErrClosed is the error of the methods of an Engine that is closed.
	ErrClosed = errors.New("runtime: the engine is closed")

	// ErrNotRedrivable reports an execution that runs, has succeeded, or has no room
	// for more events.
	ErrNotRedrivable = errors.New("runtime: the execution cannot be redriven")

	// ErrLost says that another process took the execution over during a call such as Stop or
	// SucceedTask. It is not known whether the call had its effect: ask again.
	ErrLost = errors.New("runtime: another process has the execution")
)

// Open returns an Engine on a store, which goes on with the executions that need it.
// Those of a process that died are taken over when its lease is over.
func Open(ctx context.Context, s store.Store, c EngineConfig) (*Engine, error) {
	if s == nil {
		return nil, errors.New("runtime: no store")
	}
	if c.Name == "" {
		var name [8]byte
		if _, err := rand.Read(name[:]); err != nil {
			return nil, err
		}
		c.Name = hex.EncodeToString(name[:])
	}
	if c.Lease <= 0 {
		c.Lease = 10 * time.Second
	}
	if c.Workers <= 0 {
		c.Workers = 1000
	}
	if c.Resident <= 0 {
		c.Resident = 256 << 20
	}
	if c.Retention == 0 {
		c.Retention = 90 * 24 * time.Hour
	}
	e := &Engine{
		config: c, store: s, slots: newSlots(c.Workers, c.Concurrency),
		resident: make(map[string]*resident), waiters: make(map[string]map[chan store.Record]func()),
		programs: make(map[interp.Hash]*Program), taking: make(map[string]bool),
	}
	e.ctx, e.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	e.commits.store, e.commits.ctx, e.commits.watched = s, context.WithoutCancel(ctx), c.Observe != nil || c.Committed != nil || c.Evicted != nil
	e.leases.kick = make(chan struct{}, 1)
	e.kept.limit = c.Resident
	if err := e.beginVirtually(); err != nil {
		return nil, err
	}
	if err := e.begin(ctx); err != nil {
		_ = e.Close(ctx)
		return nil, err
	}
	e.logAt(slog.LevelInfo, "the engine is open", "name", c.Name)
	e.work.loop(e.watch)
	if c.Retention > 0 && c.Clock == nil {
		e.work.loop(e.expire)
	}
	return e, nil
}

// begin gives back what a process of the same name left, and takes up what needs an
// owner.
func (e *Engine) begin(ctx context.Context) error {
	if _, err := e.store.Poll(ctx, store.Poll{Owner: e.config.Name, Now: e.now()}); err != nil {
		return err
	}
	return e.poll(ctx)
}

// Close ends the contexts of running tasks and waits for them, commits what they
// have answered, and gives every execution back to the store. What a task returns
// because its context ended is no answer: Recovery says what follows. If ctx ends
// first, Close returns its error, and tasks may still be running; Close may be called
// again. The store stays open.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closing = true
	e.mu.Unlock()
	e.cancel(ErrClosed)
	if c := e.config.Clock; c != nil {
		defer c.freeze()()
		if e.counted(ctx) {
			c.part()
			defer c.join()
		}
	}
	e.asks.close()
	if err := e.work.close(ctx); err != nil {
		return err
	}
	e.giving.Lock()
	defer e.giving.Unlock()
	if e.given {
		return nil // another process of the same name may have them by now
	}
	e.clear()
	e.endVirtually()
	_, err := e.store.Poll(ctx, store.Poll{Owner: e.config.Name, Now: e.now()})
	if e.given = err == nil; e.given {
		e.logAt(slog.LevelInfo, "the engine is closed", "name", e.config.Name)
	}
	return err
}

// clear forgets all executions.
func (e *Engine) clear() {
	e.mu.Lock()
	all := slices.Collect(maps.Values(e.resident))
	for _, r := range all {
		r.mail.close()
		r.mu.Lock()
		if r.timer != nil {
			r.timer.Stop()
		}
		r.gone = true
		r.mayLeave()
		r.mu.Unlock()
	}
	e.mu.Unlock()
	for _, r := range all {
		for _, f := range r.files {
			f.cancel()
			_ = guarded(f.writer.Abort) // no job is under way any more
		}
		r.showEvicted()
	}
}

// abilities say what an Engine can do besides what the user's tasks do.
func (e *Engine) abilities() abilities {
	return abilities{tokens: true, children: true, objects: e.config.Objects != nil, formats: e.config.Formats, builtIn: e.builtIn}
}

func (e *Engine) builtIn(task *asl.Task) (TaskInvoker, error) {
	switch r := &task.Resource; {
	case r.Pattern == asl.Activity:
		return offered{}, nil
	case startsExecution(r) && e.config.StateMachine != nil:
		return nested{e}, nil
	case startsExecution(r):
		return nil, errors.New("it starts an execution, and EngineConfig.StateMachine is nil")
	}
	return nil, nil
}

func (e *Engine) now() time.Time {
	if e.config.Clock != nil {
		return e.config.Clock.Now()
	}
	return time.Now()
}

func (e *Engine) isClosing() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closing
}

// program returns the program of a definition: what was accepted once is parsed
// again, and never refused.
func (e *Engine) program(ctx context.Context, hash interp.Hash) (*Program, error) {
	e.mu.Lock()
	p := e.programs[hash]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	text, err := e.store.Definition(ctx, hash)
	if err != nil {
		return nil, err
	}
	machine, err := asl.Parse(text)
	if err != nil {
		return nil, err
	}
	if p, err = Compile(machine); err != nil {
		return nil, err
	}
	if p.Hash() != hash {
		return nil, errors.New("the store returned another definition")
	}
	e.know(p)
	return p, nil
}

// maxPrograms is how many programs are kept. Others are parsed again when they are needed.
const maxPrograms = 1000

// know keeps a program whose definition is in the store.
func (e *Engine) know(p *Program) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs[p.Hash()] == nil && len(e.programs) >= maxPrograms {
		for hash := range e.programs {
			delete(e.programs, hash) // any of them
			break
		}
	}
	e.programs[p.Hash()] = p
}
