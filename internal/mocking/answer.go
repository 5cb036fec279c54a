package mocking

import (
	"context"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Answer is what came of one attempt, in the order of the starts.
type Answer struct {
	State  string
	Mock   *Mock // nil: the task was performed really
	Output jsonvalue.Value
	Err    error
}

// perform does what the outcome of an attempt says.
func (s *session) perform(ctx context.Context, a *attempt) (jsonvalue.Value, error) {
	o, task := a.outcome, a.task
	s.beat(a)
	if o.Hangs {
		s.wait(a)
		s.goesOn(a)
		return s.submitted(a), hangs(task)
	}
	out, err := s.result(ctx, a)
	if err = s.checkResult(a, out, err); err == nil {
		out = a.enveloped(out)
	}
	s.mu.Lock()
	s.recorded = append(s.recorded, Answer{task.State, a.mock, out, err})
	s.mu.Unlock()
	switch {
	case task.Pattern == asl.WaitForTaskToken:
		s.answerLater(a, o.After, out, err)
		return s.submitted(a), nil
	case o.After > 0:
		s.goesOn(a)
		s.answerLater(a, o.After, out, err)
		return jsonvalue.Value{}, runtime.ErrPending
	case task.Pattern == asl.Sync:
		task.Submitted(s.submitted(a))
	}
	return out, err
}

// goesOn tells that a task is under way whose answer comes later.
func (s *session) goesOn(a *attempt) {
	switch a.task.Pattern {
	case asl.Sync:
		a.task.Submitted(s.submitted(a))
	case asl.Activity:
		_ = s.callbacks.Start(a.task.Token(), "")
	}
}

// hangs is what an invoker returns whose answer never comes.
func hangs(task *runtime.Task) error {
	if task.Pattern == asl.WaitForTaskToken {
		return nil
	}
	return runtime.ErrPending
}

// submitted is the response to the request of a task that goes on.
func (s *session) submitted(a *attempt) jsonvalue.Value {
	if a.outcome.Submits.IsNull() {
		return jsonvalue.Object()
	}
	return a.outcome.Submits
}

// result finds out what an attempt comes to. It takes no virtual time.
func (s *session) result(ctx context.Context, a *attempt) (jsonvalue.Value, error) {
	seen := a.task
	if a.call != nil {
		seen = a.call
	}
	switch o := a.outcome; {
	case o.Failure != nil:
		return jsonvalue.Value{}, o.Failure
	case o.Do != nil:
		defer s.watch(a.task)()
		return o.Do(ctx, seen)
	case o.Performer != nil:
		defer s.watch(a.task)()
		return o.Performer.InvokeTask(ctx, seen)
	default:
		return o.Result, nil
	}
}

// enveloped puts the result of a function into what lambda:invoke returns. The holder of
// a token answers without it.
func (a *attempt) enveloped(out jsonvalue.Value) jsonvalue.Value {
	if a.call == nil || a.task.Pattern == asl.WaitForTaskToken {
		return out
	}
	whole, err := runtime.Lambda(runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
		return out, nil
	})).InvokeTask(context.Background(), a.task)
	if err != nil {
		return out
	}
	return whole
}

// answerLater answers a task by its token. An answer at the instant of the attempt comes
// before the clock moves.
func (s *session) answerLater(a *attempt, after time.Duration, out jsonvalue.Value, failure error) {
	s.wait(a)
	token := a.task.Token()
	s.clock.AfterFunc(after, func() {
		s.close(a)
		if failure != nil {
			_ = s.callbacks.Fail(token, failure)
		} else {
			_ = s.callbacks.Succeed(token, out) // refused if the time of the task is over
		}
	})
}

// beat sends the heartbeats of an attempt until it is answered.
func (s *session) beat(a *attempt) {
	every := a.outcome.Heartbeats
	if every <= 0 {
		return
	}
	token := a.task.Token()
	var beat func()
	beat = func() {
		s.mu.Lock()
		over := a.answered
		s.mu.Unlock()
		if !over && s.callbacks.Heartbeat(token) == nil {
			s.clock.AfterFunc(every, beat)
		}
	}
	s.clock.AfterFunc(every, beat)
}

// wait notes that the answer to an attempt comes later.
func (s *session) wait(a *attempt) {
	s.mu.Lock()
	s.open = append(s.open, a)
	s.mu.Unlock()
}

func (s *session) close(a *attempt) {
	s.mu.Lock()
	a.answered = true
	s.mu.Unlock()
}
