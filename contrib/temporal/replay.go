package asltemporal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Replay runs an execution again by the history of one run of its workflow, and returns an error
// if this version would do anything else: start another task, hand it another input or another
// timeout, set a timer for another time, return another result, fail with another error or
// carry another state into the next run. The SDK compares types and ids alone.
//
// Replay is for tests, before a new version of this module or of the SDK is used: it needs
// no server. Of w it needs Definitions, for executions by hash, and DataConverter. Where one execution has a run
// that has not ended, Replay reads as far as its last workflow task that is complete.
func Replay(w *Worker, h *historypb.History) error {
	seen := new(watch)
	if err := w.replay(h, seen); err != nil {
		return err
	}
	c := comparison{converter: w.converter(), seen: seen}
	for _, e := range complete(h).Events {
		if err := c.event(e); err != nil {
			return fmt.Errorf("asltemporal: event %d: %w", e.GetEventId(), err)
		}
	}
	if n := len(c.seen.activities) + len(c.seen.jobs) + len(c.seen.children) + len(c.seen.timers) + len(c.seen.ends); n > 0 {
		return fmt.Errorf("asltemporal: the replay does %d things that the history does not have, and the first task is %q", n, c.first())
	}
	return nil
}

func (w *Worker) converter() converter.DataConverter {
	if w.DataConverter != nil {
		return w.DataConverter
	}
	return converter.GetDefaultDataConverter()
}

// replay runs a workflow again. A workflow that has had no workflow task yet does nothing.
func (w *Worker) replay(h *historypb.History, seen *watch) error {
	done := complete(h)
	if done == nil {
		return nil
	}
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: w.converter(), DisableDeadlockDetection: true})
	if err != nil {
		return err
	}
	r.RegisterDynamicWorkflow(func(ctx workflow.Context, args converter.EncodedValues) (converter.RawValue, error) {
		return w.run(ctx, args, seen)
	}, workflow.DynamicRegisterOptions{})
	begun := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
	return r.ReplayWorkflowHistoryWithOptions(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), done, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: begun.GetWorkflowId(), RunID: begun.GetOriginalExecutionRunId()},
	})
}

// complete returns a history up to the last workflow task that is complete, with what that has led to;
// nil: there is none.
func complete(h *historypb.History) *historypb.History {
	last := -1
	for i, e := range h.GetEvents() {
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	end := last + 1
	for end < len(h.Events) && isCommand(h.Events[end].GetEventType()) {
		end++
	}
	return &historypb.History{Events: h.Events[:end]}
}

// isCommand reports whether an event was made by a workflow task.
func isCommand(t enumspb.EventType) bool {
	switch t {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
		enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED, enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
		enumspb.EVENT_TYPE_TIMER_STARTED, enumspb.EVENT_TYPE_TIMER_CANCELED, enumspb.EVENT_TYPE_MARKER_RECORDED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return true
	}
	return false
}

// comparison holds a history to what a replay has done, in order.
type comparison struct {
	converter converter.DataConverter
	seen      *watch
}

// first returns the resource of the first task that is left.
func (c *comparison) first() string {
	if len(c.seen.activities) == 0 {
		return ""
	}
	return c.seen.activities[0].kind
}

func (c *comparison) event(e *historypb.HistoryEvent) error {
	switch e.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		return c.activity(e.GetActivityTaskScheduledEventAttributes())
	case enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
		return c.child(e.GetStartChildWorkflowExecutionInitiatedEventAttributes())
	case enumspb.EVENT_TYPE_TIMER_STARTED:
		return c.timer(e.GetTimerStartedEventAttributes())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		return c.completed(e.GetWorkflowExecutionCompletedEventAttributes())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		a := e.GetWorkflowExecutionFailedEventAttributes()
		return c.failed(temporal.GetDefaultFailureConverter().FailureToError(a.GetFailure()))
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		var end ending
		if err := c.converter.FromPayloads(e.GetWorkflowExecutionCanceledEventAttributes().GetDetails(), &end); err != nil {
			return err
		}
		return c.ended("", "", &end)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return c.continued(e.GetWorkflowExecutionContinuedAsNewEventAttributes())
	}
	return nil
}

// next takes the first of what the replay has done.
func next[T any](list *[]T, kind string) (first T, err error) {
	if len(*list) == 0 {
		return first, fmt.Errorf("the history has %s that the replay does not have", kind)
	}
	first = (*list)[0]
	*list = (*list)[1:]
	return first, nil
}

// differ says that something differs.
func differ(what string, history, replay any) error {
	return fmt.Errorf("%s: the history has %s, and the replay %s", what, brief(history), brief(replay))
}

// brief prints a value, or its beginning.
func brief(v any) string {
	const most = 300
	text := fmt.Sprint(v)
	if b, ok := v.([]byte); ok {
		text = string(b)
	}
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}

