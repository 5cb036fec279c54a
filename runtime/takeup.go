package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// post takes a message to an execution, which is loaded if it is not in memory. If that
// fails, the reply says so.
func (e *Engine) post(id string, m message) {
	e.mu.Lock()
	r := e.resident[id]
	if r == nil {
		r = &resident{engine: e, id: id, active: true}
		r.mail.driver = r
		e.resident[id] = r
		defer e.work.do(r.enterMemory)
	}
	e.mu.Unlock()
	r.mail.post(m)
}

// look asks nothing of an execution but that it goes on.
func look() message {
	return message{kind: looked}
}

// takeUp goes on, after a pause, with an execution that this process owns. It tries
// again, ever more slowly, until the execution is in memory or belongs to another.
func (e *Engine) takeUp(id string, pause time.Duration) {
	e.mu.Lock()
	_, under := e.taking[id]
	e.taking[id] = under
	e.mu.Unlock()
	if !under {
		if pause == 0 {
			e.loading.Add(1)
		}
		e.work.do(func() { e.keepTaking(id, pause) })
	}
}

func (e *Engine) keepTaking(id string, pause time.Duration) {
	for first := pause == 0; !e.isClosing(); first = false {
		e.sleep(pause)
		err := e.ask(e.ctx, id, look())
		if first { // one that has to be tried again does not keep others out
			e.leases.takenUp(e.loading.Add(-1), e.now())
		}
		if err != nil && !errors.Is(err, ErrLost) && !errors.Is(err, store.ErrNotFound) && !e.isClosing() {
			e.log("an execution cannot be taken up", "execution", id, "error", err)
			pause = min(max(2*pause, 10*time.Millisecond), time.Minute)
			continue
		}
		e.mu.Lock()
		if again := e.taking[id]; !again {
			delete(e.taking, id)
			e.mu.Unlock()
			return
		}
		e.taking[id], pause = false, 0
		e.mu.Unlock()
	}
}

// sleep waits for a while, or until the Engine is being closed.
func (e *Engine) sleep(pause time.Duration) {
	if pause <= 0 {
		return
	}
	if c := e.config.Clock; c != nil {
		_ = c.Sleep(e.ctx, pause) // it ends with the Engine
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.ctx.Done():
	}
}

// errNobodyAsks says that an execution is not loaded: all who asked had false tokens.
var errNobodyAsks = errors.New("runtime: no token is that of a task")

// enterMemory loads the execution and has its first turn. It runs with active set.
func (r *resident) enterMemory() {
	r.guard(nil, func() {
		err := r.load(r.engine.commits.ctx)
		if err == nil {
			r.engine.work.do(r.turn)
			return
		}
		if err != errNobodyAsks {
			r.refuse(err)
		}
		r.drop()
	})
}

// refuse replies to all mail that the execution cannot be loaded. If another process
// drives it, that process is asked.
func (r *resident) refuse(err error) {
	for _, m := range r.mail.take(nil) {
		switch {
		case m.reply == nil:
		case errors.Is(err, errElsewhere) && storedKinds[m.kind] != "":
			r.engine.relay(r.id, m)
		default:
			m.reply(err)
		}
	}
}

// load restores the execution from the store, and takes its tasks up again.
func (r *resident) load(ctx context.Context) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("runtime: the execution %s cannot be restored: panic: %v", r.id, value)
		}
	}()
	e := r.engine
	r.inbox.begin(e.leases.begun())
	stored, err := e.store.Load(ctx, r.id)
	if err != nil {
		return err
	}
	var header interp.Header
	if err := header.UnmarshalBinary(stored.State); err != nil {
		return fmt.Errorf("runtime: the execution %s: %w", r.id, err)
	}
	if !r.mail.genuine(header.Token) && len(stored.Messages) == 0 {
		return errNobodyAsks
	}
	if stored.Owner != "" && stored.Owner != e.config.Name {
		return errElsewhere
	}
	r.collect(stored)
	if err := r.restore(ctx, stored, header); err != nil {
		return fmt.Errorf("runtime: the execution %s: %w", r.id, err)
	}
	if err := r.showLoaded(ctx); err != nil {
		return fmt.Errorf("runtime: the execution %s: its history: %w", r.id, err)
	}
	return r.resume(ctx, stored)
}

