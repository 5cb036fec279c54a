package runtime

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// underway are the tasks of one execution: it has them performed, cancels them, and
// tells the machine what they report. Whoever drives the execution calls it from
// one goroutine; tasks report through the mailbox.
type underway struct {
	x          *interp.Execution
	performers []TaskInvoker                                                // by interp.StartTask.Index
	execution  string                                                       // Identity.Execution
	tokens     bool                                                         // answers by token can arrive
	workers    bool                                                         // others tell when a worker has the task of an activity; else its invoker is the worker
	clock      *VirtualClock                                                // nil: the time of the system
	enter      func() (leave func())                                        // counts a task on a goroutine; nil: nobody counts
	begin      func(run func())                                             // has a task run on a goroutine; nil: at once
	ending     func(cancel context.CancelCauseFunc) context.CancelCauseFunc // wraps what ends the context of a task; nil: nothing does
	admit      admission                                                    // nil: every task begins at once
	logger     *slog.Logger                                                 // nil: nothing is logged

	ctx      context.Context // of the tasks
	mail     mailbox
	messages []message
	running  map[interp.TaskID]context.CancelCauseFunc // those on goroutines of their own
	failures map[interp.TaskID]error                   // what tasks returned, until forget
	noted    bool                                      // a start was noted: the machine is to step at once
}

// prompt is what a performer may be as well, if it can often tell at once what comes of
// a task: the mocks of this module. It is asked on the goroutine of the execution, in
// the order of the tasks, before the task gets a goroutine. It must not block.
type prompt interface {
	// InvokePromptly does what InvokeTask does if done is true, else nothing: InvokeTask is
	// then called with the same Task.
	InvokePromptly(ctx context.Context, task *Task) (out jsonvalue.Value, err error, done bool)
}

// start performs a task: at once if its performer can, else on a goroutine of its own.
func (ts *underway) start(s *interp.StartTask) {
	performer, task := ts.performers[s.Index], ts.newTask(s)
	if p, ok := performer.(prompt); ok && ts.startPromptly(p, s, task) {
		return
	}
	ctx, cancel := context.WithCancelCause(ts.ctx)
	if ts.running == nil {
		ts.running = make(map[interp.TaskID]context.CancelCauseFunc)
	}
	ts.running[s.ID] = cancel
	if ts.tokens {
		ts.mail.expect(s.ID)
	}
	if s.Task.Resource.Pattern == asl.Activity && !ts.workers {
		ts.x.Started(s.ID, "")
		ts.noted = true
	}
	if ts.ending != nil {
		ts.running[s.ID] = ts.ending(cancel)
	}
	if ts.begin != nil {
		ts.begin(func() { ts.run(ctx, performer, task, func() {}) })
		return
	}
	leave := func() {}
	if ts.enter != nil {
		leave = ts.enter()
	}
	go ts.run(ctx, performer, task, leave)
}

// startPromptly reports whether the task is over, or parked.
func (ts *underway) startPromptly(p prompt, s *interp.StartTask, task *Task) bool {
	if ts.tokens {
		ts.mail.expect(s.ID)
	}
	out, err, done := p.InvokePromptly(ts.ctx, task)
	if done {
		if s.Task.Resource.Pattern == asl.Activity && (!ts.workers || !pending(err)) {
			ts.x.Started(s.ID, "")
		}
		ts.returned(s.Task.Resource.Pattern, s.ID, out, err)
		ts.noted = true
	}
	return done
}

// admission lets a task begin, which may take a while. It fails if ctx ends first.
type admission func(ctx context.Context, resource string) (release func(), err error)

// run performs a task and reports what it returns.
func (ts *underway) run(ctx context.Context, performer TaskInvoker, task *Task, leave func()) {
	growStack(0)
	err := errGone // stays if the task ends its goroutine
	var out jsonvalue.Value
	defer func() {
		ts.report(ctx, task, out, err)
		leave()
	}()
	if ts.admit != nil {
		release, refused := ts.admit(ctx, task.Resource)
		if refused != nil {
			err = refused
			return
		}
		defer release()
	}
	out, err = invoke(ctx, performer, task)
}

// growStack makes room on the stack of a new goroutine for a task of the usual depth. There
// is almost nothing to move yet; later, to grow it twice takes as long as a short task. The
// index is an argument so that the compiler keeps the array.
//
//go:noinline
func growStack(i uint) byte {
	var room [4 << 10]byte
	return room[i%uint(len(room))]
}

// errGone is the failure of a task that ended its goroutine instead of returning.
var errGone error = &PanicError{Stack: nil}

// report posts what a task returned. What it calls is apart from run, whose frame is
// on the stack of each task while it runs: the first stack of a goroutine is small,
// and growing it takes as long as a short task.
func (ts *underway) report(ctx context.Context, task *Task, out jsonvalue.Value, err error) {
	if ts.logger != nil {
		ts.log(ctx, task, err)
	}
	ts.mail.postEnd(message{kind: returned, task: task.id, pattern: task.Pattern, output: out, err: err})
}