func (c *comparison) activity(a *historypb.ActivityTaskScheduledEventAttributes) error {
	switch a.GetActivityType().GetName() {
	case readActivity:
		return nil // what it returns is in the history
	case writeActivity, redriveActivity, collectActivity:
		return c.job(a)
	}
	got, err := next(&c.seen.activities, "a task")
	if err != nil {
		return err
	}
	var input converter.RawValue
	var what about
	if err := c.converter.FromPayloads(a.GetInput(), &input, &what); err != nil {
		return err
	}
	if what.RunsAs == "" {
		got.about.RunsAs = "" // it was not told from the beginning
	}
	where := fmt.Sprintf("task %s of state %q", a.GetActivityId(), what.State)
	switch o := &got.options; {
	case a.GetActivityId() != o.ActivityID || a.GetActivityType().GetName() != got.kind:
		return differ(where, a.GetActivityType().GetName(), got.kind+" "+o.ActivityID)
	case !bytes.Equal(input.Payload().GetData(), got.input):
		return differ(where+": input", input.Payload().GetData(), got.input)
	case what != got.about:
		return differ(where, what, got.about)
	case a.GetScheduleToCloseTimeout().AsDuration() != o.ScheduleToCloseTimeout && o.ScheduleToCloseTimeout != 0:
		return differ(where+": time", a.GetScheduleToCloseTimeout().AsDuration(), o.ScheduleToCloseTimeout)
	case a.GetStartToCloseTimeout().AsDuration() != o.StartToCloseTimeout && o.StartToCloseTimeout != 0:
		return differ(where+": time", a.GetStartToCloseTimeout().AsDuration(), o.StartToCloseTimeout)
	case what.Beats && a.GetHeartbeatTimeout().AsDuration() != o.HeartbeatTimeout:
		return differ(where+": time between heartbeats", a.GetHeartbeatTimeout().AsDuration(), o.HeartbeatTimeout)
	}
	return nil
}

// job compares an activity that works for a Map Run.
func (c *comparison) job(a *historypb.ActivityTaskScheduledEventAttributes) error {
	got, err := next(&c.seen.jobs, "an activity for a Map Run")
	if err != nil {
		return err
	}
	was := reflect.New(reflect.TypeOf(got.arg))
	if err := c.converter.FromPayloads(a.GetInput(), was.Interface()); err != nil {
		return err
	}
	if w, ok := was.Interface().(*writeResults); ok {
		is := got.arg.(writeResults)
		if err := sameState(w.Pending.state(), is.Pending.state()); err != nil {
			return err
		}
		w.Pending, is.Pending = w.Pending.stateless(), is.Pending.stateless()
		got.arg = is
	}
	if got.kind != a.GetActivityType().GetName() || !reflect.DeepEqual(was.Elem().Interface(), got.arg) {
		return differ(a.GetActivityType().GetName(), was.Elem().Interface(), got.arg)
	}
	return nil
}

func (in *start) state() []byte {
	if in == nil {
		return nil
	}
	return in.State
}

// stateless returns a start without its state.
func (in *start) stateless() *start {
	if in == nil {
		return nil
	}
	copied := *in
	copied.State = nil
	return &copied
}

func (c *comparison) child(a *historypb.StartChildWorkflowExecutionInitiatedEventAttributes) error {
	got, err := next(&c.seen.children, "a child")
	if err != nil {
		return err
	}
	var in start
	var input converter.RawValue
	if err := c.converter.FromPayloads(a.GetInput(), &in, &input); err != nil {
		return err
	}
	switch {
	case a.GetWorkflowId() != got.id:
		return differ("child", a.GetWorkflowId(), got.id)
	case !bytes.Equal(input.Payload().GetData(), got.input):
		return differ("input of child "+got.id, input.Payload().GetData(), got.input)
	case !reflect.DeepEqual(in, got.in):
		return differ("child "+got.id, in, got.in)
	}
	return nil
}

func (c *comparison) timer(a *historypb.TimerStartedEventAttributes) error {
	got, err := next(&c.seen.timers, "a timer")
	if err == nil && a.GetStartToFireTimeout().AsDuration() != got {
		err = differ("timer", a.GetStartToFireTimeout().AsDuration(), got)
	}
	return err
}

func (c *comparison) completed(a *historypb.WorkflowExecutionCompletedEventAttributes) error {
	got, err := next(&c.seen.ends, "a result")
	if err != nil {
		return err
	}
	var out converter.RawValue
	if err := c.converter.FromPayloads(a.GetResult(), &out); err != nil {
		return err
	}
	if got.output == nil || !bytes.Equal(got.output, out.Payload().GetData()) {
		return differ("result", out.Payload().GetData(), got.output)
	}
	return nil
}

func (c *comparison) failed(err error) error {
	var app *temporal.ApplicationError
	var end ending
	if !errors.As(err, &app) {
		return err
	}
	if app.Type() == inputError {
		return nil // there was no execution
	}
	if err := app.Details(&end); err != nil {
		return err
	}
	return c.ended(app.Type(), app.Message(), &end)
}

func (c *comparison) ended(name, cause string, end *ending) error {
	got, err := next(&c.seen.ends, "an error")
	if err != nil {
		return err
	}
	if got.end == nil || name != got.name || cause != got.cause {
		return differ("error", name+": "+cause, got.name+": "+got.cause)
	}
	if err := sameState(end.Frames, got.end.Frames); err != nil {
		return err
	}
	was, is := *end, *got.end
	was.Frames, is.Frames = nil, nil
	if !reflect.DeepEqual(was, is) {
		return differ("end", was, is)
	}
	return nil
}

func (c *comparison) continued(a *historypb.WorkflowExecutionContinuedAsNewEventAttributes) error {
	got, err := next(&c.seen.ends, "a new run")
	if err != nil {
		return err
	}
	var in start
	if err := c.converter.FromPayloads(a.GetInput(), &in); err != nil {
		return err
	}
	if got.next == nil {
		return errors.New("the history has a new run, and in the replay the execution ends")
	}
	if err := sameState(in.State, got.next.State); err != nil {
		return err
	}
	if was, is := in.stateless(), got.next.stateless(); !reflect.DeepEqual(was, is) {
		return differ("what the next run gets", *was, *is)
	}
	return nil
}

// sameState compares what states hold: how they are compressed may differ.
func sameState(history, replay []byte) error {
	if history == nil && replay == nil {
		return nil
	}
	was, err := unpacked(history)
	if err != nil {
		return err
	}
	is, err := unpacked(replay)
	if err != nil {
		return err
	}
	if !bytes.Equal(was, is) {
		return errors.New("the state that is carried on differs from that in the history")
	}
	return nil
}
