package runtime

import (
	"bytes"
	"errors"
	"fmt"
	stdruntime "runtime"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// turn is one turn of an execution: what has come, what the machine says to it, and the change
// that makes it durable.
type turn struct {
	commit
	r       *resident
	mail    []message
	replies []asked
	ready   interp.Ready
	history store.HistoryPart // of the change
	letter  []store.Message   // to the children that it stops or redrives
	born    []*turn           // the first turns of the children that it begins
	bytes   []byte            // what the change stores: the store is done with them when it has committed
}

// asked is a message that the machine was told, and whether it took it.
type asked struct {
	reply  func(error) // nil: nobody asks in this process
	stored bool        // the message is in the store until it is acted on
	given              // what comes of it
}

// turns are the memory of turns: only executions that have one need it.
var turns = sync.Pool{New: func() any { return new(turn) }}

// The most that the memory of a turn keeps.
const (
	keptBytes = 64 << 10
	keptRows  = 512
)

// release gives the memory of a turn back, unless it is large.
func (t *turn) release() {
	c := &t.change
	if cap(t.bytes) > keptBytes || max(cap(c.Frames), cap(c.Values), cap(c.Removed), cap(c.Dropped), cap(t.mail), cap(t.replies)) > keptRows {
		return
	}
	clear(t.mail)
	clear(t.replies)
	clear(c.Frames)
	clear(c.Values)
	kept := turn{mail: t.mail[:0], replies: t.replies[:0], bytes: t.bytes[:0]}
	kept.change = store.Change{Frames: c.Frames[:0], Values: c.Values[:0], Removed: c.Removed[:0], Dropped: c.Dropped[:0]}
	*t = kept
	turns.Put(t)
}

// answerAll replies to those who ask in this process. A reply that was given stands.
func answerAll(replies []asked, err error) {
	for _, a := range replies {
		switch {
		case a.reply == nil:
		case err == nil:
			a.reply(a.err)
		case !a.stored:
			a.reply(err)
		}
	}
}

// turn runs with active set.
func (r *resident) turn() {
	if len(r.running) > 1 {
		stdruntime.Gosched() // other tasks may be about to end: their answers are one turn then
	}
	if r.size > 0 {
		r.engine.kept.remove(r)
		r.size = 0
	}
	r.mu.Lock()
	r.again = false
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	t := turns.Get().(*turn)
	t.r, t.to = r, t
	t.mail = r.mail.take(t.mail)
	// A verb ends the mail of a turn: the next one, perhaps Redrive after Stop, is about
	// what follows from it, and none is for a Start that the store refuses.
	if i := slices.IndexFunc(t.mail, func(m message) bool { return m.kind.isVerb() }); i >= 0 {
		if r.mail.putBack(t.mail[i+1:]) {
			r.mu.Lock()
			r.again = true
			r.mu.Unlock()
		}
		clear(t.mail[i+1:])
		t.mail = t.mail[:i+1]
	}
	for i := range t.mail {
		t.replies = append(t.replies, asked{reply: t.mail[i].reply, stored: t.mail[i].id != ""})
	}
	r.guard(t.replies, t.step)
}

// step tells the machine what has come, and has it do what is to be done now.
func (t *turn) step() {
	r := t.r
	r.hear(t.mail, t.replies)
	t.ready = r.advance()
	if m := t.ready.Mapping; m != nil && (m.Stop != nil || m.Redrive != nil) {
		r.engine.work.do(func() { r.guard(t.replies, t.askStore) })
		return
	}
	t.commitStep()
}

// commitStep stores what has changed.
func (t *turn) commitStep() {
	r := t.r
	t.prepare()
	t.settle()
	if t.change.From == t.change.Revision && t.change.Revision > 0 && t.change.Owner == r.engine.config.Name && t.change.Consume == nil && t.change.Send == nil {
		t.follow() // nothing has changed
		return
	}
	r.engine.work.enter() // it never refuses: a turn is under way
	r.engine.commits.add(&t.commit)
}

// committed goes on when the change is stored, or is not.
func (t *turn) committed(refused, err error) {
	r := t.r
	defer r.engine.work.leave()
	switch {
	case err != nil:
		r.engine.work.do(func() { r.guard(t.replies, func() { t.resolve(err) }) })
	case refused != nil:
		t.dropChildren()
		r.lose(t.replies, refused)
	default:
		r.guard(t.replies, t.follow)
	}
}

// settle adds to the change that the messages of the store which led to it are consumed,
// and the replies to those who ask in other processes; those who ask in this one are told
// without a message.
func (t *turn) settle() {
	e := t.r.engine
	for i := range t.mail {
		m, a := &t.mail[i], &t.replies[i]
		if m.id == "" {
			continue
		}
		t.change.Consume = append(t.change.Consume, m.id)
		if id, g := m.id, a.given; m.from == e.queue() {
			a.reply = func(error) { e.asks.reply(id, g) }
		} else if reply, ok := m.replyTo(t.r.id, g); ok {
			t.change.Send = append(t.change.Send, reply)
		}
	}
}

// hear tells the machine what has come. The error that a task returns because the
// Engine is being closed is no answer; that its answer comes by token is one.
func (r *resident) hear(mail []message, replies []asked) {
	closing := r.engine.isClosing()
	for i := range mail {
		m := &mail[i]
		switch {
		case closing && m.kind == returned && m.err != nil && !pending(m.err):
		case m.kind == unread:
			replies[i].err = m.err
		case m.kind == begun:
			replies[i].given = r.give(m)
		case m.token != "" && r.x.Token(m.task) != m.token:
			replies[i].err = ErrInvalidToken
		case !r.take(m):
			replies[i].err = ErrTaskOver
		case m.meta != nil:
			r.record.Meta = m.meta
		}
	}
}

// take tells the machine one message, and returns whether the machine took it.
func (r *resident) take(m *message) bool {
	switch m.kind {
	case started:
		return r.takeStarted(m)
	case ended:
		return r.takeEnded(m)
	case aborted:
		return r.takeStop(m)
	case redriven:
		return r.takeRedrive(m)
	case childOver:
		return r.takeChild(m)
	case itemsRead, collected, written, childrenRedriven:
		return r.noteRun(m)
	case limited:
		return r.limit(m)
	}
	return r.note(m)
}

// follow does what a Step says, now that it is durable.
func (t *turn) follow() {
	r, e := t.r, t.r.engine
	if t.change.From == 0 {
		e.know(r.program)
		r.created, r.record.Input = nil, jsonvalue.Value{}
	}
	r.revision = t.change.Revision
	if t.change.Record != nil {
		r.record = *t.change.Record
		r.record.Input = jsonvalue.Value{}
	}
	if t.change.Consume != nil {
		r.inbox.consume(t.change.Consume, e.leases.begun())
	}
	r.shown = r.shown || len(t.ready.History) > 0
	e.observeCommit(r.record, t.ready.History)
	t.followChildren()
	e.deliver(t.change.Send, 0)
	for _, id := range t.ready.Cancel {
		r.cancel(id)
		r.withdraw(id)
	}
	answerAll(t.replies, nil) // who closes the Engine now finds that tasks know that they are not wanted
	for i := range t.mail {
		if t.mail[i].kind == answered {
			r.withdraw(t.mail[i].task) // the task of an activity, by somebody who had no need to wait for it
		}
	}
	if len(t.ready.Start) == 0 || e.leased() {
		t.proceed()
		return
	}
	e.work.do(func() {
		r.guard(nil, func() {
			if err := r.regain(); err != nil {
				r.lose(nil, err)
				return
			}
			t.proceed()
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
func (t *turn) proceed() {
	r := t.r
	r.startAll(t.ready.Start)
	r.serve(t.ready.Mapping)
	if t.ready.Outcome != nil {
		r.engine.over(&r.record)
	}
	r.forget()
	wake := t.ready.Wake
	r.x.Rest()
	r.next(wake, t.change.Owner == "", t.change.Due)
	t.release()
}

// isStored reports whether the change is what is stored. One that keeps the revision is known by the
// messages that it consumes: nobody else than the owner does.
func (t *turn) isStored(stored *store.Stored) bool {
	c := &t.change
	switch {
	case stored.Writer != c.By || stored.Revision != c.Revision:
		return false
	case c.Revision != c.From:
		return bytes.Equal(stored.State, c.State)
	}
	return c.Consume != nil && !slices.ContainsFunc(stored.Messages, func(m store.Message) bool { return slices.Contains(c.Consume, m.ID) })
}

// resolve finds out what became of a change whose commit failed, and commits it again
// unless it is stored. It goes alone then, so that no change keeps others out.
func (t *turn) resolve(why error) {
	r, e, change := t.r, t.r.engine, &t.change
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		e.log("a commit failed", "execution", r.id, "error", why)
		stored, err := e.store.Load(e.commits.ctx, r.id)
		switch {
		case err == nil && t.isStored(stored):
			t.follow()
			return
		case err == nil && (stored.Revision != change.From || stored.Owner != "" && stored.Owner != e.config.Name):
			answerAll(t.replies, fmt.Errorf("%w: %w", ErrLost, store.ErrConflict)) // it may have been stored before
			t.dropChildren()
			r.drop()
			return
		case err == nil || errors.Is(err, store.ErrNotFound) && change.From == 0:
			var refused error
			if refused, err = e.commits.alone(change); err == nil && refused != nil {
				t.dropChildren()
				r.lose(t.replies, refused)
				return
			}
			if err == nil {
				t.follow()
				return
			}
		}
		why = err
		if e.sleep(pause); e.isClosing() {
			answerAll(t.replies, ErrClosed)
			t.dropChildren()
			r.drop()
			return
		}
	}
}
