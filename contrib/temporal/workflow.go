package asltemporal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// run is one run of the workflow of an execution: one coroutine steps the machine, acts and
// waits. An execution is a chain of runs.
type run struct {
	worker  *Worker
	watch   *watch           // of a replay; nil: nobody watches
	ctx     workflow.Context // it does not end when the workflow is cancelled: tasks are cancelled one by one
	in      *start
	program *interp.Program
	x       *interp.Execution

	flights []*flight // tasks that activities perform, in the order of their starts
	byTask  map[interp.TaskID]*flight
	held    []interp.StartTask // to be started later
	soon    bool               // when the next workflow task begins
	drain   drain

	family

	timers  []timer
	busy    int   // Steps that were due at once, one after the other
	steps   int   // of this run
	began   int64 // events of the execution when the run began
	noted   bool  // something was noted since the last Step
	aborted bool  // because the workflow was cancelled
	over    bool

	answers workflow.ReceiveChannel
}

// workflow is the workflow of every state machine.
func (w *Worker) workflow(ctx workflow.Context, args converter.EncodedValues) (converter.RawValue, error) {
	return w.run(ctx, args, nil)
}

func (w *Worker) run(ctx workflow.Context, args converter.EncodedValues, watch *watch) (converter.RawValue, error) {
	var in start
	var input converter.RawValue
	if err := args.Get(&in, &input); err != nil {
		if errors.Is(err, converter.ErrUnableToDecode) {
			return nothing(), in.refuse(err)
		}
		panic(fmt.Sprintf("statemill: the arguments of the workflow cannot be read: %v", err)) // a worker with the right codec can
	}
	if in.Semantics > Semantics {
		panic(fmt.Sprintf("statemill: the execution has the semantics %d, and this worker knows %d: it needs a newer one", in.Semantics, Semantics))
	}
	r := &run{worker: w, watch: watch, in: &in, byTask: make(map[interp.TaskID]*flight), family: *newFamily()}
	var err error
	if r.program, err = w.programs.of(&in, w.Definitions); errors.Is(err, errUnknown) {
		panic("statemill: " + err.Error())
	} else if err != nil {
		return nothing(), in.refuse(err)
	}
	if err := in.Limits.check(); err != nil {
		return nothing(), in.refuse(err)
	}
	r.ctx, _ = workflow.NewDisconnectedContext(ctx)
	if err := r.begin(ctx, input); err != nil {
		return nothing(), in.refuse(err)
	}
	watch.begun(r)
	r.serve(ctx)
	return r.drive(ctx)
}

// begin makes the execution, or takes it over from the run before.
func (r *run) begin(ctx workflow.Context, input converter.RawValue) error {
	config := interp.Config{Limits: r.in.limits(), History: r.watch != nil, Forget: true, Unwatched: true, Children: true, RemotePending: true}
	if r.in.State == nil {
		h, err := r.in.header(ctx)
		if err != nil {
			return err
		}
		v, err := value(input)
		if err != nil {
			return fmt.Errorf("the input: %w", err)
		}
		r.x = r.program.New(h, config)
		r.x.Begin(v)
		if r.in.Stopped != "" {
			r.x.Abort("", stoppedBy(r.in.Stopped))
		}
		return nil
	}
	var err error
	if r.x, err = restored(r.program, r.in.State, config, &r.family); err != nil {
		return err
	}
	r.began = r.x.Events()
	if r.in.Redrive && !r.in.redrive(r.x) {
		return errors.New("the execution cannot be redriven")
	}
	return nil
}

// drive runs the execution to its end, or to the end of the run.
func (r *run) drive(ctx workflow.Context) (converter.RawValue, error) {
	var ready interp.Ready
	if r.in.State != nil && !r.in.Redrive {
		ready = r.x.Pending()
	} else {
		ready = r.step()
	}
	for ready.Outcome == nil {
		r.act(&ready)
		if r.mayEnd(ready.Wake) && r.quiet(ctx) {
			next, err := r.next()
			if err != nil {
				return nothing(), r.in.refuse(err)
			}
			if encoded(next) <= maxPayload {
				return nothing(), r.continueAsNew(ctx, next)
			}
			r.drain.tooLarge(r)
		}
		r.await(ctx, ready.Wake)
		ready = r.step()
	}
	r.over = true
	r.leaveFamily(ready.Mapping)
	r.tellParent(ready.Outcome)
	return r.finish(ready.Outcome)
}

// redrive notes that an execution is to go on. Children of a Map Run can, if all that it counts have workflows.
func (in *start) redrive(x *interp.Execution) bool {
	return (in.Semantics >= wholeRuns || len(x.MapRuns()) == 0) && x.Redrive()
}

func (r *run) step() interp.Ready {
	r.noted = false
	ready := r.x.Step(workflow.Now(r.ctx))
	r.steps++
	r.watch.observe(ready.History)
	return ready
}

// ending are the details of the error of an execution that ended without success.
type ending struct {
	Status   interp.Status `json:"status"`
	HasError bool          `json:"hasError,omitempty"`
	HasCause bool          `json:"hasCause,omitempty"`
	Error    string        `json:"error,omitempty"` // of one that was aborted: others have it in the error
	Cause    string        `json:"cause,omitempty"`
	State    string        `json:"state,omitempty"`
	Path     string        `json:"path,omitempty"`
	Location string        `json:"location,omitempty"` // of the state in the definition
	Position asl.Position  `json:"position,omitzero"`
	Frames   []byte        `json:"frames,omitempty"` // the state, for Redrive; nil: it is too large
}

