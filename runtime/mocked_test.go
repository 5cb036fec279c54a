package runtime_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// mocked performs tasks as a Performer says, by sleeping.
type mocked struct {
	perform   replay.Performer
	callbacks *runtime.Callbacks
	clock     *runtime.VirtualClock // nil: the time of the system
	others    sync.WaitGroup        // those who answer by token
}

// deed is something that a mocked task does at an instant.
type deed struct {
	after time.Duration
	do    func()
}

// InvokeTask implements runtime.TaskInvoker.
func (m *mocked) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	_, text, _ := strings.Cut(task.ID(), "#")
	id, err := interp.ParseTaskID(text)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	made := &asl.Task{Resource: asl.Resource{Pattern: task.Pattern}}
	a := m.perform(&interp.StartTask{ID: id, Task: made, Input: task.Input})
	if task.Pattern == asl.WaitForTaskToken && m.clock == nil {
		return m.handOut(ctx, task, &a)
	}
	passed, err := m.work(ctx, m.deeds(task, &a), 0)
	if err == nil {
		err = m.rest(ctx, &a, passed)
	}
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case task.Pattern == asl.WaitForTaskToken:
		m.answer(task, &a)
		return jsonvalue.Value{}, runtime.ErrPending
	case a.Err != nil:
		return jsonvalue.Value{}, a.Err
	}
	return a.Output, nil
}

// handOut returns what the service says to the request; somebody else answers.
func (m *mocked) handOut(ctx context.Context, task *runtime.Task, a *replay.Answer) (jsonvalue.Value, error) {
	if err := m.sleep(ctx, a.SubmittedAfter); err != nil {
		return jsonvalue.Value{}, err
	}
	m.others.Go(func() {
		later := slices.DeleteFunc(m.deeds(task, a), func(d deed) bool { return d.after == a.SubmittedAfter })
		passed, err := m.work(context.Background(), later, a.SubmittedAfter)
		if err == nil && !a.Never && m.rest(context.Background(), a, passed) == nil {
			m.answer(task, a)
		}
	})
	return *a.Submitted, nil
}

func (m *mocked) answer(task *runtime.Task, a *replay.Answer) {
	if a.Err != nil {
		_ = m.callbacks.Fail(task.Token(), a.Err)
	} else {
		_ = m.callbacks.Succeed(task.Token(), a.Output)
	}
}

// deeds returns what a task does before it ends, in order.
func (m *mocked) deeds(task *runtime.Task, a *replay.Answer) []deed {
	var all []deed
	if a.Worker != nil {
		all = append(all, deed{a.StartedAfter, func() { _ = m.callbacks.Start(task.Token(), *a.Worker) }})
	}
	if a.Submitted != nil {
		all = append(all, deed{a.SubmittedAfter, func() { task.Submitted(*a.Submitted) }})
	}
	for _, after := range a.Beats {
		all = append(all, deed{after, task.Heartbeat})
	}
	slices.SortFunc(all, func(x, y deed) int { return cmp.Compare(x.after, y.after) })
	return all
}

// work does the deeds, and tells how much time has passed.
func (m *mocked) work(ctx context.Context, all []deed, passed time.Duration) (time.Duration, error) {
	for _, d := range all {
		if err := m.sleep(ctx, d.after-passed); err != nil {
			return passed, err
		}
		d.do()
		passed = d.after
	}
	return passed, nil
}

// rest waits for the end of the task, which may never come.
func (m *mocked) rest(ctx context.Context, a *replay.Answer, passed time.Duration) error {
	if a.Never {
		return m.sleep(ctx, 100*365*24*time.Hour)
	}
	return m.sleep(ctx, a.After-passed)
}

func (m *mocked) sleep(ctx context.Context, d time.Duration) error {
	if m.clock != nil {
		return m.clock.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
