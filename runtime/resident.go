package runtime

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// resident is an execution in the memory of an Engine. Messages wake it; then it has
// a turn: it tells the machine what came, steps it, commits, and follows what the
// Step says. At most one turn is under way, its commit included.
type resident struct {
	tasks
	engine  *Engine
	id      string
	program *Program
	record  store.Record // as it is stored, without Input and Output
	input   store.Change // of Start: what the first Change has besides

	revision int64         // that is stored
	texts    history.Texts // of the events that are stored

	mu     sync.Mutex
	active bool // it is loaded, or a turn is under way
	again  bool // something came meanwhile
	gone   bool // it was given back to the store
	timer  *time.Timer
}

// soon is how long a wait is that an execution spends in memory.
const soon = 2 * time.Second

// notify wakes the execution: a message has come, or an instant.
func (r *resident) notify() {
	r.mu.Lock()
	defer r.mu.Unlock()
	begun := true
	switch {
	case r.gone:
		begun = r.engine.work.do(r.forward)
	case r.active:
		r.again = true
	default:
		r.active = true
		begun = r.engine.work.do(r.turn)
	}
	if !begun {
		r.mail.close() // the Engine is closed
	}
}

// forward takes mail that came after the execution had left memory to where it is.
// What a task returned is for nobody there.
func (r *resident) forward() {
	for _, m := range r.mail.take(nil) {
		if m.kind != returned {
			r.engine.post(r.id, m)
		}
	}
}

// asked is a message that the machine was told, and whether it took it.
type asked struct {
	reply func(error) // nil: nobody asks
	err   error
}

// answerAll replies to those who ask. A reply that was given stands.
func answerAll(replies []asked, err error) {
	for _, a := range replies {
		switch {
		case a.reply == nil:
		case err != nil:
			a.reply(err)
		default:
			a.reply(a.err)
		}
	}
}

// turn runs with active set.
func (r *resident) turn() {
	r.mu.Lock()
	r.again = false
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	mail := r.mail.take(nil)
	// A verb ends the mail of a turn: the next one, perhaps Redrive after Stop, is about
	// what follows from it, and none is for a Start that the store refuses.
	if i := slices.IndexFunc(mail, func(m message) bool { return m.kind == control }); i >= 0 {
		if r.mail.putBack(mail[i+1:]) {
			r.mu.Lock()
			r.again = true
			r.mu.Unlock()
		}
		mail = mail[:i+1]
	}
	replies := make([]asked, len(mail))
	for i := range mail {
		replies[i].reply = mail[i].reply
	}
	r.guard(replies, func() { r.step(mail, replies) })
}

// step tells the machine what has come, and has it do what is to be done now.
func (r *resident) step(mail []message, replies []asked) {
	r.hear(mail, replies)
	ready := r.x.Step(r.engine.now())
	change := r.change(&ready)
	if change.From == change.Revision && change.Revision > 0 && change.Owner == r.engine.config.Name {
		r.follow(&ready, replies, &change) // nothing has changed
		return
	}
	r.commit(&change, func(refused, err error) {
		switch {
		case err != nil:
			r.engine.work.do(func() {
				r.guard(replies, func() { r.resolve(&ready, replies, &change, err) })
			})
		case refused != nil:
			r.lose(replies, refused)
		default:
			r.guard(replies, func() { r.follow(&ready, replies, &change) })
		}
	})
}

// guard keeps a panic to the execution in which it happens: the last commit stands,
// and the execution is taken up again a while later.
func (r *resident) guard(replies []asked, f func()) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		r.engine.log("an execution panicked", "execution", r.id, "panic", value, "stack", string(debug.Stack()))
		answerAll(replies, fmt.Errorf("runtime: the execution %s panicked: %v", r.id, value))
		r.drop()
		r.engine.takeUp(r.id, time.Minute)
	}()
	f()
}

// commit queues a change; the Engine waits for it when it is closed.
func (r *resident) commit(change *store.Change, done func(refused, err error)) {
	r.engine.work.enter() // it never refuses: a turn is under way
	r.engine.commits.add(&commit{change: *change, done: func(refused, err error) {
		defer r.engine.work.leave()
		done(refused, err)
	}})
}

// hear tells the machine what has come. The error that a task returns because the
// Engine is being closed is no answer; that its answer comes by token is one.
func (r *resident) hear(mail []message, replies []asked) {
	closing := r.engine.isClosing()
	for i := range mail {
		m := &mail[i]
		switch {
		case closing && m.kind == returned && m.err != nil && !pending(m.err):
		case m.token != "" && r.x.Token(m.task) != m.token:
			replies[i].err = ErrInvalidToken
		case !r.note(m):
			replies[i].err = ErrTaskOver
		}
	}
}

// follow does what a Step says, now that it is durable.
func (r *resident) follow(ready *interp.Ready, replies []asked, change *store.Change) {
	e := r.engine
	if change.From == 0 {
		e.know(r.program)
		r.input, r.record.Input = store.Change{}, jsonvalue.Value{}
	}
	r.revision = change.Revision
	if change.Record != nil {
		r.record = *change.Record
		r.record.Input = jsonvalue.Value{}
	}
	for i := range ready.History {
		e.observe(&ready.History[i])
	}
	answerAll(replies, nil)
	for _, id := range ready.Cancel {
		r.cancel(id)
	}
	if len(ready.Start) == 0 || e.leased() {
		r.proceed(ready, change)
		return
	}
	e.work.do(func() {
		r.guard(nil, func() {
			if err := r.regain(); err != nil {
				r.lose(nil, err)
				return
			}
			r.proceed(ready, change)
		})
	})
}

