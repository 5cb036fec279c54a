package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

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
	record  store.Record  // as it is stored, without Input and Output
	input   store.Change  // of Start: what the first Change has besides
	loaded  chan struct{} // closed when the execution is in memory, or failed says why not
	failed  error

	revision int64 // that is stored

	mu     sync.Mutex
	active bool // a turn is under way
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
	switch {
	case r.gone:
		r.engine.group.Go(r.forward)
	case r.active:
		r.again = true
	default:
		r.active = true
		r.engine.group.Go(r.turn)
	}
}

// forward takes mail that came after the execution had left memory to where it is.
func (r *resident) forward() {
	mail := r.mail.take(nil)
	if len(mail) == 0 {
		return
	}
	other, err := r.engine.find(r.engine.commits.ctx, r.id)
	for i := range mail {
		if err == nil {
			other.mail.post(mail[i])
		} else if mail[i].reply != nil {
			mail[i].reply(err)
		}
	}
}

// asked is somebody who waits for a reply, and whether the machine took what they said.
type asked struct {
	reply func(error)
	taken bool
}

// turn runs with active set.
func (r *resident) turn() {
	r.mu.Lock()
	r.again = false
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	replies := r.hear()
	ready := r.x.Step(r.engine.now())
	change := r.change(&ready)
	if change.From == change.Revision && change.Revision > 0 && len(change.Consume) == 0 && change.Owner == r.engine.config.Name {
		r.follow(&ready, replies, &change) // nothing has changed
		return
	}
	r.commit(&change, func(refused, err error) {
		switch {
		case err != nil:
			r.engine.group.Go(func() { r.resolve(&ready, replies, &change, err) })
		case refused != nil:
			r.lose(replies, refused)
		default:
			r.follow(&ready, replies, &change)
		}
	})
}

// commit queues a change; the Engine waits for it when it is closed.
func (r *resident) commit(change *store.Change, done func(refused, err error)) {
	r.engine.group.Add(1)
	r.engine.commits.add(&commit{change: *change, done: func(refused, err error) {
		defer r.engine.group.Done()
		done(refused, err)
	}})
}

// hear tells the machine what has come. What tasks return because the Engine is being
// closed is no answer.
func (r *resident) hear() (replies []asked) {
	closing := r.engine.isClosing()
	for _, m := range r.mail.take(nil) {
		if closing && m.kind == returned && m.err != nil {
			continue
		}
		taken := r.note(&m)
		if m.reply != nil {
			replies = append(replies, asked{m.reply, taken})
		}
	}
	return replies
}

// follow does what a Step says, now that it is durable.
func (r *resident) follow(ready *interp.Ready, replies []asked, change *store.Change) {
	r.revision = change.Revision
	if change.Record != nil {
		r.record = *change.Record
	}
	if observe := r.engine.config.Observe; observe != nil {
		for i := range ready.History {
			observe(ready.History[i])
		}
	}
	for _, a := range replies {
		if a.taken {
			a.reply(nil)
		} else {
			a.reply(ErrTaskOver)
		}
	}
	for _, id := range ready.Cancel {
		r.cancel(id)
	}
	r.startAll(ready.Start)
	if ready.Outcome != nil {
		r.engine.over(&r.record)
	}
	r.forget()
	r.next(ready, change.Owner == "", change.Due)
}

// startAll starts tasks. A process whose lease may be over starts none before it has
// looked at the store: another may have the execution by now.
func (r *resident) startAll(tasks []interp.StartTask) {
	if len(tasks) == 0 || r.engine.isClosing() {
		return
	}
	for !r.engine.leased() && r.engine.ctx.Err() == nil {
		if err := r.engine.poll(r.engine.ctx); err != nil {
			r.engine.log("the store cannot be polled", "error", err)
			return
		}
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
		e.group.Go(r.turn)
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
			r.engine.leave()
		}
	})
}

// lose forgets the execution: another process has it.
func (r *resident) lose(replies []asked, why error) {
	for _, a := range replies {
		a.reply(fmt.Errorf("%w: %w", ErrLost, why))
	}
	r.drop()
}

