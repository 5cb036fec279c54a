package interp

import (
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// StartTask says which task to start. When it is done, the driver calls
// Succeed or Fail with its ID.
//
// The driver's duty depends on Task.Resource.Pattern:
//
//   - RequestResponse: perform the task.
//   - Sync: perform it to its end, and call Submitted when it is under way.
//   - Activity: offer it to a worker, and call Started when one has it.
//   - WaitForTaskToken: send the request, and call Submitted when it is out. The
//     holder of the token answers.
type StartTask struct {
	ID         TaskID
	Task       *asl.Task       // the state: its name, Resource and pattern
	Index      int             // of the state in Program.Tasks
	Input      jsonvalue.Value // after InputPath and Parameters, or Arguments
	RoleARN    string          // Credentials; "" if none
	RetryCount int             // $$.State.RetryCount
	Bound      int             // an upper bound of the bytes of Input as JSON text
	Submission jsonvalue.Value // of a Sync task that was started before: what Submitted noted; null: nothing
	Event      int64           // the id of the event that scheduled it
	Entered    int64           // the id of the event with which the state was entered
	Timeout    time.Duration   // TimeoutSeconds; zero: none
	Deadline   time.Time       // of TimeoutSeconds; zero: none, or no worker has the task of an activity yet. The core watches it
	Heartbeat  time.Duration   // of HeartbeatSeconds; zero: none, as for RequestResponse with a service of AWS. The core watches it
}

// Performer performs tasks in the midst of a Step: those of the pattern RequestResponse before whose
// end nothing else can happen, because no other strand can go on, no other task is out and
// nothing is due. Nobody but it may note anything meanwhile.
type Performer interface {
	// Perform performs a task, and notes what came of it (Succeed, Fail). The events are those of
	// this Step so far; no Ready has them.
	Perform(events []history.Event, task *StartTask)

	// Now tells the time when Perform has returned. It is not asked if neither the history nor
	// what the execution comes to depends on it.
	Now() time.Time
}

// scheduleTask gives the task a new attempt, and starts it unless too many
// tasks are out already.
func (x *Execution) scheduleTask(t *turn) {
	f, w := t.f, &t.plan
	f.attempt++
	if f.task == nil {
		f.task = new(task)
	} else if f.task.scheduled != 0 { // an attempt that did not end: a redrive begins another
		*f.task = task{}
	}
	f.task.role, f.task.timeout, f.task.heartbeat, f.task.failed = w.role, w.timeout, w.heartbeat, false
	f.setPayload(&f.task.input, w.input, w.unchanged)
	x.emitScheduled(t)
	f.task.scheduled = f.last
	if x.out >= x.limits.InFlight {
		f.phase = phaseQueued
		x.takePlace(f)
		r := x.noted()
		r.queue = append(r.queue, f)
		return
	}
	x.startTask(f)
}

// startTask hands the task to the driver. The clock of an activity starts when
// a worker has it.
func (x *Execution) startTask(f *frame) {
	x.out++
	f.phase = phaseWorking
	if f.node.pattern != asl.Activity {
		x.emitStarted(f, "")
		x.startClock(f)
	}
	n := len(x.effects.start)
	x.effects.start = slices.Grow(x.effects.start, 1)[:n+1]
	x.effects.start[n].fill(f)
	if x.parks != nil && x.parks(f.node.index) {
		x.park(f)
	}
}

// sole returns the task that is to be started, if Config.Here is to perform it: nothing else
// can happen before it has ended.
func (x *Execution) sole() *StartTask {
	e := x.effects
	if x.here == nil || len(e.start) != 1 || x.out != 1 || len(e.cancel) > 0 {
		return nil
	}
	task := &e.start[0]
	if task.Task.Resource.Pattern != asl.RequestResponse || x.header.Status != Running || x.header.deadline > 0 || x.wakes.next() > 0 || x.inLine() {
		return nil
	}
	return task
}

// performHere has a task performed, and takes its answer.
func (x *Execution) performHere(task *StartTask) {
	e, f := x.effects, x.frame(task.ID.Frame)
	x.performing = true
	x.here.Perform(e.history, task)
	x.performing = false
	task.Input, task.Submission = jsonvalue.Value{}, jsonvalue.Value{} // others use the memory next
	e.start, e.history = e.start[:0], e.history[:0]
	if x.history || x.program.timed {
		x.now = max(x.now, x.here.Now().UnixMilli())
	}
	x.takeNotes()
	if f.phase == phaseWorking && f.task.answered {
		x.touch(f)
		x.taskAnswered(f)
	}
}

func (x *Execution) startClock(f *frame) {
	t := f.task
	t.started = true
	if t.timeout > 0 {
		t.timeoutAt = addMillis(x.now, float64(t.timeout)*1000)
	}
	x.setTaskDeadline(f)
}

// setTaskDeadline sets the instant at which the task is given up, counting a
// heartbeat from now.
func (x *Execution) setTaskDeadline(f *frame) {
	until := f.task.timeoutAt
	if heartbeat := f.heartbeat(); heartbeat > 0 {
		if next := addMillis(x.now, float64(heartbeat)*1000); until == 0 || next < until {
			until = next
		}
	}
	f.until = until
	if until != 0 && x.watches(f) {
		x.wakes.push(f)
	}
}

// watches reports whether the core has to note that the deadline of a frame has passed.
func (x *Execution) watches(f *frame) bool {
	return !x.unwatched || f.phase != phaseWorking || f.task.parked
}

// park notes that nothing is performed for the task any more. If the driver has watched its
// time, and knows of heartbeats that the core does not, the next is due an interval from now.
func (x *Execution) park(f *frame) {
	f.task.parked = true
	switch t := f.task; {
	case !x.unwatched || f.until == 0:
	case f.until <= x.now && (t.timeoutAt == 0 || t.timeoutAt > x.now):
		x.setTaskDeadline(f)
	default:
		x.wakes.push(f)
	}
}

// heartbeat returns the seconds between the heartbeats that the task has to
// send; 0: none. AWS ignores HeartbeatSeconds of its request-response integrations:
// nobody could send a heartbeat before the response.
func (f *frame) heartbeat() int64 {
	if f.node.pattern == asl.RequestResponse && f.node.task.Resource.Service != "" {
		return 0
	}
	return f.task.heartbeat
}

func startOf(f *frame) (s StartTask) {
	s.fill(f)
	return s
}

// fill tells of the task of a frame, in all fields. It is filled in where it stays: it is large, and one
// is made for each task.
func (s *StartTask) fill(f *frame) {
	t := f.task
	s.ID, s.Task, s.Index = TaskID{f.id, f.attempt}, f.node.task, f.node.index
	s.Input, s.Bound, s.RoleARN, s.Submission = t.input.value, t.input.size, t.role, t.submission.value
	s.Event, s.Entered, s.RetryCount = t.scheduled, f.entered, int(f.retried)
	s.Timeout, s.Heartbeat, s.Deadline = time.Duration(t.timeout)*time.Second, time.Duration(f.heartbeat())*time.Second, time.Time{}
	if t.timeoutAt != 0 {
		s.Deadline = time.UnixMilli(t.timeoutAt).UTC()
	}
}

func (x *Execution) activityStarted(f *frame, worker string) {
	if f.node.pattern == asl.Activity && !f.task.started {
		x.emitStarted(f, worker)
		x.startClock(f)
	}
}

// taskSubmitted keeps the response to the request of a task: who performs a Sync
// task again after a crash finds the job by it.
func (x *Execution) taskSubmitted(f *frame, response jsonvalue.Value) {
	switch f.node.pattern {
	case asl.WaitForTaskToken:
		x.park(f)
	case asl.Sync:
		if !f.task.submission.value.IsNull() {
			return
		}
		f.task.submission = measured(response)
		f.renew(slotSubmission)
	}
	x.emitSubmitted(f, response)
}

// taskAnswered frees the slot of a task whose answer is there. The answer is a
// value of the frame until the strand has its turn, which may be in a later Step.
func (x *Execution) taskAnswered(f *frame) {
	x.out--
	f.phase, f.until = phaseAnswered, 0
	f.drop(slotSubmission)
	if fl := f.task.answer.failure; fl != nil {
		fl.state = f.node.name
	} else {
		f.renew(slotPayload)
	}
	x.becomeReady(f)
}

// endTask takes the answer of a task off the frame, tells the history, and lets
// a task that waits for a slot begin.
func (x *Execution) endTask(t *turn) {
	f := t.f
	if f.node.pattern == asl.Activity && !f.task.started && f.task.answer.failure == nil {
		x.emitStarted(f, "")
	}
	x.emitAnswer(t)
	*f.task = task{failed: f.task.failed}
	f.drop(slotPayload)
}

// queued reports whether a task waits for a slot.
func (x *Execution) queued() bool { return x.rare != nil && len(x.rare.queue) > 0 }

// fillSlots starts tasks that wait while there is room for them.
func (x *Execution) fillSlots() {
	for r := x.rare; x.queued() && x.out < x.limits.InFlight; {
		f := r.queue[0]
		r.queue = r.queue[1:]
		if f.phase == phaseQueued {
			x.touch(f)
			x.startTask(f)
		}
	}
}
