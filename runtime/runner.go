package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// Runner runs executions inside the process. The zero Runner runs programs
// without Task states. A Runner is a value: copy it and change the copy. It is
// safe for concurrent use while nobody changes it.
type Runner struct {
	// Tasks performs the tasks. Default: none.
	Tasks TaskInvoker

	// Objects has the objects that distributed Map states read items from and write results to.
	// Its methods must return when their context ends: Run waits for them. Default: nil, and
	// programs that need objects are refused.
	Objects objects.Objects

	// Formats reads objects in PARQUET, and those that are compressed by zstd. Default: nobody
	// does, and programs that need it are refused.
	Formats objects.Formats

	// Observe is called with each event of the history, in order, before the
	// tasks that the event announces are performed, and the execution waits for
	// it. Several executions of one Runner call it at once. Default: nil, and no
	// events are made.
	Observe func(history.Event)

	// Callbacks takes the answers that come by task token. Default: nil, and
	// programs that wait for such answers are refused.
	Callbacks *Callbacks

	// Clock makes time virtual. Default: nil, the time of the system.
	Clock *VirtualClock

	// Seed determines all that is random: names, UUIDs, jitter, $random. Default:
	// zero, and Run draws a seed for each run.
	Seed Seed

	// Identity holds the names in the Context Object. Default, field by field: names
	// made from Seed, and ARNs of account 000000000000.
	Identity Identity

	// Limits bound each execution. Default: the quotas of Step Functions.
	Limits Limits

	// Type is the type of the executions. Default: Standard.
	Type WorkflowType

	// Variables are those with which each execution begins: an object of names without
	// dollar signs. Programs that begin in the middle want them (Program.From). Default:
	// none.
	Variables jsonvalue.Value

	// ScaleWait turns the time that a Wait state is to take into the time that it takes, as
	// EngineConfig.ScaleWait does. Default: nil, a Wait state takes its time.
	ScaleWait func(time.Duration) time.Duration

	// Reach is told each point of Program.Points that an execution reaches, in order.
	// execution is its Identity.Execution, and visit the ID of the StateEntered event of that visit of
	// the state. Several executions of one Runner call it at once, and so do the children of
	// distributed Map states without a VirtualClock. Default: nil, nobody counts.
	Reach func(execution string, point int, visit int64)

	// Logger gets what the history has no place for: stacks of panics, tasks
	// that outlive their context. Default: nil, nothing is logged.
	Logger *slog.Logger
}

// Run runs one execution from its start to its end.
//
// It returns the output if the execution succeeds, and an *[ExecutionError] if
// it fails, runs out of time, or is aborted because ctx ends. Before the first
// state is entered, Run makes sure that somebody performs each task (see
// [Resolver]), that answers by token can arrive, that the objects of distributed
// Map states can be reached and their format read, and that an Express execution has
// neither a distributed Map state nor a task that somebody else answers; if one of these
// does not hold, Run returns another error. Only
// [ErrStuck] is returned for an execution that has begun.
//
// Run returns when the execution is over. Tasks that do not heed their context
// may still be running then. Run may perform a task on its own goroutine if no other
// task runs, the task has no deadline and ctx cannot end: Run cannot return before
// such a task, and Goexit in it ends the goroutine.
func (r Runner) Run(ctx context.Context, p *Program, input jsonvalue.Value) (jsonvalue.Value, error) {
	if ctx == nil {
		return jsonvalue.Value{}, errors.New("runtime: no context")
	}
	if err := r.Type.admits(p); err != nil {
		return jsonvalue.Value{}, err
	}
	performers, err := prepare(p, r.Tasks, abilities{tokens: r.Callbacks != nil, children: true, objects: r.Objects != nil, formats: r.Formats})
	if err != nil {
		return jsonvalue.Value{}, err
	}
	identity, seed := r.Identity, r.Seed
	if seed == (Seed{}) {
		if _, err := rand.Read(seed[:]); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	completeIdentity(&identity, seed, r.Type)
	d := driver{runner: r, program: p, underway: underway{
		performers: performers, execution: identity.Execution, tokens: r.Callbacks != nil, workers: r.Callbacks != nil,
		clock: r.Clock, logger: r.Logger,
	}}
	if r.Clock != nil {
		d.enter = r.Clock.enter
	}
	config := interp.Config{
		Limits: r.Type.bounds(r.Limits), Synchronous: r.Type == SyncExpress, History: r.Observe != nil, Forget: true, Loose: true, Reach: d.runner.reach(identity.Execution), Variables: r.Variables,
		ScaleWait: inMillis(r.ScaleWait),
	}
	if config.History {
		buffer := eventBuffers.Get().(*[]history.Event)
		defer d.releaseBuffer(buffer)
		config.Buffer = *buffer
	}
	if r.Clock == nil {
		d.each = d.crew.each
	}
	d.interrupted = d.interruption(ctx, config.Limits.Seconds)
	config.Each, config.Interrupted, config.Children = d.each, d.interrupted, true
	if len(performers) > 0 && d.aloof(ctx) {
		config.Here = &d
	}
	d.x = p.New(interp.Header{Identity: identity, Seed: seed}, config)
	if len(p.Distributed()) > 0 {
		d.family = newFamily(&d)
	}
	return d.run(ctx, input)
}

// reach returns what is told what an execution reaches.
func (r *Runner) reach(execution string) func(point int, visit int64) {
	if r.Reach == nil {
		return nil
	}
	return func(point int, visit int64) { r.Reach(execution, point, visit) }
}

// eventBuffers hold events from a step until they have been observed.
var eventBuffers = sync.Pool{New: func() any { b := make([]history.Event, 0, 16); return &b }}

// releaseBuffer gives the memory of the last step's events back.
func (d *driver) releaseBuffer(buffer *[]history.Event) {
	const maxKept = 512
	if cap(d.events) > maxKept {
		return
	}
	*buffer = d.events
	clear((*buffer)[:cap(*buffer)])
	eventBuffers.Put(buffer)
}