// regain renews the lease and finds out whether the execution is still this process's
// own: a process that was stopped for longer than its lease may have lost it.
func (r *resident) regain() error {
	e := r.engine
	for pause := 10 * time.Millisecond; !e.isClosing(); pause = min(2*pause, time.Minute) {
		err := e.poll(e.ctx)
		if err == nil {
			var stored *store.Stored
			if stored, err = e.store.Load(e.ctx, r.id); err == nil {
				if stored.Owner != e.config.Name || stored.Revision != r.revision {
					return store.ErrConflict
				}
				return nil
			}
		}
		e.log("the lease cannot be renewed", "execution", r.id, "error", err)
		e.sleep(pause)
	}
	return nil // no task begins any more
}

// proceed starts the tasks of a Step, and ends the turn.
func (r *resident) proceed(ready *interp.Ready, change *store.Change) {
	r.startAll(ready.Start)
	if ready.Outcome != nil {
		r.engine.over(&r.record)
	}
	r.forget()
	r.next(ready, change.Owner == "", change.Due)
}

// startAll starts tasks, unless the Engine is being closed: whoever takes the
// execution up starts them.
func (r *resident) startAll(tasks []interp.StartTask) {
	if len(tasks) == 0 || r.engine.isClosing() {
		return
	}
	for i := range tasks {
		r.start(&tasks[i])
	}
	if r.noted {
		r.noted = false
		r.mu.Lock()
		r.again = true
		r.mu.Unlock()
	}
}

// next has another turn if something came meanwhile, or lets the execution wait, in
// memory or in the store.
func (r *resident) next(ready *interp.Ready, released bool, due time.Time) {
	e := r.engine
	e.mu.Lock()
	r.mu.Lock()
	if r.again {
		r.mu.Unlock()
		e.mu.Unlock()
		e.work.do(r.turn)
		return
	}
	r.active = false
	if released {
		r.gone = true
		delete(e.resident, r.id)
	}
	r.mu.Unlock()
	e.mu.Unlock()
	switch {
	case released:
		e.leases.dueAt(due)
	case !ready.Wake.IsZero():
		r.wakeAt(ready.Wake)
	}
}

// wakeAt plans a turn.
func (r *resident) wakeAt(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wait := max(at.Sub(r.engine.now()), 0)
	if r.timer != nil {
		r.timer.Reset(wait)
		return
	}
	r.timer = time.AfterFunc(wait, func() {
		if r.engine.enter() == nil {
			r.notify()
			r.engine.work.leave()
		}
	})
}

// lose forgets the execution: another process has it.
func (r *resident) lose(replies []asked, why error) {
	answerAll(replies, fmt.Errorf("%w: %w", ErrLost, why))
	r.drop()
}

// drop takes the execution out of memory, and ends the contexts of its tasks. Mail that
// has come meanwhile goes to where the execution is.
func (r *resident) drop() {
	e := r.engine
	for _, cancel := range r.running {
		cancel()
	}
	e.mu.Lock()
	r.mu.Lock()
	r.gone, r.active = true, false
	if e.resident[r.id] == r {
		delete(e.resident, r.id)
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	e.mu.Unlock()
	if r.mail.any() {
		e.work.do(r.forward)
	}
}

// resolve finds out what became of a change whose commit failed, and commits it again
// unless it is stored. It goes alone then, so that no change keeps others out.
func (r *resident) resolve(ready *interp.Ready, replies []asked, change *store.Change, why error) {
	e := r.engine
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		e.log("a commit failed", "execution", r.id, "error", why)
		stored, err := e.store.Load(e.commits.ctx, r.id)
		switch {
		case err == nil && stored.Writer == e.config.Name && stored.Revision == change.Revision && change.Revision != change.From:
			r.follow(ready, replies, change)
			return
		case err == nil && (stored.Revision != change.From || stored.Owner != "" && stored.Owner != e.config.Name):
			r.lose(replies, store.ErrConflict)
			return
		case err == nil || errors.Is(err, store.ErrNotFound) && change.From == 0:
			again := make(chan error, 1)
			var refused error
			e.commits.add(&commit{change: *change, solo: true, done: func(no, err error) { refused = no; again <- err }})
			if err = <-again; err == nil && refused != nil {
				r.lose(replies, refused)
				return
			}
			if err == nil {
				r.follow(ready, replies, change)
				return
			}
		}
		why = err
		if e.sleep(pause); e.isClosing() {
			answerAll(replies, ErrClosed)
			r.drop()
			return
		}
	}
}

// equip gives the execution what its tasks need besides those who perform them.
func (r *resident) equip() {
	e := r.engine
	r.tasks.execution, r.tasks.tokens, r.tasks.logger = r.id, true, e.config.Logger
	r.tasks.ctx, r.tasks.admit = e.ctx, e.slots.admit
	r.tasks.enter = func() func() {
		e.work.enter() // it never refuses: a turn is under way
		return e.work.leave
	}
	r.mail.tokens = r.x
}

// machine says how executions run in the Engine.
func (e *Engine) machine() interp.Config {
	return interp.Config{Limits: e.config.Limits, History: true, Inline: inlineValues}
}

// inlineValues is up to how many bytes a value is stored in its frame.
const inlineValues = 1024
