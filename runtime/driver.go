package runtime

import (
	"context"
	stdruntime "runtime"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// driver drives one execution inside the process: it steps the machine, shows its
// events, has its tasks performed and waits for what comes next.
type driver struct {
	underway
	runner  Runner
	program *Program
	crew    crew
	family  *family // nil: no state of the program is a distributed Map

	each        func(n int, f func(i int)) // nil: one after the other
	interrupted func() bool
	begun       time.Time // when it began, or had last waited
	timer       *time.Timer
	wake        chan struct{}   // holds at most one: there is mail
	events      []history.Event // the memory of the last step's
}

func (d *driver) run(ctx context.Context, input jsonvalue.Value) (jsonvalue.Value, error) {
	cancel, err := d.open(ctx)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	defer d.close(cancel)
	d.x.Begin(input)
	for {
		if ctx.Err() != nil {
			d.x.Abort(abortion(context.Cause(ctx)))
		}
		ready := d.x.Step(d.Now())
		d.observe(ready.History)
		d.events = ready.History[:0]
		if ready.Outcome != nil {
			if d.family != nil {
				if err := d.family.end(ready.Mapping); err != nil {
					return jsonvalue.Value{}, err
				}
			}
			return d.result(ctx, ready.Outcome)
		}
		d.forget()
		if err := d.act(ctx, &ready); err != nil {
			return jsonvalue.Value{}, err
		}
	}
}

// interruption returns the function that tells a Step to return early: ctx has ended, or
// the time of the execution is up, of which it has most seconds (0: any). The virtual time stands still during a Step.
func (d *driver) interruption(ctx context.Context, most int) func() bool {
	seconds := d.program.StateMachine().TimeoutSeconds
	if most > 0 && (seconds == 0 || int64(most) < seconds) {
		seconds = int64(most)
	}
	limit := time.Duration(seconds) * time.Second
	switch {
	case limit > 0 && d.runner.Clock == nil:
		deadline := time.Now().Add(limit).Round(0) // the core reckons with the time of the day
		return func() bool { return ctx.Err() != nil || !time.Now().Before(deadline) }
	case ctx.Done() != nil:
		return func() bool { return ctx.Err() != nil }
	}
	return nil
}

// open gets ready what the execution needs until close, which gets cancel.
func (d *driver) open(ctx context.Context) (cancel context.CancelCauseFunc, err error) {
	d.mail.driver, d.mail.tokens, d.begun = d, d.x, time.Now()
	d.wake = make(chan struct{}, 1)
	r := &d.runner
	if r.Clock != nil {
		if err := r.Clock.acquire(); err != nil {
			return nil, err
		}
	}
	if r.Callbacks != nil {
		if err := r.Callbacks.register(d.execution, &d.mail); err != nil {
			if r.Clock != nil {
				r.Clock.release()
			}
			return nil, err
		}
	}
	d.ctx, cancel = ctx, func(error) {}
	if ctx.Done() != nil {
		d.ctx, cancel = context.WithCancelCause(ctx)
	}
	return cancel, nil
}

func (d *driver) close(cancel context.CancelCauseFunc) {
	cancel(ErrUnwanted)
	if d.runner.Observe == nil { // else the memory of the events is the Runner's
		d.x.Rest()
	}
	if d.family != nil {
		d.family.close()
	}
	d.crew.close()
	if d.runner.Callbacks != nil {
		d.runner.Callbacks.unregister(d.execution)
	}
	d.underway.close()
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.runner.Clock != nil {
		d.runner.Clock.release()
	}
}

// Now implements [interp.Performer].
func (d *driver) Now() time.Time {
	if d.runner.Clock != nil {
		return d.runner.Clock.Now()
	}
	return d.begun.Add(time.Since(d.begun)) // two thirds of the time of time.Now, which reads two clocks
}

// act follows what a Step says, and waits until there is something for the next.
func (d *driver) act(ctx context.Context, ready *interp.Ready) (err error) {
	for _, id := range ready.Cancel {
		d.cancel(id)
	}
	for i := range ready.Start {
		d.start(&ready.Start[i])
	}
	wake := ready.Wake
	if d.family != nil {
		if err := d.family.act(&d.family.root, ready.Mapping); err != nil {
			return err
		}
		if err := d.family.settle(); err != nil {
			return err
		}
		wake = d.family.wake(wake)
	}
	if d.noted {
		d.noted = false
		return nil
	}
	if d.runner.Clock != nil {
		err = d.awaitVirtually(ctx, wake)
	} else {
		d.await(ctx, wake)
		d.begun = time.Now()
	}
	d.deliver()
	if d.family != nil {
		d.family.gatherMail()
	}
	return err
}

// aloof reports whether nobody else can note anything while a task runs on the goroutine of
// Run: ctx cannot end, answers come by no other way, and there are no children.
func (d *driver) aloof(ctx context.Context) bool {
	return ctx.Done() == nil && d.clock == nil && !d.tokens && len(d.program.Distributed()) == 0
}

// Perform implements [interp.Performer].
func (d *driver) Perform(events []history.Event, task *interp.StartTask) {
	d.observe(events)
	d.forget()
	d.runHere(task)
}

func (d *driver) observe(events []history.Event) {
	for i := range events {
		d.runner.Observe(events[i])
	}
}

// await waits until there is mail, until wake, or until ctx ends.
func (d *driver) await(ctx context.Context, wake time.Time) {
	if wake.IsZero() {
		select {
		case <-d.wake:
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
	case <-d.wake:
		d.gather()
	case <-d.timer.C:
	case <-ctx.Done():
	}
}

// notify wakes the driver: there is mail.
func (d *driver) notify() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// ended wakes the driver, too.
func (d *driver) ended() { d.notify() }

// gather lets other tasks that are about to end do so: their answers are then
// one step together, and not one each.
func (d *driver) gather() {
	if len(d.running) > 1 || d.family != nil && len(d.family.alive) > 1 {
		stdruntime.Gosched()
	}
}

// result turns an outcome into what Run returns.
func (d *driver) result(ctx context.Context, o *interp.Outcome) (jsonvalue.Value, error) {
	if o.Status == interp.Succeeded {
		return o.Output, nil
	}
	e := &ExecutionError{Status: o.Status, Name: o.Error, Cause: o.Cause, State: o.State, Path: o.Path, Err: d.failures[o.Task]}
	e.locate(d.program.StateMachine())
	if o.Status == interp.Aborted {
		e.Err = context.Cause(ctx)
	}
	return jsonvalue.Value{}, e
}
