package runtime

import (
	"cmp"
	"context"
	"errors"
	stdruntime "runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// driver drives one execution: it steps the machine, shows its events, performs
// its tasks and waits for what comes next.
type driver struct {
	runner     *Runner
	x          *interp.Execution
	crew       crew
	performers []TaskInvoker // by interp.StartTask.Index
	identity   Identity

	ctx      context.Context // of the tasks
	mail     mailbox
	messages []message
	flights  map[interp.TaskID]context.CancelFunc // tasks that run on goroutines
	failures map[interp.TaskID]error              // what tasks returned, until the next Step is over
	timer    *time.Timer
	events   []history.Event // the memory of the last step's
	again    bool            // something was noted while tasks were started
}

func (d *driver) run(ctx context.Context, input jsonvalue.Value) (jsonvalue.Value, error) {
	release, err := d.open(ctx)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	defer release()
	d.x.Begin(input)
	for {
		if ctx.Err() != nil {
			d.x.Abort("", "")
		}
		ready := d.x.Step(d.now())
		for i := range ready.History {
			d.runner.Observe(ready.History[i])
		}
		d.events = ready.History[:0]
		if ready.Outcome != nil {
			return d.result(ctx, ready.Outcome)
		}
		clear(d.failures)
		d.act(ctx, &ready)
	}
}

// open gets ready what the execution needs; release ends it.
func (d *driver) open(ctx context.Context) (release func(), err error) {
	d.mail.wake, d.mail.tokens = make(chan struct{}, 1), d.x
	r := d.runner
	if r.Clock != nil {
		if err := r.Clock.acquire(); err != nil {
			return nil, err
		}
	}
	if r.Callbacks != nil {
		if err := r.Callbacks.register(d.identity.Execution, &d.mail); err != nil {
			if r.Clock != nil {
				r.Clock.release()
			}
			return nil, err
		}
	}
	var cancel context.CancelFunc
	d.ctx, cancel = ctx, func() {}
	if ctx.Done() != nil {
		d.ctx, cancel = context.WithCancel(ctx)
	}
	return func() { d.close(cancel) }, nil
}

func (d *driver) close(cancel context.CancelFunc) {
	cancel()
	d.crew.close()
	for _, end := range d.flights {
		end()
	}
	if d.runner.Callbacks != nil {
		d.runner.Callbacks.unregister(d.identity.Execution)
	}
	d.mail.close()
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.runner.Clock != nil {
		d.runner.Clock.release()
	}
}

func (d *driver) now() time.Time {
	if d.runner.Clock != nil {
		return d.runner.Clock.Now()
	}
	return time.Now()
}

// act follows what a Step says, and waits until there is something for the next.
func (d *driver) act(ctx context.Context, ready *interp.Ready) {
	for _, id := range ready.Cancel {
		d.land(id)
	}
	if d.alone(ctx, ready) {
		d.performHere(&ready.Start[0])
		return
	}
	for i := range ready.Start {
		d.launch(&ready.Start[i])
	}
	if d.again {
		d.again = false
		return
	}
	if d.runner.Clock != nil {
		d.awaitVirtually(ctx, ready.Wake)
	} else {
		d.await(ctx, ready.Wake)
	}
	d.deliver()
}

// alone reports whether nothing can happen, and nothing be shown, before the
// one task that is to be started has ended. A job (.sync) tells meanwhile that
// it has begun.
func (d *driver) alone(ctx context.Context, ready *interp.Ready) bool {
	return len(ready.Start) == 1 && len(d.flights) == 0 && ready.Wake.IsZero() && ctx.Done() == nil &&
		d.runner.Clock == nil && d.runner.Callbacks == nil && ready.Start[0].Task.Resource.Pattern == asl.RequestResponse
}

// performHere performs a task on the goroutine of Run.
func (d *driver) performHere(s *interp.StartTask) {
	out, err := d.perform(d.ctx, d.performers[s.Index], d.newTask(s))
	d.deliver()
	d.takeReturn(s.Task.Resource.Pattern, s.ID, out, err)
}

// launch performs a task on a goroutine of its own.
func (d *driver) launch(s *interp.StartTask) {
	ctx, cancel := context.WithCancel(d.ctx)
	if d.flights == nil {
		d.flights = make(map[interp.TaskID]context.CancelFunc)
	}
	d.flights[s.ID] = cancel
	if d.runner.Callbacks != nil {
		d.mail.expect(s.ID)
	} else if s.Task.Resource.Pattern == asl.Activity {
		// Nobody can tell that a worker has fetched it: the invoker is the worker.
		d.x.Started(s.ID, "")
		d.again = true
	}
	leave := func() {}
	if clock := d.runner.Clock; clock != nil {
		run := clock.enter()
		leave = func() { clock.leave(run) }
	}
	go d.fly(ctx, d.performers[s.Index], d.newTask(s), leave)
}

// fly performs a task and reports what it returns.
func (d *driver) fly(ctx context.Context, performer TaskInvoker, task *Task, leave func()) {
	err := error(&PanicError{Stack: nil}) // stays if the task ends its goroutine
	var out jsonvalue.Value
	defer func() {
		if d.runner.Logger != nil && ctx.Err() != nil {
			d.runner.Logger.Debug("a task ended after its context", "state", task.State, "task", task.ID())
		}
		d.mail.post(message{kind: returned, task: task.id, pattern: task.Pattern, output: out, err: err})
		leave()
	}()
	out, err = d.perform(ctx, performer, task)
}

// perform calls the user's code; a panic in it fails the task.
func (d *driver) perform(ctx context.Context, performer TaskInvoker, task *Task) (out jsonvalue.Value, err error) {
	defer func() {
		if value := recover(); value != nil {
			failure := &PanicError{value, debug.Stack()}
			err = failure
			if d.runner.Logger != nil {
				d.runner.Logger.Error("a task panicked", "state", task.State, "panic", value, "stack", string(failure.Stack))
			}
		}
	}()
	return performer.InvokeTask(ctx, task)
}

// land ends the context of a task whose answer is not wanted any more.
func (d *driver) land(id interp.TaskID) {
	if cancel := d.flights[id]; cancel != nil {
		cancel()
		delete(d.flights, id)
	}
	if d.runner.Callbacks != nil {
		d.mail.forget(id)
	}
}

// await waits until there is mail, until wake, or until ctx ends.
func (d *driver) await(ctx context.Context, wake time.Time) {
	if wake.IsZero() {
		select {
		case <-d.mail.wake:
			d.gather()
		case <-ctx.Done():
		}
		return
	}
	wait := time.Until(wake)
	if wait <= 0 {
		return
	}
	if d.timer == nil {
		d.timer = time.NewTimer(wait)
	} else {
		d.timer.Reset(wait)
	}
	select {
	case <-d.mail.wake:
		d.gather()
	case <-d.timer.C:
	case <-ctx.Done():
	}
}

// gather lets other tasks that are about to end do so: their answers are then
// one step together, and not one each.
func (d *driver) gather() {
	if len(d.flights) > 1 {
		stdruntime.Gosched()
	}
}

// deliver tells the machine what is in the mailbox. With virtual time, what
// happened at one instant is told in the order of the tasks: in which order
// their goroutines reported is chance.
func (d *driver) deliver() {
	d.messages = d.mail.take(d.messages)
	if d.runner.Clock != nil {
		slices.SortStableFunc(d.messages, func(a, b message) int {
			return cmp.Or(cmp.Compare(a.task.Frame, b.task.Frame), cmp.Compare(a.task.Attempt, b.task.Attempt))
		})
	}
	for i := range d.messages {
		d.note(&d.messages[i])
		d.messages[i] = message{}
	}
}

func (d *driver) note(m *message) {
	switch m.kind {
	case returned:
		if cancel := d.flights[m.task]; cancel != nil {
			cancel()
			delete(d.flights, m.task)
			d.takeReturn(m.pattern, m.task, m.output, m.err)
		}
	case answered:
		d.land(m.task)
		d.answer(m.task, m.output, m.err)
	case begun:
		d.x.Started(m.task, m.worker)
	case submitted:
		d.x.Submitted(m.task, m.output)
	case heartbeat:
		d.x.Heartbeat(m.task)
	}
}

// takeReturn tells the machine what an invoker returned.
func (d *driver) takeReturn(pattern asl.Pattern, id interp.TaskID, out jsonvalue.Value, err error) {
	switch {
	case errors.Is(err, ErrPending) && d.runner.Callbacks != nil:
	case err == nil && pattern == asl.WaitForTaskToken:
		d.x.Submitted(id, out)
	default:
		d.answer(id, out, err)
		if d.runner.Callbacks != nil {
			d.mail.forget(id)
		}
	}
}

func (d *driver) answer(id interp.TaskID, out jsonvalue.Value, err error) {
	if err == nil {
		d.x.Succeed(id, out)
		return
	}
	name, cause := taskFailure(err)
	if d.x.Fail(id, name, cause) {
		if d.failures == nil {
			d.failures = make(map[interp.TaskID]error)
		}
		d.failures[id] = err
	}
}

// result turns an outcome into what Run returns.
func (d *driver) result(ctx context.Context, o *interp.Outcome) (jsonvalue.Value, error) {
	if o.Status == interp.Succeeded {
		return o.Output, nil
	}
	e := &ExecutionError{Status: o.Status, Name: o.Error, Cause: o.Cause, State: o.State, Err: d.failures[o.Task]}
	if o.Status == interp.Aborted {
		e.Err = context.Cause(ctx)
	}
	return jsonvalue.Value{}, e
}
