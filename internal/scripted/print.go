package scripted

import (
	"fmt"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Printed is the form of outcomes and histories in the files.
func Printed(status string, output jsonvalue.Value, name, cause string, history []history.Event) string {
	var b strings.Builder
	if status == string(interp.Succeeded) {
		fmt.Fprintf(&b, "%s %s\n", status, output)
	} else {
		fmt.Fprintf(&b, "%s %q %q\n", status, name, cause)
	}
	for i := range history {
		e := &history[i]
		fmt.Fprintf(&b, "%d<-%d %s%s\n", e.ID, e.PreviousID, e.Type, detailsOf(e))
	}
	return b.String()
}

func detailsOf(e *history.Event) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, " "+format, args...) }
	if e.Name != "" {
		say("%s", e.Name)
	}
	if strings.HasPrefix(e.Type, "MapIteration") {
		say("[%d]", e.Index)
	}
	switch {
	case strings.HasSuffix(e.Type, "Entered"), strings.HasSuffix(e.Type, "Scheduled") && e.ResourceType == "", e.Type == "ExecutionStarted":
		say("%s", short(e.Input))
	case strings.HasSuffix(e.Type, "Exited"), strings.HasSuffix(e.Type, "Succeeded"), e.Type == "TaskSubmitted":
		if !e.Output.IsNull() {
			say("%s", short(e.Output))
		}
	case e.Type == "TaskScheduled":
		say("%s %s %s", e.ResourceType, e.Resource, short(e.Parameters))
	case e.Type == "MapStateStarted":
		say("%d", e.Length)
	}
	if e.Variables.Len() > 0 {
		say("assigns %s", e.Variables)
	}
	if e.WorkerName != "" {
		say("by %s", e.WorkerName)
	}
	if e.TimeoutSeconds+e.HeartbeatSeconds > 0 {
		say("timeout %d heartbeat %d", e.TimeoutSeconds, e.HeartbeatSeconds)
	}
	if e.HasError || e.HasCause {
		say("%q %q", e.Error, e.Cause)
	}
	if e.Location != "" {
		say("at %s", e.Location)
	}
	return b.String()
}

func short(v jsonvalue.Value) string {
	s := v.String()
	if len(s) > 500 {
		return fmt.Sprintf("(%d bytes)", len(s))
	}
	return s
}
