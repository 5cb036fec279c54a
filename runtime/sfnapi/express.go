package sfnapi

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// express are the executions of EXPRESS state machines. They are in memory only, so that
// they end with the process, and nobody can ask for one: what is left is the log.
type express struct {
	slots  *semaphore.Weighted
	ctx    context.Context
	cutOff context.CancelCauseFunc
}

// errCutOff ends what still runs when the Handler is closed.
var errCutOff = errors.New("the server has shut down")

// expressRun is one of them.
type expressRun struct {
	who   runtime.Identity
	begun chan struct{} // closed when it has, and start is known
	ended chan struct{} // closed when it is over, or was refused before its first state

	start, stop time.Time
	output      jsonvalue.Value
	failed      *runtime.ExecutionError
	err         error // it was refused, or has broken down
}

// runExpress begins an execution, which goes on whoever waits for it: a client that hangs up
// and asks again would otherwise find its work half done.
func (h *Handler) runExpress(ctx context.Context, b *beginning, kind runtime.WorkflowType) (*expressRun, error) {
	t, who, input := b.target, b.who, b.input
	who.Execution = t.ref.of(kindExpress, t.ref.name, who.ExecutionName, randomUUID())
	program, err := t.revision.program()
	if err == nil {
		err = h.choose(b.testCase, t, who.Execution)
	}
	switch {
	case err != nil:
		return nil, err
	case h.config.Engine.Clock != nil:
		return nil, invalid("An EXPRESS state machine cannot run in the virtual time of this server.")
	case !h.express.slots.TryAcquire(1):
		return nil, throttled()
	case !h.enter():
		h.express.slots.Release(1)
		return nil, unavailable()
	}
	x := &expressRun{who: who, begun: make(chan struct{}), ended: make(chan struct{})}
	runner := h.expressRunner(x, &t.revision.Logging)
	runner.Type = kind
	go func() {
		defer h.work.Done()
		defer h.express.slots.Release(1)
		x.run(h, runner, program, input)
	}()
	select {
	case <-x.begun:
		return x, nil
	case <-x.ended:
		return x, x.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// expressRunner returns what runs an execution, as the Engine would.
func (h *Handler) expressRunner(x *expressRun, logging *loggingConfiguration) runtime.Runner {
	engine := &h.config.Engine
	r := runtime.Runner{
		Tasks: resources{tasks: h.tasksOf(x.who.Execution), handler: h, starts: true}, Identity: x.who,
		Seed: engine.Seed, Limits: engine.Limits, Logger: engine.Logger, ScaleWait: engine.ScaleWait, Reach: engine.Reach,
	}
	r.Observe = func(e history.Event) {
		if e.ID == 1 {
			x.start = e.Time
			close(x.begun)
		}
		if engine.Observe != nil {
			h.guard("Observe", func() { engine.Observe(e) })
		}
		h.record(logging, 0, e)
	}
	return r
}

// tasksOf returns the embedder's tasks for an execution.
func (h *Handler) tasksOf(execution string) runtime.TaskInvoker {
	if of := h.config.Engine.TasksOf; of != nil {
		if own := of(execution); own != nil {
			return own
		}
	}
	return h.config.Engine.Tasks
}

func (x *expressRun) run(h *Handler, r runtime.Runner, p *runtime.Program, input jsonvalue.Value) {
	defer close(x.ended)
	x.err = errors.New("sfnapi: the execution " + x.who.Execution + " panicked")
	h.guard("an Express execution", func() { x.output, x.err = r.Run(h.express.ctx, p, input) })
	x.stop = time.Now()
	if errors.As(x.err, &x.failed) {
		x.err = nil
	}
	if evicted := h.config.Engine.Evicted; evicted != nil {
		h.guard("Evicted", func() { evicted(x.who.Execution) })
	}
}

// guard calls the embedder's code. A panic in it harms no execution.
func (h *Handler) guard(name string, f func()) {
	defer func() {
		if value := recover(); value != nil {
			h.log(slog.LevelError, name+" panicked", "panic", value, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// startExpress answers for an execution that nobody waits for. Its name need not be new.
func (s *scope) startExpress(b *beginning) (fields, error) {
	x, err := s.handler.runExpress(s.ctx, b, runtime.AsyncExpress)
	if err != nil {
		return nil, err
	}
	return fields{"executionArn": text(x.who.Execution), "startDate": instant(x.start)}, nil
}

type startSyncExecutionIn struct {
	ARN         string  `sfn:"stateMachineArn,required,1..256"`
	Name        *string `sfn:"name,1..80"`
	Input       *string `sfn:"input,0..262144,data"`
	TraceHeader *string `sfn:"traceHeader,0..256,pattern=ascii"`
	Included    string  `sfn:"includedData,enum=IncludedData"`
}

// startSyncExecution waits for the end. If the client goes, the execution does not end.
func (s *scope) startSyncExecution(in *startSyncExecutionIn) (fields, error) {
	b, err := s.begin(in.ARN, in.Name, in.Input, in.TraceHeader, typeExpress)
	if err != nil {
		return nil, err
	}
	x, err := s.handler.runExpress(s.ctx, b, runtime.SyncExpress)
	if err != nil {
		return nil, err
	}
	select {
	case <-x.ended:
	case <-s.ctx.Done():
		return nil, context.Cause(s.ctx)
	}
	switch f := x.failed; {
	case x.err != nil:
		return nil, x.err
	case f != nil && f.Status == interp.Aborted:
		return nil, unavailable() // it was cut off
	}
	return x.answer(b, in.Included), nil
}

func (x *expressRun) answer(b *beginning, included string) fields {
	answer := fields{
		"executionArn": text(x.who.Execution), "stateMachineArn": text(x.who.StateMachine), "name": text(x.who.ExecutionName),
		"startDate": instant(x.start), "stopDate": instant(x.stop), "status": text(string(interp.Succeeded)),
		"billingDetails": fields{
			"billedDurationInMilliseconds": jsonvalue.Int(billed(x.stop.Sub(x.start))), "billedMemoryUsedInMB": jsonvalue.Int(64),
		}.value(),
	}
	answer.addText("traceHeader", x.who.TraceHeader)
	data := included != "METADATA_ONLY"
	if data {
		answer.addData("input", b.input)
		answer.addData("output", x.output)
	}
	if f := x.failed; f != nil { // outputDetails stay (recorded)
		delete(answer, "output")
		answer["status"] = text(string(f.Status))
		answer.addText("error", f.Name)
		answer.addText("cause", f.Cause)
	}
	return answer
}

// billed returns the milliseconds that AWS would bill: whole tenths of a second.
func billed(took time.Duration) int64 {
	const step = 100 * time.Millisecond
	return int64(max((took+step-1)/step, 1)) * step.Milliseconds()
}
