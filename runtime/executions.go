package runtime

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// Executions are kept somewhere and outlive their caller. An [Engine] has them in a
// store.
type Executions interface {
	Start(ctx context.Context, p *Program, who Identity, input jsonvalue.Value, meta []byte) (store.Record, error)
	Wait(ctx context.Context, id string) (jsonvalue.Value, error)
	Describe(ctx context.Context, id string) (store.Record, error)
	List(ctx context.Context, q store.Query) ([]store.Record, error)
	History(ctx context.Context, id string, after int64, limit int) ([]history.Event, error)
	SucceedTask(ctx context.Context, token string, output jsonvalue.Value) error
	FailTask(ctx context.Context, token string, taskErr error) error
	HeartbeatTask(ctx context.Context, token string) error
	Stop(ctx context.Context, id, name, cause string) (stopped time.Time, err error)
	Redrive(ctx context.Context, id string, meta []byte) (store.Record, error)
}

var _ Executions = (*Engine)(nil)

// Start begins an execution and returns when that is durable. The id of the execution
// is Record.Execution. Fields of who that are empty are filled in: ExecutionName from the
// time, and Execution, an ARN, from the names of the machine and of the execution. Names are
// not checked against the rules of AWS.
//
// If the id is taken, Start returns the record of that execution if it is the same one: it
// runs, and its definition and input are equal. Otherwise the error is store.ErrExists.
// meta is kept with the record and means nothing here.
//
// A program is refused before its first state as Runner.Run refuses it, but may wait
// for answers by token, have tasks for workers of activities and start executions.
func (e *Engine) Start(ctx context.Context, p *Program, who Identity, input jsonvalue.Value, meta []byte) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	leave, err := e.enterFrom(ctx)
	if err != nil {
		return store.Record{}, err
	}
	defer leave()
	for {
		r, err := e.newExecution(p, who, input, meta, nil)
		if err != nil {
			return store.Record{}, err
		}
		record := r.record // later turns change it
		err = r.create(ctx)
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, ErrLost) {
			return record, err
		}
		found, err := e.existing(ctx, &record)
		if !errors.Is(err, store.ErrNotFound) {
			return found, err
		}
		// The one that had the name was deleted meanwhile.
	}
}

// newExecution makes an execution that begins with its first turn. The task by starts it;
// nil: a user does.
func (e *Engine) newExecution(p *Program, who Identity, input jsonvalue.Value, meta []byte, by *Task) (*resident, error) {
	if p == nil || p.StateMachine() == nil {
		return nil, errNoProgram
	}
	seed := e.config.Seed
	if seed == (Seed{}) {
		if _, err := rand.Read(seed[:]); err != nil {
			return nil, err
		}
	}
	if who.ExecutionName == "" {
		who.ExecutionName = timeName(e.now(), seed)
	}
	completeIdentity(&who, seed, Standard)
	performers, err := prepare(p, e.config.tasksOf(who.Execution), e.abilities())
	if err != nil {
		return nil, err
	}
	r := &resident{engine: e, id: who.Execution, program: p}
	r.mail.driver, r.performers = r, performers
	header := interp.Header{Identity: who, Seed: seed}
	r.record = store.Record{
		Identity: who, Status: interp.Running, Definition: p.Hash(), InputHash: sha256.Sum256(input.AppendJSON(nil)),
		Input: input, Start: e.now(), Meta: meta,
	}
	if by != nil {
		r.record.Parent = by.ID()
	}
	if by != nil && by.Pattern == asl.Sync {
		header.Parent = interp.Parent{Execution: by.Execution, Task: by.id}
		r.abroad().parent = header.Parent
	}
	r.x = p.New(header, r.machine(false))
	r.x.Begin(input)
	r.created = &creation{record: r.record, by: by}
	e.mu.Lock()
	if e.programs[p.Hash()] == nil {
		r.created.definition = p.StateMachine().Source()
	}
	e.mu.Unlock()
	r.equip()
	return r, nil
}

// create has the first turn, and waits until it is durable.
func (r *resident) create(ctx context.Context) error {
	e := r.engine
	first := look()
	replied := e.await(&first)
	r.active = true
	r.mail.post(first)
	for {
		e.mu.Lock()
		if e.resident[r.id] == nil {
			e.resident[r.id] = r
			e.mu.Unlock()
			e.work.do(r.turn)
			return replied.outcome(ctx)
		}
		e.mu.Unlock()
		err := e.ask(ctx, r.id, look()) // it may be under way to the store
		switch {
		case errors.Is(err, store.ErrNotFound): // it did not get there
		case err == nil || errors.Is(err, ErrLost):
			return store.ErrExists
		default:
			return err
		}
	}
}