func (r *run) finish(o *interp.Outcome) (converter.RawValue, error) {
	if o.Status == interp.Succeeded {
		out := payload(o.Output)
		r.watch.result(out)
		return out, nil
	}
	end := ending{Status: o.Status, HasError: o.HasError, HasCause: o.HasCause, State: o.State, Path: o.Path}
	if o.State != "" {
		end.Location, end.Position = located(r.program.StateMachine(), o.State)
	}
	if state, err := packed(r.x, nil); err == nil && base64.StdEncoding.EncodedLen(len(state))+len(r.in.Definition) <= maxPayload {
		end.Frames = state
	}
	if o.Status == interp.Aborted {
		end.Error, end.Cause = o.Error, o.Cause
		r.watch.failure("", "", &end)
		return nothing(), temporal.NewCanceledError(end)
	}
	r.watch.failure(o.Error, o.Cause, &end)
	return nothing(), temporal.NewApplicationErrorWithOptions(o.Cause, o.Error, temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{end}})
}

// located returns where a state is in the definition.
func located(m *asl.StateMachine, state string) (location string, at asl.Position) {
	for s := range m.All() {
		if info := s.Info(); info.Name == state {
			at, _ = m.Position(info.Location)
			return info.Location, at
		}
	}
	return "", at
}

// next returns the first argument of the next run.
func (r *run) next() (*start, error) {
	state, err := packed(r.x, &r.family)
	next := *r.in
	next.Header, next.Redrive, next.Before, next.State = nil, false, "", state
	return &next, err
}

// continueAsNew ends the run; the next goes on with the state.
func (r *run) continueAsNew(ctx workflow.Context, next *start) error {
	r.watch.carried(next)
	var o workflow.ContinueAsNewErrorOptions
	info := workflow.GetInfo(ctx)
	if info.GetTargetWorkerDeploymentVersionChanged() { // there are newer workers: the next run is theirs
		o.InitialVersioningBehavior = workflow.ContinueAsNewVersioningBehaviorAutoUpgrade
	}
	return workflow.NewContinueAsNewErrorWithOptions(ctx, o, info.WorkflowType.Name, next, payload(jsonvalue.Value{}))
}

// mayEnd reports whether the run should end here, and the next go on: nothing is performed,
// and either the history is long, or nothing happens for long. The run has got somewhere, or
// there would be no end of runs.
func (r *run) mayEnd(wake time.Time) bool {
	r.drain.look(r)
	if len(r.flights) > 0 || r.busyFamily() {
		return false
	}
	if r.drain.on {
		return r.x.Events() > r.began || r.moved || r.steps >= manySteps
	}
	if r.in.Checkpoint <= 0 || r.x.Events() == r.began || len(r.held)+len(r.unborn) > 0 {
		return false
	}
	return wake.IsZero() || wake.Sub(workflow.Now(r.ctx)) >= time.Duration(r.in.Checkpoint)*time.Millisecond
}

// manySteps is how many Steps a run makes before it may end although nothing has happened to the
// execution but heartbeats.
const manySteps = 100

// quiet reports whether nothing is under way that the next run would not hear of.
func (r *run) quiet(ctx workflow.Context) bool {
	r.receive()
	return !r.noted && workflow.AllHandlersFinished(ctx) && (ctx.Err() == nil || r.aborted)
}

// drain says when a run ends because its history is long: from then on tasks are held until
// those that are performed have ended. If that takes long, others go on meanwhile.
type drain struct {
	on    bool
	never bool      // the state is too large for a new run, and the execution is to end
	from  int       // events of the run from which on it drains; 0: not known yet
	until time.Time // held tasks are started then
}

const (
	drainPatience = time.Minute
	mostEvents    = 45_000 // of a run. The server ends one that has 51,200
)

func (d *drain) look(r *run) {
	info := workflow.GetInfo(r.ctx)
	length := info.GetCurrentHistoryLength()
	if d.from == 0 {
		d.from = r.in.MaxHistory
	}
	wants := d.from > 0 && length > d.from
	if r.in.MaxHistory == 0 && d.from == 0 {
		wants = info.GetContinueAsNewSuggested()
	}
	wants = wants || info.GetTargetWorkerDeploymentVersionChanged()
	now := workflow.Now(r.ctx)
	switch {
	case d.never || !wants && length < mostEvents:
		return
	case !d.on:
		d.on, d.until = true, now.Add(drainPatience)
	case length < mostEvents && !now.Before(d.until):
		d.on, d.from, r.soon = false, 2*length, true
	}
}

// tooLarge goes on with a run whose state is larger than Temporal takes. It may be smaller
// later.
func (d *drain) tooLarge(r *run) {
	info := workflow.GetInfo(r.ctx)
	workflow.GetLogger(r.ctx).Warn("statemill: the state of the execution is larger than Temporal takes, and its history goes on growing")
	d.on, d.from, r.soon = false, 2*info.GetCurrentHistoryLength(), true
	if info.GetCurrentHistoryLength() >= mostEvents {
		d.never, r.in.Checkpoint = true, 0
		r.x.Condemn(fmt.Sprintf("The execution has more than %d events in the history of Temporal, and its state is too large for a new run.", mostEvents))
	}
}
