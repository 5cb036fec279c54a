package interp

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Inspection says which state to perform alone, and with what.
type Inspection struct {
	Header    Header          // of which Identity and Seed are read. Default: empty texts, and the zero Seed
	State     string          // its name. Default: the only state of a program that is Alone
	Input     jsonvalue.Value // of the state. Default: null
	Variables jsonvalue.Value // an object. Default: null, there are none

	// Context stands for the Context Object. Default: nil, it is made of Identity
	// as AWS's TestState makes it.
	Context *jsonvalue.Value

	Now     time.Time // the time at which the state is entered. Default: the year 1, so set it
	Retried int       // how often the state has been retried. Default: 0
	Limits  Limits    // Default: the quotas of Step Functions

	// FailedIterations is the number of iterations of a Map state that have failed.
	// Default: 0
	FailedIterations int

	// ItemReaderData stands for the data that the ItemReader of a Map state reads: the
	// content of a JSON file, or an array of the items that other forms of files hold.
	// ItemsPointer and MaxItems choose from it. Default: null, and such a state
	// iterates over its input.
	ItemReaderData jsonvalue.Value

	// Work does the work of a Task, Parallel or Map state. Default: none, and such a
	// state must not be inspected.
	Work func(w Work) (jsonvalue.Value, *history.ErrorInfo)

	// Interrupted is asked between the expressions of the state whether Inspect should
	// return ErrInterrupted. Default: never.
	Interrupted func() bool
}

// ErrInterrupted says that Inspection.Interrupted stopped an inspection.
var ErrInterrupted = errors.New("interp: the inspection was interrupted")

// Work describes the work that a Task, Parallel or Map state waits for.
type Work struct {
	Start StartTask       // of a Task state
	Input jsonvalue.Value // of the task, or of each branch, or an array of the inputs of the iterations
	State asl.State
}

// Inspected is the result of an [Inspection].
type Inspected struct {
	Status Status // Succeeded or Failed
	Output jsonvalue.Value
	Next   string // the state that follows; "" if none does

	history.ErrorInfo      // of a failure
	Caught            bool // a Catcher took it
	Retriable         bool // a Retrier took it

	// Data are inspectionData as AWS shows it at the level DEBUG.
	Data jsonvalue.Value
}

// Inspect performs one state: what it would do with an input, which output it
// would have and which state would follow.
func (p *Program) Inspect(q Inspection) (Inspected, error) {
	n := p.states[q.State]
	if n == nil {
		return Inspected{}, fmt.Errorf("interp: no state %q", q.State)
	}
	if _, works := n.state.(resumer); works && n.kind != kindWait && q.Work == nil {
		return Inspected{}, fmt.Errorf("interp: state %q needs work, and Inspection.Work is nil", q.State)
	}
	x := p.New(q.Header, Config{Limits: q.Limits, Interrupted: q.Interrupted})
	x.now, x.started, x.input, x.inspects = q.Now.UnixMilli(), q.Now.UnixMilli(), q.Input, true
	f := &frame{id: 1, node: n, input: measured(q.Input), variables: q.Variables, enteredAt: x.now, retried: uint32(max(q.Retried, 0))}
	made := slices.Repeat([]uint32{f.retried}, len(n.retry))
	f.retries = &made
	tr := &trace{context: q.Context}
	tr.note("input", q.Input)
	t := &turn{}
	t.reset(&x.env, f, 0)
	t.trace = tr
	if m, ok := n.state.(*mapState); ok && m.reader != nil && !q.ItemReaderData.IsNull() {
		tr.read = &q.ItemReaderData
	}
	t.decide()
	q.finishWork(x, t)
	if t.interrupted {
		return Inspected{}, ErrInterrupted
	}
	return q.report(t), nil
}

// finishWork does the work that the state waits for.
func (q *Inspection) finishWork(x *Execution, t *turn) {
	var failed *failure
	switch t.verdict {
	case waits:
		t.verdict = undecided
		failed = t.resume(datum{})
	case begins:
		t.verdict = undecided
		failed = q.perform(x, t)
	}
	if failed != nil {
		t.fail(failed)
	}
}

func (q *Inspection) perform(x *Execution, t *turn) *failure {
	f := t.f
	work := Work{Input: t.plan.input.value, State: x.program.stateOf(f.node.name)}
	switch s := f.node.state.(type) {
	case *taskState:
		f.phase, f.attempt, f.task = phaseWorking, 1, &task{input: t.plan.input, role: t.plan.role, timeout: t.plan.timeout, heartbeat: t.plan.heartbeat}
		work.Start = startOf(f)
	case *mapState:
		iterations, failed := s.iterationsOf(t)
		if failed == nil {
			failed = q.exceedsTolerance(t, iterations.Len())
		}
		if failed != nil {
			return failed
		}
		work.Input = iterations
	}
	out, failed := q.Work(work)
	if failed != nil {
		fl := newFailure(failed.Error, failed.Cause)
		fl.HasError, fl.HasCause = failed.HasError, failed.HasCause
		return fl
	}
	return t.resume(measured(out))
}