// existing returns the record of the execution that has the name, if it is the same.
func (e *Engine) existing(ctx context.Context, asked *store.Record) (store.Record, error) {
	have, err := e.Describe(ctx, asked.Execution)
	if err != nil {
		return have, err
	}
	if sameStart(&have, asked) {
		return have, nil
	}
	return store.Record{}, fmt.Errorf("%w: %s", store.ErrExists, asked.Execution)
}

// sameStart reports whether an execution that is there is the one that was asked for.
func sameStart(have, asked *store.Record) bool {
	return have.Status == interp.Running && have.Definition == asked.Definition && have.InputHash == asked.InputHash
}

// timeName returns a UUID of version 7: names that are made one after the other stand
// beside each other in an index.
func timeName(now time.Time, seed Seed) string {
	var b [16]byte
	sum := sha256.Sum256(append([]byte("name"), seed[:]...))
	copy(b[:], sum[:])
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(sum[:2])))
	return uuid.Format(b, 7)
}

// Wait waits for the end of an execution and returns its output, or an
// [ExecutionError], whose Err is nil. Another process may end the execution. If ctx ends
// first, Wait returns its cause, and the execution goes on. If the Engine is closed before
// the end, the error is ErrClosed.
func (e *Engine) Wait(ctx context.Context, id string) (jsonvalue.Value, error) {
	over := make(chan store.Record, 1)
	var rest rests
	if e.counted(ctx) {
		rest = restsOn(e.config.Clock)
	}
	here := e.listen(id, over, rest.wake)
	defer e.unlisten(id, over)
	rest.begin()
	defer rest.end()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		if !here { // another process may have it
			record, err := e.Describe(ctx, id)
			if err != nil || record.Status != interp.Running {
				return e.resultOf(ctx, &record, err)
			}
		}
		timer.Reset(pause)
		select {
		case record := <-over:
			return e.resultOf(ctx, &record, nil)
		case <-timer.C:
			here = e.has(id)
		case <-ctx.Done():
			return jsonvalue.Value{}, context.Cause(ctx)
		case <-e.ctx.Done():
			return e.resultAtClose(ctx, id)
		}
	}
}

// has reports whether an execution is in memory here: then it tells of its end.
func (e *Engine) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.resident[id] != nil
}

// resultAtClose returns the result of an execution if it is over when the Engine is closed.
func (e *Engine) resultAtClose(ctx context.Context, id string) (jsonvalue.Value, error) {
	record, err := e.Describe(ctx, id)
	if err == nil && record.Status == interp.Running {
		err = ErrClosed
	}
	return e.resultOf(ctx, &record, err)
}

// resultOf returns what Wait returns when an execution is over.
func (e *Engine) resultOf(ctx context.Context, r *store.Record, err error) (jsonvalue.Value, error) {
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case r.Status == interp.Succeeded:
		return r.Output, nil
	}
	failed := &ExecutionError{Status: r.Status, Name: r.Error, Cause: r.Cause, State: r.FailedState, Path: r.FailedPath}
	if p, err := e.program(ctx, r.Definition); err == nil && failed.State != "" {
		failed.locate(p.StateMachine())
	}
	return jsonvalue.Value{}, failed
}

// listen makes over get the record when the execution ends in this process, and
// reports whether it is in memory here.
func (e *Engine) listen(id string, over chan store.Record, wake func()) (here bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiters[id] == nil {
		e.waiters[id] = make(map[chan store.Record]func())
	}
	e.waiters[id][over] = wake
	return e.resident[id] != nil
}

func (e *Engine) unlisten(id string, over chan store.Record) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.waiters[id], over)
	if len(e.waiters[id]) == 0 {
		delete(e.waiters, id)
	}
}

// over tells those who wait that an execution has ended.
func (e *Engine) over(record *store.Record) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for over, wake := range e.waiters[record.Execution] {
		wake()
		select {
		case over <- *record:
		default: // it has been told
		}
	}
}

// Describe returns the record of an execution, as it is stored, or store.ErrNotFound.
func (e *Engine) Describe(ctx context.Context, id string) (store.Record, error) {
	found, err := e.store.List(ctx, store.Query{ID: id})
	if err != nil {
		return store.Record{}, naming(id, err)
	}
	if len(found) == 0 {
		return store.Record{}, naming(id, store.ErrNotFound)
	}
	return found[0], nil
}

