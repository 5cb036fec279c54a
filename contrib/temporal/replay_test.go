package asltemporal

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/durationpb"
)

// eventOf returns the first event of a type.
func eventOf(t *testing.T, h *historypb.History, kind enumspb.EventType) *historypb.HistoryEvent {
	t.Helper()
	for _, e := range h.Events {
		if e.GetEventType() == kind {
			return e
		}
	}
	t.Fatalf("the history has no event %v", kind)
	return nil
}

// edit changes the first argument of a workflow.
func edit(t *testing.T, h *historypb.History, change func(in *start)) {
	t.Helper()
	payloads := h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetInput().Payloads
	var in start
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(payloads[0], &in))
	change(&in)
	p, err := converter.GetDefaultDataConverter().ToPayload(&in)
	require.NoError(t, err)
	payloads[0] = p
}

func replaced(t *testing.T, text, old, with string) string {
	t.Helper()
	require.Contains(t, text, old)
	return string(bytes.ReplaceAll([]byte(text), []byte(old), []byte(with)))
}

// TestReplayIsStrict alters histories, or what stands for a release that makes something else of
// them. A release that breaks a rule of CONTRIBUTING.md looks like one of these.
func TestReplayIsStrict(t *testing.T) {
	for _, c := range []struct {
		file, says string
		alter      func(h *historypb.History)
	}{
		{"v1/Continues-0", "input: the history has", func(h *historypb.History) {
			p := eventOf(t, h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED).GetActivityTaskScheduledEventAttributes().Input.Payloads[0]
			p.Data = []byte(`{"n": 7}`)
		}},
		{"v1/Continues-0", "what the next run gets", func(h *historypb.History) { edit(t, h, func(in *start) { in.MaxHistory++ }) }},
		{"v1/Continues-1", "the state that is carried on differs", func(h *historypb.History) {
			a := eventOf(t, h, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW).GetWorkflowExecutionContinuedAsNewEventAttributes()
			var in start
			require.NoError(t, converter.GetDefaultDataConverter().FromPayload(a.Input.Payloads[0], &in))
			first := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
			a.Input.Payloads[0] = first.Input.Payloads[0]
		}},
		{"v1/Scenarios-Retry-0", "timer: the history has 2s", func(h *historypb.History) {
			eventOf(t, h, enumspb.EVENT_TYPE_TIMER_STARTED).GetTimerStartedEventAttributes().StartToFireTimeout = durationpb.New(2 * time.Second)
		}},
		{"v1/Scenarios-Retry-0", "error: the history has", func(h *historypb.History) {
			eventOf(t, h, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED).GetWorkflowExecutionFailedEventAttributes().Failure.Message = "another"
		}},
		{"v1/Scenarios-Map-0", "result: the history has", func(h *historypb.History) {
			edit(t, h, func(in *start) { in.Definition = replaced(t, in.Definition, "$.done", "$.else") })
		}},
		{"v1/Scenarios-Timeout-0", "time: the history has", func(h *historypb.History) {
			edit(t, h, func(in *start) {
				in.Definition = replaced(t, in.Definition, `"TimeoutSeconds": 1,`, `"TimeoutSeconds": 2,`)
			})
		}},
		{"v2/Distributed-WrittenOneRun-0", "statemill.write: the history has", func(h *historypb.History) {
			p := eventOf(t, h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED).GetActivityTaskScheduledEventAttributes().Input.Payloads[0]
			p.Data = []byte(replaced(t, string(p.Data), `"bucket":"b"`, `"bucket":"c"`))
		}},
		{"v1/Continues-0", "TMPRL1100", func(h *historypb.History) { // which the SDK finds itself
			edit(t, h, func(in *start) { in.Definition = replaced(t, in.Definition, `"Resource": "add"`, `"Resource": "sub"`) })
		}},
		{"v1/Order-0", "it needs a newer one", func(h *historypb.History) { edit(t, h, func(in *start) { in.Semantics = Semantics + 1 }) }},
	} {
		h := readHistory(t, "testdata/histories/"+c.file+".pb")
		require.NoError(t, Replay(new(Worker), h), c.file)
		c.alter(h)
		err := Replay(new(Worker), h)
		if assert.Error(t, err, "%s: %s", c.file, c.says) {
			assert.Contains(t, err.Error(), c.says, c.file)
		}
	}
}