// exceedsTolerance returns the failure of a Map state too many of whose
// iterations have failed. A state that says nothing of tolerance has none to
// exceed (recorded). More failures than iterations are no failure of the state:
// who does the work refuses them.
func (q *Inspection) exceedsTolerance(t *turn, iterations int) *failure {
	if q.FailedIterations > iterations {
		return nil
	}
	for _, field := range t.f.node.state.(*mapState).tolerated {
		if field == nil {
			continue
		}
		value, failed := field.readFloat(t, t.plan.input)
		if failed != nil {
			return failed
		}
		count := float64(q.FailedIterations)
		if field.fraction {
			count = 100 * count / float64(max(iterations, 1))
		}
		if count > value {
			return newFailure(asl.StatesExceedToleratedFailureThreshold, "The specified tolerated failure threshold was exceeded")
		}
	}
	return nil
}

// iterationsOf returns the inputs of the iterations: what ItemSelector and
// ItemBatcher make of the items.
func (s *mapState) iterationsOf(t *turn) (jsonvalue.Value, *failure) {
	made := t.plan.items
	if s.itemSelector != nil {
		var failed *failure
		if made, failed = s.selectAll(t); failed != nil {
			return jsonvalue.Value{}, failed
		}
		t.trace.list("afterItemSelector", made)
	}
	if s.batcher == nil {
		return made.value, nil
	}
	batches, failed := s.batcher.batches(t, t.plan.input, made)
	if failed == nil {
		t.trace.batches("afterItemBatcher", batches)
	}
	return batches.value, failed
}

// selectAll applies ItemSelector to each item.
func (s *mapState) selectAll(t *turn) (datum, *failure) {
	f := t.f
	f.fork = &fork{items: t.plan.items, input: t.plan.input}
	selected := make([]jsonvalue.Value, 0, t.plan.items.value.Len())
	made := datum{}
	for i := range t.plan.items.value.Len() {
		inner := &turn{}
		inner.reset(t.env, &frame{id: FrameID(2 + i), parent: f, index: int32(i), node: f.node}, 0)
		inner.at = f
		d, failed := s.itemSelector.eval(inner.over(t.plan.input))
		if failed == nil && !t.env.fits(&d) {
			failed = inner.tooLarge()
		}
		if failed != nil {
			return datum{}, failed
		}
		selected, made.size = append(selected, d.value), made.size+d.size
	}
	made.value = jsonvalue.Array(selected...)
	return made, nil
}

// report says what became of the state.
func (q *Inspection) report(t *turn) Inspected {
	r := Inspected{Status: Succeeded, Output: t.output.value}
	if t.next != nil && t.verdict == exits {
		r.Next = t.next.name
	}
	fl := t.failure
	switch {
	case t.verdict == exits && t.caught != nil:
		fl, r.Caught = t.caught, true
	case t.verdict == exits:
		fl = nil
	default:
		r.Output = jsonvalue.Value{}
		r.Retriable = t.verdict == retries
	}
	if fl != nil {
		r.Status = Failed
		r.ErrorInfo = fl.ErrorInfo
	}
	r.Data = t.inspectionData(fl, &r)
	return r
}

func (t *turn) inspectionData(fl *failure, r *Inspected) jsonvalue.Value {
	tr := t.trace
	if variables := t.variablesAfter(); variables.Len() > 0 {
		tr.note("variables", hashedMembers(variables))
	}
	var details []jsonvalue.Member
	if r.Caught {
		details = append(details, member("catchIndex", jsonvalue.Int(int64(t.catcher))))
	}
	if fl != nil && t.retrier >= 0 {
		details = append(details, member("retryIndex", jsonvalue.Int(int64(t.retrier))))
	}
	if r.Retriable {
		details = append(details, member("retryBackoffIntervalSeconds", tr.retryDelay()))
	}
	if len(details) > 0 {
		tr.data = append(tr.data, member("errorDetails", jsonvalue.Object(details...)))
	}
	return jsonvalue.Object(tr.data...)
}

// variablesAfter returns the variables as they are when the state is left.
func (t *turn) variablesAfter() jsonvalue.Value {
	variables := t.f.variables
	if t.verdict == exits {
		for name, v := range t.assigned.Members() {
			variables = variables.With(name, v)
		}
	}
	return variables
}

// stateOf returns the state as it was written.
func (p *Program) stateOf(name string) asl.State {
	for s := range p.machine.All() {
		if s.Info().Name == name {
			return s
		}
	}
	return nil
}
