package mocking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Answer is what came of one attempt, in the order of the starts.
type Answer struct {
	State   string
	Mock    *Mock // nil: the task was performed really
	Input   jsonvalue.Value
	Outcome Outcome // with a Result, a Failure or Hangs
}

// record keeps what came of an attempt, so that the run can be repeated without the
// functions that performed it.
func (s *session) record(a *attempt, out jsonvalue.Value, failure error) {
	o := Outcome{Result: out, Function: a.call != nil, Times: 1}
	if a.outcome != nil {
		o.Hangs, o.After, o.Heartbeats, o.Submits = a.outcome.Hangs, a.outcome.After, a.outcome.Heartbeats, a.outcome.Submits
	}
	if failure != nil {
		o.Failure = failureOf(failure)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorded[a.index] = Answer{a.task.State, a.mock, a.input(), o}
}

// failureOf returns the name and the cause with which an error fails a task.
func failureOf(err error) *runtime.TaskError {
	var named *runtime.TaskError
	if errors.As(err, &named) && named != nil {
		return &runtime.TaskError{Name: named.Name, Cause: named.Cause}
	}
	return &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: err.Error()}
}

// perform does what the outcome of an attempt says.
func (s *session) perform(ctx context.Context, a *attempt) (jsonvalue.Value, error) {
	o, task := a.outcome, a.task
	s.beat(a)
	if o.Hangs {
		s.record(a, jsonvalue.Value{}, nil)
		s.wait(a)
		s.goesOn(a)
		return s.submitted(a), hangs(task)
	}
	out, err := s.result(ctx, a)
	s.record(a, out, err)
	if err = s.checkResult(a, out, err); err == nil {
		out = a.enveloped(out)
	}
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
		if s.run.Bounded && s.clock != nil && !seen.Deadline.IsZero() {
			return s.bounded(ctx, seen, o.Performer)
		}
		return o.Performer.InvokeTask(ctx, seen)
	default:
		return o.Result, nil
	}
}

// bounded performs a task that has as much real time as it has virtual time. If that is not
// enough, the virtual time passes, too, so that the machine says States.Timeout.
func (s *session) bounded(ctx context.Context, task *runtime.Task, performer runtime.TaskInvoker) (jsonvalue.Value, error) {
	left := task.Deadline.Sub(s.clock.Now())
	inTime, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	out, err := performer.InvokeTask(inTime, task)
	if inTime.Err() != nil && ctx.Err() == nil {
		return out, s.clock.Sleep(ctx, left)
	}
	return out, err
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
	s.after(after, func() {
		s.close(a)
		if failure != nil {
			_ = s.callbacks.Fail(token, failure)
		} else {
			_ = s.callbacks.Succeed(token, out) // refused if the time of the task is over
		}
	})
}

// mostBeats bounds the heartbeats of one attempt: no other bound ends those of a task that
// has no timeout and no answer.
const mostBeats = 200_000

// beat sends the heartbeats of an attempt until it is answered.
func (s *session) beat(a *attempt) {
	every := a.outcome.Heartbeats
	if every <= 0 {
		return
	}
	token, left := a.task.Token(), mostBeats
	var beat func()
	beat = func() {
		s.mu.Lock()
		over := a.answered
		if left--; !over && left < 0 {
			over = true
			s.problems = append(s.problems, Problem{a.mock.At, fmt.Sprintf(
				"state %q has no answer after %d heartbeats, one each %v", a.task.State, mostBeats, every)})
		}
		s.mu.Unlock()
		if !over && s.callbacks.Heartbeat(token) == nil {
			s.after(every, beat)
		}
	}
	s.after(every, beat)
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