// log tells of an end of a task that its execution may never hear of.
func (ts *underway) log(ctx context.Context, task *Task, err error) {
	if ctx.Err() != nil {
		ts.logger.Debug("a task ended after its context", "state", task.State, "task", task.ID())
	}
	if failure, ok := err.(*PanicError); ok {
		ts.logger.Error("a task panicked", "state", task.State, "panic", failure.Value, "stack", string(failure.Stack))
	}
}

// runHere performs a task on the goroutine of the caller.
func (ts *underway) runHere(s *interp.StartTask) {
	task := ts.newTask(s)
	out, err := invoke(ts.ctx, ts.performers[s.Index], task)
	if ts.logger != nil {
		ts.log(ts.ctx, task, err)
	}
	ts.deliver()
	ts.returned(s.Task.Resource.Pattern, s.ID, out, err)
}

// invoke calls the user's code; a panic in it is its error.
func invoke(ctx context.Context, performer TaskInvoker, task *Task) (out jsonvalue.Value, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{value, debug.Stack()}
		}
	}()
	return performer.InvokeTask(ctx, task)
}

func (ts *underway) newTask(s *interp.StartTask) *Task {
	task := newTask(s, ts.execution, ts.x.RoleARN())
	task.mail = &ts.mail
	return task
}

// cancel ends the context of a task whose answer is not wanted any more.
func (ts *underway) cancel(id interp.TaskID) {
	if cancel := ts.running[id]; cancel != nil {
		cancel(ErrUnwanted)
		delete(ts.running, id)
	}
	if ts.tokens {
		ts.mail.forget(id)
	}
}

// close ends the contexts of all tasks: the execution is over. What they report later goes nowhere.
func (ts *underway) close() {
	for _, cancel := range ts.running {
		cancel(ErrUnwanted)
	}
	ts.mail.close()
}

// deliver tells the machine what is in the mailbox. With virtual time, what
// happened at one instant is told in the order of the tasks: in which order
// their goroutines reported is chance.
func (ts *underway) deliver() {
	ts.messages = ts.mail.take(ts.messages)
	if ts.clock != nil {
		slices.SortStableFunc(ts.messages, func(a, b message) int {
			return cmp.Or(cmp.Compare(a.task.Frame, b.task.Frame), cmp.Compare(a.task.Attempt, b.task.Attempt))
		})
	}
	for i := range ts.messages {
		ts.note(&ts.messages[i])
		ts.messages[i] = message{}
	}
}

// note tells the machine one message, and returns whether the machine took it.
func (ts *underway) note(m *message) (taken bool) {
	switch m.kind {
	case returned:
		cancel := ts.running[m.task]
		if cancel == nil {
			return false
		}
		cancel(nil)
		delete(ts.running, m.task)
		ts.returned(m.pattern, m.task, m.output, m.err)
		return true
	case answered:
		ts.cancel(m.task)
		return ts.answer(m.task, m.output, m.err)
	case begun:
		return ts.x.Started(m.task, m.worker)
	case submitted:
		return ts.x.Submitted(m.task, m.output)
	case heartbeat:
		return ts.x.Heartbeat(m.task)
	case looked:
		return true
	case aborted:
		return ts.x.Abort(m.name, m.cause)
	case redriven:
		return ts.x.Redrive()
	case condemned:
		return ts.x.Condemn(m.cause)
	}
	return false
}

// returned tells the machine what an invoker returned. A task whose answer will
// come by token is parked: it is out, and nothing runs here.
func (ts *underway) returned(pattern asl.Pattern, id interp.TaskID, out jsonvalue.Value, err error) {
	switch {
	case err != nil && ts.tokens && pending(err):
		ts.x.Parked(id)
	case err == nil && pattern == asl.WaitForTaskToken:
		ts.x.Submitted(id, out)
	default:
		ts.answer(id, out, err)
		if ts.tokens {
			ts.mail.forget(id)
		}
	}
}

func (ts *underway) answer(id interp.TaskID, out jsonvalue.Value, err error) (taken bool) {
	if err == nil {
		return ts.x.Succeed(id, out)
	}
	name, cause, err := taskFailure(err)
	if !ts.x.Fail(id, name, cause) {
		return false
	}
	if ts.failures == nil {
		ts.failures = make(map[interp.TaskID]error)
	}
	ts.failures[id] = err
	return true
}

// forget drops the errors that tasks returned: the Step that dealt with them did
// not end the execution.
func (ts *underway) forget() { clear(ts.failures) }

// pending reports whether an error says that the answer will come by token. An
// error whose methods panic says nothing.
func pending(err error) (yes bool) {
	defer func() { _ = recover() }()
	return errors.Is(err, ErrPending)
}