// drop takes the execution out of memory, and ends the contexts of its tasks.
func (r *resident) drop() {
	e := r.engine
	e.mu.Lock()
	r.mu.Lock()
	r.gone, r.active = true, false
	if e.resident[r.id] == r {
		delete(e.resident, r.id)
	}
	r.mu.Unlock()
	e.mu.Unlock()
	for _, cancel := range r.running {
		cancel()
	}
	for _, m := range r.mail.take(nil) {
		if m.reply != nil {
			m.reply(ErrLost)
		}
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
		select {
		case <-time.After(pause):
		case <-e.ctx.Done():
			r.lose(replies, ErrClosed)
			return
		}
	}
}

// find returns the execution in memory, and loads it if it is not there.
func (e *Engine) find(ctx context.Context, id string) (*resident, error) {
	e.mu.Lock()
	r := e.resident[id]
	if r == nil {
		r = &resident{engine: e, id: id, loaded: make(chan struct{})}
		e.resident[id] = r
		e.mu.Unlock()
		r.failed = r.load(ctx)
		if r.failed != nil {
			r.drop()
		}
		close(r.loaded)
		return r, r.failed
	}
	e.mu.Unlock()
	select {
	case <-r.loaded:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if errors.Is(r.failed, store.ErrExists) {
		return e.find(ctx, id) // it was to be created, and is in the store already
	}
	return r, r.failed
}

// takeUp goes on with an execution that a Poll has given to this process.
func (e *Engine) takeUp(id string) {
	r, err := e.find(e.commits.ctx, id)
	if err != nil {
		e.log("an execution cannot be taken up", "execution", id, "error", err)
		return
	}
	r.notify()
}

// load restores the execution from the store, and takes its tasks up again.
func (r *resident) load(ctx context.Context) error {
	e := r.engine
	stored, err := e.store.Load(ctx, r.id)
	if err != nil {
		return err
	}
	if stored.Owner != "" && stored.Owner != e.config.Name {
		return ErrLost
	}
	var header interp.Header
	if err := header.UnmarshalBinary(stored.State); err != nil {
		return err
	}
	hash, _ := header.Definition()
	if r.program, err = e.program(ctx, hash); err != nil {
		return fmt.Errorf("runtime: the definition of %s: %w", r.id, err)
	}
	frames, values, err := parseRows(stored)
	if err != nil {
		return err
	}
	if r.x, err = r.program.Restore(header, frames, values, e.machine()); err != nil {
		return err
	}
	r.record, r.revision = stored.Record, stored.Revision
	r.equip()
	pending := r.x.Pending()
	for i := range pending.Open {
		r.mail.expect(pending.Open[i].ID)
	}
	if len(pending.Start) > 0 && stored.Owner == "" {
		if err := e.claim(ctx, stored); err != nil {
			return err
		}
	}
	r.recover(pending.Start)
	return nil
}

// claim makes an execution that nobody owns this process's own, before its tasks are
// performed: another process may want it as well.
func (e *Engine) claim(ctx context.Context, stored *store.Stored) error {
	refused, err := e.store.Commit(ctx, []store.Change{{
		By: e.config.Name, ID: stored.Record.Execution, From: stored.Revision, Revision: stored.Revision, Owner: e.config.Name,
	}})
	if err == nil && refused != nil {
		return fmt.Errorf("%w: %w", ErrLost, refused[0])
	}
	return err
}

// recover takes up the tasks that ran in a process that died.
func (r *resident) recover(tasks []interp.StartTask) {
	if r.engine.config.Recovery == FailRunning {
		for i := range tasks {
			r.x.Fail(tasks[i].ID, interrupted, "The process that performed the task has ended.")
		}
		return
	}
	r.startAll(tasks)
}

// equip gives the execution what its tasks need.
func (r *resident) equip() {
	e := r.engine
	r.tasks.performers = performersOf(r.program, e.config.Tasks)
	r.tasks.execution, r.tasks.tokens, r.tasks.logger = r.id, true, e.config.Logger
	r.tasks.ctx, r.tasks.admit = e.ctx, e.slots.admit
	r.tasks.enter = func() func() {
		e.group.Add(1)
		return e.group.Done
	}
	r.mail.driver, r.mail.tokens = r, r.x
}

// machine says how executions run in the Engine.
func (e *Engine) machine() interp.Config {
	return interp.Config{Limits: e.config.Limits, History: true, Inline: inlineValues}
}

// inlineValues is up to how many bytes a value is stored in its frame.
const inlineValues = 1024
