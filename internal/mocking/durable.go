package mocking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

// Answers takes answers by token. runtime.Callbacks does.
type Answers interface {
	Succeed(token string, output jsonvalue.Value) error
	Fail(token string, err error) error
	Heartbeat(token string) error
	Start(token, worker string) error
}

// awaitEnd waits for the end of an execution. The clock of an Engine does not know that nobody
// will answer, so this gives up after a real time in which nothing happened.
func (s *session) awaitEnd(ctx context.Context, engine *runtime.Engine, id string) (jsonvalue.Value, error) {
	patience := cmp.Or(s.run.Patience, longestWait)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(patience, func() { cancel(runtime.ErrStuck) })
	defer timer.Stop()
	out, err := engine.Wait(ctx, id)
	if errors.Is(context.Cause(ctx), runtime.ErrStuck) {
		return out, fmt.Errorf("%w: nothing happened for %v of real time", runtime.ErrStuck, patience)
	}
	return out, err
}

// engineAnswers takes them for an Engine.
type engineAnswers struct {
	engine *runtime.Engine
	ctx    context.Context
}

func (a engineAnswers) Succeed(token string, output jsonvalue.Value) error {
	return a.engine.SucceedTask(a.ctx, token, output)
}

func (a engineAnswers) Fail(token string, err error) error {
	return a.engine.FailTask(a.ctx, token, err)
}

func (a engineAnswers) Heartbeat(token string) error { return a.engine.HeartbeatTask(a.ctx, token) }

// Start does nothing: in an Engine, a task of an activity that is performed has begun.
func (a engineAnswers) Start(string, string) error { return nil }

// runDurably runs the execution by an Engine, whose clock stands still until all that
// happens from outside is planned.
func (s *session) runDurably(ctx context.Context, result *Result) {
	r := s.run
	var mu sync.Mutex
	engine, err := r.Engine(runtime.EngineConfig{
		Tasks: s, Clock: s.clock, Seed: r.Seed, Limits: r.Limits, Objects: r.Objects, Formats: r.Formats,
		Observe: func(e history.Event) {
			mu.Lock()
			defer mu.Unlock()
			result.History = append(result.History, e)
		},
		Reach: func(execution string, point int, visit int64) {
			mu.Lock()
			defer mu.Unlock()
			s.reach(result, execution, point, visit)
		},
	})
	if err != nil {
		result.Err = err
		return
	}
	s.callbacks = engineAnswers{engine, ctx}
	held, release := s.clock.Hold(ctx)
	record, err := engine.Start(held, r.Program, r.Identity, r.Input, nil)
	if err == nil {
		s.stop = func(name, cause string) { _, _ = engine.Stop(ctx, record.Execution, name, cause) }
		s.plan()
		result.Output, err = s.awaitEnd(held, engine, record.Execution)
	}
	release()
	result.Err = err
	if closed := engine.Close(context.WithoutCancel(ctx)); result.Err == nil {
		result.Err = closed
	}
	mu.Lock()
	defer mu.Unlock()
	if n := len(result.History); n > 0 {
		result.Elapsed = result.History[n-1].Time.Sub(r.Start)
	}
}