// naming adds to store.ErrNotFound the name of the execution that is not there.
func naming(id string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return fmt.Errorf("execution %q: %w", id, err)
}

// List returns records, without Input and Output, newest first.
func (e *Engine) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	return e.store.List(ctx, q)
}

// Stop ends an execution with the status ABORTED, and returns the time at which it ended. An
// execution that is over stays as it is, and Stop returns the time of its end.
func (e *Engine) Stop(ctx context.Context, id, name, cause string) (stopped time.Time, err error) {
	err = e.send(ctx, id, message{kind: aborted, name: name, cause: cause})
	if err != nil && !errors.Is(err, ErrTaskOver) {
		return time.Time{}, err
	}
	record, err := e.Describe(ctx, id)
	return record.Stop, err
}

// Redrive goes on with an execution that ended without success, at the states that
// did not succeed. meta, if it is not nil, replaces that of Start in the same commit. The
// error may be ErrNotRedrivable.
func (e *Engine) Redrive(ctx context.Context, id string, meta []byte) (store.Record, error) {
	err := e.send(ctx, id, message{kind: redriven, meta: meta})
	if errors.Is(err, ErrTaskOver) {
		err = ErrNotRedrivable
	}
	if err != nil {
		return store.Record{}, err
	}
	return e.Describe(ctx, id)
}

// Condemn makes an execution fail at its next transition, with States.Runtime and a
// cause: its state machine was deleted.
func (e *Engine) Condemn(ctx context.Context, id, cause string) error {
	err := e.send(ctx, id, message{kind: condemned, cause: cause})
	if errors.Is(err, ErrTaskOver) {
		return nil // it is over
	}
	return err
}

// SucceedTask answers a task with its result. It returns nil when the answer is
// durable. The errors are those of Callbacks.Succeed. If ctx ends first, it is not known
// whether the answer counts.
func (e *Engine) SucceedTask(ctx context.Context, token string, output jsonvalue.Value) error {
	return e.answer(ctx, token, message{kind: answered, output: output})
}

// FailTask answers a task with an error, as Callbacks.Fail does.
func (e *Engine) FailTask(ctx context.Context, token string, taskErr error) error {
	if taskErr == nil {
		taskErr = &TaskError{}
	}
	return e.answer(ctx, token, message{kind: answered, err: taskErr})
}

// HeartbeatTask tells that the task is alive.
func (e *Engine) HeartbeatTask(ctx context.Context, token string) error {
	return e.answer(ctx, token, message{kind: heartbeat})
}

// answer takes a message to the task of a token, and waits until it is durable.
func (e *Engine) answer(ctx context.Context, token string, m message) error {
	id, task, err := interp.ParseToken(token)
	if err != nil {
		return ErrInvalidToken
	}
	m.task, m.token = task, token
	err = e.send(ctx, id, m)
	if errors.Is(err, store.ErrNotFound) {
		err = ErrTaskOver
	}
	return err
}

// send asks an execution on behalf of a user. What another process was quicker with is
// asked again.
func (e *Engine) send(ctx context.Context, id string, m message) error {
	leave, err := e.enterFrom(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for {
		err := e.ask(ctx, id, m)
		if !errors.Is(err, errRefused) {
			return naming(id, err)
		}
	}
}

// ask takes a message to an execution, and waits until it is durable.
func (e *Engine) ask(ctx context.Context, id string, m message) error {
	replied := e.await(&m)
	e.post(id, m)
	return replied.outcome(ctx)
}

// replied waits for the reply to a message.
type replied struct {
	rests
	with chan error
}

// await gives a message a reply. The first one counts.
func (e *Engine) await(m *message) *replied {
	r := &replied{with: make(chan error, 1)}
	if e.config.Clock != nil {
		r.rests = restsOn(e.config.Clock)
	}
	m.reply = func(err error) {
		r.wake() // who is told too early would not wait for its turn
		select {
		case r.with <- err:
		default:
		}
	}
	return r
}

func (r *replied) outcome(ctx context.Context) error {
	r.begin()
	defer r.end()
	select {
	case err := <-r.with:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enterFrom counts a call that the Engine waits for when it is closed. One that a task makes is counted
// for the virtual clock already.
func (e *Engine) enterFrom(ctx context.Context) (leave func(), err error) {
	err = e.enter()
	if err == nil && e.counted(ctx) {
		e.config.Clock.part()
		return e.work.end, nil
	}
	return e.work.leave, err
}

func (e *Engine) enter() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return ErrClosed
	}
	e.work.enter()
	return nil
}
