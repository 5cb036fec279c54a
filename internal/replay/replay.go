// Package replay runs executions in virtual time with mocked tasks, straight
// through or restored from what was stored after every step. It shows that both
// ways agree, and replays what was recorded elsewhere.
package replay

import (
	"fmt"
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Answer is how a mocked task behaves. Durations count from its start.
type Answer struct {
	After     time.Duration      // how long it takes
	Output    jsonvalue.Value    // its result, unless Err is set
	Err       *runtime.TaskError // how it fails; empty texts are absent
	Submitted *jsonvalue.Value   // what the service says to the request; nil: nothing
	Worker    *string            // who fetches the task of an activity; nil: nobody, until it is answered
	Beats     []time.Duration    // when it sends heartbeats
	Never     bool               // it does not answer

	SubmittedAfter time.Duration // when the service says Submitted
	StartedAfter   time.Duration // when Worker fetches the task
}

// Performer says how a task behaves, attempt by attempt.
type Performer func(s *interp.StartTask) Answer

// Replay is an execution in virtual time.
type Replay struct {
	Program *interp.Program
	Header  interp.Header
	Limits  interp.Limits
	Input   jsonvalue.Value
	Start   time.Time
	Perform Performer

	// Restore makes a crash of every step: the replay forgets the execution, restores
	// it from its stored form, and takes up its pending tasks. Tasks outside do not
	// crash: each answers at its time, and so does one whose cancellation was lost.
	Restore bool

	// Snapshot makes Restore take the whole execution, by Execution.Snapshot, instead of
	// what each step changed.
	Snapshot bool

	// Inline is interp.Config.Inline.
	Inline int

	// Each spreads the work of a step; nil: one after the other.
	Each func(n int, f func(i int))

	// Silent leaves out the history.
	Silent bool

	// Within has tasks performed within a step where that is possible (interp.Performer). It is not for
	// Restore, Stop and Redrives.
	Within bool

	// Stop aborts the execution this time after its start, and after it was
	// redriven; 0: never.
	Stop time.Duration

	// Redrives is how often an execution that did not succeed is redriven.
	Redrives int

	// Watch, if it is set, sees what every step says.
	Watch func(interp.Ready)
}

// Result is how a replayed execution went.
type Result struct {
	interp.Outcome
	History []history.Event
	Steps   int
	End     time.Time
}

// maxSteps ends a replay that gets nowhere.
const maxSteps = 20_000

// Run replays the execution to its end. The error tells that it has none, or
// that what was stored could not be restored.
func (r Replay) Run() (Result, error) {
	run := replaying{Replay: r, now: r.Start, started: make(map[interp.TaskID]jsonvalue.Value), parked: make(map[interp.TaskID]bool)}
	run.x = r.Program.New(r.Header, run.config())
	run.x.Begin(r.Input)
	run.planStop()
	for run.result.Steps < maxSteps {
		over, err := run.step()
		if err != nil || over {
			return run.result, err
		}
	}
	return run.result, fmt.Errorf("the execution did not end in %d steps", maxSteps)
}

// planStop plans the abortion of the execution, which is to begin now.
func (r *replaying) planStop() {
	if r.Stop > 0 {
		r.events = slices.DeleteFunc(r.events, func(e event) bool { return e.kind == abort })
		r.events = append(r.events, event{at: r.now.Add(r.Stop), kind: abort})
	}
}

// replaying is a Replay under way.
type replaying struct {
	Replay
	x       *interp.Execution
	now     time.Time
	wake    time.Time
	events  []event                           // what will be told to the execution
	started map[interp.TaskID]jsonvalue.Value // the tasks that were delivered, and their inputs
	parked  map[interp.TaskID]bool            // those whose request is out and whose answer comes by token
	store   Store
	result  Result
}

// event is a report of the outside to the execution, at a time.
type event struct {
	at     time.Time
	kind   eventKind
	task   interp.TaskID
	answer Answer

	pattern asl.Pattern
}

type eventKind uint8

const (
	begin eventKind = iota
	submit
	beat
	finish
	abort
)

func (r *replaying) config() interp.Config {
	c := interp.Config{Limits: r.Limits, History: !r.Silent, Inline: r.Inline, Each: r.Each, Forget: r.Snapshot}
	if r.Within {
		c.Forget, c.Here = true, within{r}
	}
	return c
}

// within performs tasks within a step: time passes there.
type within struct{ r *replaying }

func (w within) Perform(events []history.Event, s *interp.StartTask) {
	w.r.result.History = append(w.r.result.History, events...)
	if a := w.r.Replay.Perform(s); !a.Never {
		w.r.now = w.r.now.Add(a.After)
		e := event{kind: finish, task: s.ID, answer: a}
		e.tell(w.r.x)
	}
}

func (w within) Now() time.Time { return w.r.now }

func (r *replaying) step() (over bool, err error) {
	ready := r.x.Step(r.now)
	r.result.Steps++
	r.result.History = append(r.result.History, ready.History...)
	if r.Watch != nil {
		r.Watch(ready)
	}
	if ready.Outcome != nil {
		r.result.Outcome, r.result.End = *ready.Outcome, r.now
		return r.over(ready)
	}
	r.wake = ready.Wake
	if r.Restore {
		err = r.restore(ready)
	} else {
		err = r.act(ready)
	}
	if err != nil {
		return false, err
	}
	return false, r.next()
}

// over redrives an execution that has ended, a minute later, if it is to be
// redriven and can be.
func (r *replaying) over(ready interp.Ready) (over bool, err error) {
	if r.Redrives == 0 || ready.Outcome.Status == interp.Succeeded {
		return true, nil
	}
	r.Redrives--
	r.wake = ready.Wake
	if r.Restore {
		err = r.restore(ready)
	} else {
		err = r.act(ready)
	}
	r.now = r.now.Add(time.Minute)
	r.planStop()
	return !r.x.Redrive(), err
}

// act does what a step says.
func (r *replaying) act(ready interp.Ready) error {
	for _, id := range ready.Cancel {
		r.events = slices.DeleteFunc(r.events, func(e event) bool { return e.task == id && e.kind != abort })
	}
	for i := range ready.Start {
		if err := r.perform(&ready.Start[i]); err != nil {
			return err
		}
	}
	return nil
}

// perform plans what a task will do, unless it has been delivered before.
func (r *replaying) perform(s *interp.StartTask) error {
	if r.parked[s.ID] {
		return fmt.Errorf("task %v is started again, although its request is out", s.ID)
	}
	if input, again := r.started[s.ID]; again {
		if !r.Restore || !input.Equal(s.Input) {
			return fmt.Errorf("task %v is started again with the input %s, not %s", s.ID, s.Input, input)
		}
		return nil
	}
	r.started[s.ID] = s.Input
	a := r.Perform(s)
	plan := func(kind eventKind, after time.Duration) {
		r.events = append(r.events, event{r.now.Add(after), kind, s.ID, a, s.Task.Resource.Pattern})
	}
	if a.Worker != nil {
		plan(begin, a.StartedAfter)
	}
	if a.Submitted != nil {
		plan(submit, a.SubmittedAfter)
	}
	for _, after := range a.Beats {
		plan(beat, after)
	}
	if !a.Never {
		plan(finish, a.After)
	}
	return nil
}

// next moves time to the next event or deadline, and tells the execution of it. At
// one instant, deadlines come first. An event that the execution refuses makes no
// step.
func (r *replaying) next() error {
	for {
		first := r.first()
		switch {
		case first < 0 && r.wake.IsZero():
			return fmt.Errorf("nothing will happen any more")
		case first < 0 || !r.wake.IsZero() && !r.events[first].at.Before(r.wake):
			if r.wake.After(r.now) {
				r.now = r.wake
			}
			return nil
		}
		e := r.events[first]
		r.events = slices.Delete(r.events, first, first+1)
		if e.tell(r.x) {
			if e.kind == submit && e.pattern == asl.WaitForTaskToken {
				r.parked[e.task] = true
			}
			if e.at.After(r.now) {
				r.now = e.at
			}
			return nil
		}
		if !r.Restore {
			return fmt.Errorf("what was told of task %v was refused", e.task)
		}
	}
}

// first returns the index of the earliest event, or -1.
func (r *replaying) first() int {
	first := -1
	for i, e := range r.events {
		if first < 0 || e.at.Before(r.events[first].at) {
			first = i
		}
	}
	return first
}

// tell tells the execution of the event; false: the execution refuses it.
func (e *event) tell(x *interp.Execution) bool {
	switch e.kind {
	case begin:
		return x.Started(e.task, *e.answer.Worker)
	case submit:
		return x.Submitted(e.task, *e.answer.Submitted)
	case beat:
		return x.Heartbeat(e.task)
	case finish:
		if err := e.answer.Err; err != nil {
			return x.Fail(e.task, err.Name, err.Cause)
		}
		return x.Succeed(e.task, e.answer.Output)
	}
	x.Abort("", "")
	return true
}

// restore goes on with a copy that was made of stored bytes alone.
func (r *replaying) restore(ready interp.Ready) error {
	if r.Snapshot {
		r.store, ready = Store{}, r.x.Snapshot()
	}
	if err := r.store.Commit(ready); err != nil {
		return err
	}
	x, err := r.store.Load(r.Program, r.config())
	if err != nil {
		return err
	}
	r.x = x
	pending := x.Pending()
	if !pending.Wake.Equal(r.wake) {
		return fmt.Errorf("restored, the execution is due at %v, not at %v", pending.Wake, r.wake)
	}
	return r.act(pending)
}