// restore makes the execution of what is stored.
func (r *resident) restore(ctx context.Context, stored *store.Stored, header interp.Header) (err error) {
	e := r.engine
	program, frames, values, err := e.parts(ctx, stored, header)
	if err != nil {
		return err
	}
	r.program = program
	r.performers = performersOf(r.program, e.config.tasksOf(r.id), e.abilities())
	if r.x, err = r.program.Restore(header, frames, values, r.machine(header.Parent.Express)); err != nil {
		return err
	}
	r.record, r.revision = stored.Record, stored.Revision
	if header.Parent != (interp.Parent{}) {
		r.abroad().parent = header.Parent
	}
	r.equip()
	return nil
}

// parts returns the program of a stored execution, its frames and values.
func (e *Engine) parts(ctx context.Context, stored *store.Stored, header interp.Header) (*Program, []interp.Frame, []interp.FrameValue, error) {
	hash, _ := header.Definition()
	program, err := e.program(ctx, hash)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("its definition: %w", err)
	}
	frames, values, err := parseRows(stored)
	return program, frames, values, err
}

// resume takes up the tasks that are out.
func (r *resident) resume(ctx context.Context, stored *store.Stored) error {
	e := r.engine
	pending := r.x.Pending()
	for i := range pending.Open {
		r.mail.expect(pending.Open[i].ID)
		r.remember(&pending.Open[i])
	}
	r.serve(pending.Mapping)
	pending.Start = slices.DeleteFunc(pending.Start, r.offerLate)
	if len(pending.Start) == 0 || e.isClosing() {
		return nil
	}
	if stored.Owner == "" {
		if err := e.claim(ctx, stored); err != nil {
			return err
		}
	}
	if e.config.Recovery == FailRunning {
		pending.Start = slices.DeleteFunc(pending.Start, r.failInterrupted)
	}
	if !e.leased() {
		if err := r.regain(); err != nil {
			return fmt.Errorf("%w: %w", errRefused, err)
		}
	}
	for i := range pending.Start {
		r.x.Heartbeat(pending.Start[i].ID) // of a task that has none, it says nothing
	}
	r.startAll(pending.Start)
	return nil
}

// remember notes who does a task that is parked.
func (r *resident) remember(s *interp.StartTask) {
	switch {
	case r.offersIt(s.Index):
		r.abroad().offers[s.ID] = true
	case r.isNested(s.Index) && s.Task.Resource.Pattern == asl.Sync:
		child, _ := s.Submission.Get("ExecutionArn")
		r.abroad().children[s.ID], _ = child.AsString()
	}
}

// failInterrupted fails a task whose process has ended, and reports whether it does: the
// start of an execution is begun again, which starts none twice.
func (r *resident) failInterrupted(s interp.StartTask) bool {
	return !r.isNested(s.Index) && r.x.Fail(s.ID, interrupted, "The process that performed the task has ended.")
}

// offerLate offers a task to workers that was performed by an invoker before. It reports
// whether it does.
func (r *resident) offerLate(s interp.StartTask) bool {
	if !r.offersIt(s.Index) {
		return false
	}
	r.x.Parked(s.ID)
	r.abroad().unsent = append(r.abroad().unsent, r.offer(&s))
	return true
}

// claim makes an execution that nobody owns this process's own, before its tasks are
// performed: another process may want it as well.
func (e *Engine) claim(ctx context.Context, stored *store.Stored) error {
	refused, err := e.store.Commit(ctx, []store.Change{{
		By: e.config.Name, ID: stored.Record.Execution, From: stored.Revision, Revision: stored.Revision, Owner: e.config.Name,
	}})
	if err == nil && refused != nil {
		return fmt.Errorf("%w: %w", errRefused, refused[0])
	}
	return err
}
