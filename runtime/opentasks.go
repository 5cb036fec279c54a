package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// OpenTask is a task that waits for an answer by token.
type OpenTask struct {
	Execution string
	State     string
	Resource  string          // of the activity or service, as the definition has it
	Token     string          // for SucceedTask, FailTask and HeartbeatTask
	Input     jsonvalue.Value // of the task

	Since    time.Time // when it was scheduled
	Deadline time.Time // of TimeoutSeconds; zero: none, or no worker has begun it
}

// OpenTasks returns the tasks that wait for an answer by token, of the executions that a Query
// asks for. They are the tasks of activities, those with the pattern asl.WaitForTaskToken
// whose request has been made, and those whose TaskInvoker returned ErrPending. A task that
// waits for a slot (Limits.InFlight) is not one of them. OpenTasks reads what is stored: a
// task may be answered before OpenTasks returns.
func (e *Engine) OpenTasks(ctx context.Context, q store.Query) ([]OpenTask, error) {
	records, err := e.store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	var open []OpenTask
	for i := range records {
		if records[i].Status != interp.Running {
			continue
		}
		found, err := e.openTasks(ctx, records[i].Execution)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		open = append(open, found...)
	}
	return open, nil
}

// openTasks returns those of one execution.
func (e *Engine) openTasks(ctx context.Context, id string) ([]OpenTask, error) {
	stored, err := e.store.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	var header interp.Header
	if err := header.UnmarshalBinary(stored.State); err != nil {
		return nil, fmt.Errorf("runtime: the execution %s: %w", id, err)
	}
	program, frames, values, err := e.parts(ctx, stored, header)
	if err != nil {
		return nil, fmt.Errorf("runtime: the execution %s: %w", id, err)
	}
	x, err := program.Restore(header, frames, values, interp.Config{Limits: e.config.Limits})
	if err != nil {
		return nil, fmt.Errorf("runtime: the execution %s: %w", id, err)
	}
	return e.describeOpen(ctx, x.Pending().Open, header)
}

// describeOpen tells of tasks that are out.
func (e *Engine) describeOpen(ctx context.Context, tasks []interp.StartTask, header interp.Header) ([]OpenTask, error) {
	id := header.Execution
	var open []OpenTask
	var events []int64
	for i := range tasks {
		s := &tasks[i]
		if s.Task.Resource.Pattern == asl.Sync && !s.Submission.IsNull() {
			continue // a job has it, or an execution
		}
		events = append(events, s.Event)
		open = append(open, OpenTask{
			Execution: id, State: s.Task.Name, Resource: s.Task.Resource.Text, Token: header.Token(s.ID), Input: s.Input, Deadline: s.Deadline,
		})
	}
	return open, e.tellSince(ctx, id, open, events)
}

// tellSince fills in when tasks were scheduled, which their events tell.
func (e *Engine) tellSince(ctx context.Context, id string, open []OpenTask, events []int64) error {
	const page = 1000
	at := make(map[int64]*OpenTask, len(open))
	after, last := int64(-1), int64(0)
	for i, event := range events {
		at[event] = &open[i]
		if last = max(last, event); after < 0 || event <= after {
			after = event - 1
		}
	}
	for after >= 0 && after < last {
		found, err := e.History(ctx, id, after, page)
		if err != nil || len(found) == 0 {
			return err
		}
		for i := range found {
			if task := at[found[i].ID]; task != nil {
				task.Since = found[i].Time
			}
		}
		after = found[len(found)-1].ID
	}
	return nil
}
