package interp

import (
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// emit gives the next event its id and puts it on the chain of a frame, whose
// last event it points to; without a frame it points nowhere. It returns the
// event to be filled in, or nil if nobody wants to see it. The last event that
// a history has room for is kept for the end of the execution.
func (x *Execution) emit(f *frame, kind string) *history.Event {
	if x.header.lastEvent >= int64(x.limits.History)-1 {
		x.overflow = true
		return nil
	}
	return x.append(f, kind)
}

func (x *Execution) append(f *frame, kind string) *history.Event {
	x.header.lastEvent++
	var previous int64
	if f != nil {
		previous, f.last = f.last, x.header.lastEvent
	}
	if !x.history {
		return nil
	}
	e := x.effects.nextEvent()
	e.ID, e.PreviousID, e.Type = x.header.lastEvent, previous, kind
	e.Time, e.Execution = time.UnixMilli(x.now).UTC(), x.identity.Execution
	return e
}

// nextEvent makes room for an event where it will stay: events are large, and
// copying them would cost more than making them.
func (e *effects) nextEvent() *history.Event {
	n := len(e.history)
	e.history = slices.Grow(e.history, 1)[:n+1]
	e.history[n] = history.Event{}
	return &e.history[n]
}

// emitFinished emits the event with which an execution ends without success.
func (x *Execution) emitFinished(status Status, fl *failure, root *frame) {
	kind := "ExecutionFailed"
	switch status {
	case TimedOut:
		kind, root = "ExecutionTimedOut", nil // points nowhere, as on AWS
	case Aborted:
		kind, root = "ExecutionAborted", nil
	}
	if e := x.append(root, kind); e != nil {
		e.ErrorInfo = fl.ErrorInfo
	}
}

// emitRedriven emits that the execution goes on. The event points to the last
// one, and nothing points to it: 17 ExecutionFailed, 18<-17 ExecutionRedriven,
// and a task whose state was entered by event 11 is scheduled by 19<-11.
func (x *Execution) emitRedriven() {
	last := x.header.lastEvent
	if e := x.emit(nil, "ExecutionRedriven"); e != nil {
		e.PreviousID, e.RedriveCount = last, x.redrives
	}
}

// emitEvaluations emits the failed evaluations of a turn: the state's own, then
// that of a Catcher. If Output of a Catcher of a Map state fails, the order is
//
//	7 EvaluationFailed(the state) 8 MapStateFailed 9 EvaluationFailed(Catch) 10 MapStateFailed
//
// and 9 points to 7, not to 8.
func (x *Execution) emitEvaluations(t *turn) {
	for i, fl := range t.evaluations {
		if t.failedCatch && i == len(t.evaluations)-1 {
			before := t.f.last
			x.emitContainerFailed(t.f)
			t.f.last = before
		}
		if e := x.emit(t.f, "EvaluationFailed"); e != nil {
			e.ErrorInfo = fl.ErrorInfo
			e.Name, e.Location = fl.state, fl.location
		}
	}
}

// emitIterating emits that a Map state has its items.
func (x *Execution) emitIterating(t *turn) {
	if e := x.emit(t.f, t.f.node.started); e != nil {
		if t.f.node.state.(*mapState).reads() {
			return // how many there are is not known
		}
		e.Length = t.plan.items.value.Len()
	}
}

// emitIterationStarted emits that an iteration of a Map state has its input.
func (x *Execution) emitIterationStarted(f *frame) {
	if e := x.emit(f, "MapIterationStarted"); e != nil {
		e.Name, e.Index = f.parent.node.name, int(f.index)
	}
}

// emitJoined emits the success of a Parallel or Map state. If event 12 is the last
// one below the state,
//
//	13<-12 MapStateSucceeded 14<-12 MapStateExited
//
// and if a field after the work fails (ResultSelector, Output),
//
//	13<-12 MapStateSucceeded 14<-13 EvaluationFailed
func (x *Execution) emitJoined(t *turn) {
	f := t.f
	for _, child := range f.fork.children {
		f.failedAt = max(f.failedAt, child.last)
	}
	f.last = f.failedAt
	if f.fork.run != nil {
		x.emitRunEnded(f, "MapRunSucceeded")
	}
	x.emit(f, f.node.succeeded)
	if t.verdict == exits && t.caught == nil {
		f.last = f.failedAt
	}
}

// emitRunEnded emits how a Map Run ended. The event tells more than that of AWS: which run it
// was, and what came of it, for [MapRunOf].
func (x *Execution) emitRunEnded(f *frame, kind string) *history.Event {
	e := x.emit(f, kind)
	if e != nil {
		e.MapRunARN, e.Output = x.mapRunARN(f), f.runSummary()
	}
	return e
}

// emitContainerFailed emits the failure of a Parallel or Map state.
func (x *Execution) emitContainerFailed(f *frame) {
	if f.node.failed != "" {
		x.emit(f, f.node.failed)
	}
}

// emitChildFailed emits that a child has failed, with what AWS says of the Task
// state in which it did.
func (x *Execution) emitChildFailed(p, child *frame) {
	if child.phase == phaseSelecting {
		return // it has not started
	}
	failedAt := child.last
	if p.node.kind == kindMap {
		if e := x.emit(child, "MapIterationFailed"); e != nil {
			e.Name, e.Index = p.node.name, int(child.index)
		}
	}
	child.last = failedAt
	if child.task != nil && child.task.failed && child.node.kind == kindTask {
		x.emit(child, child.node.aborted)
		child.last = failedAt
	}
}

// emitAborted emits that a strand was cut. Such events point to the event of
// the failure that cut it, and nothing points to them: if the failure is event
// 14, they are 15<-14, 16<-14, and what follows is 17<-14.
func (x *Execution) emitAborted(f *frame, failedAt int64) {
	last := f.last
	if f.phase == phaseSelecting {
		return // it has not started
	}
	if f.parent != nil && f.parent.node.kind == kindMap {
		f.last = failedAt
		if e := x.emit(f, "MapIterationAborted"); e != nil {
			e.Name, e.Index = f.parent.node.name, int(f.index)
		}
	}
	if (f.phase == phaseMapping || f.phase == phaseWriting) && f.fork.run.begun {
		f.last = failedAt
		x.emitRunEnded(f, "MapRunAborted")
	}
	if f.inState() && f.node.aborted != "" {
		f.last = failedAt
		x.emit(f, f.node.aborted)
	}
	f.last = last
}

// inState reports whether the history has the strand enter its present state.
func (f *frame) inState() bool { return f.phase != phaseSelecting && f.phase != phaseEntering }

// taskEvents are the types of the events of a task: of a Lambda function, an
// activity, or any other integration.
type taskEvents struct {
	scheduled, started, succeeded, failed, timedOut string
}

var (
	lambdaEvents = taskEvents{"LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut"}
	activity     = taskEvents{"ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "ActivityFailed", "ActivityTimedOut"}
	integration  = taskEvents{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskFailed", "TaskTimedOut"}
)

// events returns which events the resource has.
func eventsOf(r asl.Resource) *taskEvents {
	switch {
	case r.Pattern == asl.Activity:
		return &activity
	case r.Region != "" && r.Service == "lambda":
		return &lambdaEvents
	}
	return &integration
}

func (x *Execution) emitScheduled(t *turn) {
	f := t.f
	if f.node.kind == kindStub {
		x.emitStubStarted(t)
		return
	}
	e := x.emit(f, f.node.events.scheduled)
	if e == nil {
		return
	}
	q := f.task
	e.TimeoutSeconds, e.HeartbeatSeconds, e.RoleARN = q.timeout, q.heartbeat, q.role
	x.describe(e, f)
	if f.node.events == &integration {
		e.Parameters, e.Region = shownParameters(&f.node.task.Resource, q.input.value), x.region()
	} else {
		e.Resource, e.Input = f.node.task.Resource.Text, q.input.value
	}
}

// describe says which service a task calls.
func (x *Execution) describe(e *history.Event, f *frame) {
	if f.node.events == &integration {
		r := &f.node.task.Resource
		e.ResourceType, e.Resource = r.Service, r.Action+f.node.suffix
		if r.Service == "" {
			e.Resource = r.Text // no ARN: a name that AWS does not have
		}
	}
}

func (x *Execution) emitStarted(f *frame, worker string) {
	if f.node.kind == kindStub {
		return
	}
	if e := x.emit(f, f.node.events.started); e != nil {
		x.describe(e, f)
		e.WorkerName = worker
	}
}

func (x *Execution) emitSubmitted(f *frame, response jsonvalue.Value) {
	if e := x.emit(f, "TaskSubmitted"); e != nil {
		x.describe(e, f)
		e.Output = response
	}
}

// emitAnswer emits what came of a task. A result over the limit is a failure of
// the task.
func (x *Execution) emitAnswer(t *turn) {
	f := t.f
	a := &f.task.answer
	fl := a.failure
	if fl == nil && !a.output.fits(x.limits.Payload) {
		fl = t.tooLarge()
	}
	f.task.failed = fl != nil
	if f.node.kind == kindStub {
		x.emitStubEnded(f)
		return
	}
	kind := f.node.events.succeeded
	switch {
	case fl != nil && fl.timedOut():
		kind = f.node.events.timedOut
	case fl != nil:
		kind = f.node.events.failed
	}
	e := x.emit(f, kind)
	switch {
	case e == nil:
	case fl != nil:
		e.ErrorInfo = fl.ErrorInfo
		x.describe(e, f)
	default:
		x.describe(e, f)
		e.Output = a.output.value
	}
}

// region returns the region of the execution's ARN.
func (x *Execution) region() string { return regionOf(x.identity.Execution) }
