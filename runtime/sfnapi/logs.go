package sfnapi

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// LogRecord is what an execution writes to its log group: an event that the level of the
// loggingConfiguration lets through, without data unless includeExecutionData is true.
type LogRecord struct {
	Group        string // the ARN of the log group, as the state machine names it
	Event        history.Event
	RedriveCount int // of the execution
}

// MarshalJSON returns the text that CloudWatch Logs gets: all members but details are texts
// (recorded).
func (r LogRecord) MarshalJSON() ([]byte, error) {
	e := &r.Event
	return jsonvalue.Object(
		jsonvalue.Member{Name: "id", Value: text(strconv.FormatInt(e.ID, 10))},
		jsonvalue.Member{Name: "type", Value: text(e.Type)},
		jsonvalue.Member{Name: "details", Value: e.Details()},
		jsonvalue.Member{Name: "previous_event_id", Value: text(strconv.FormatInt(e.PreviousID, 10))},
		jsonvalue.Member{Name: "event_timestamp", Value: text(strconv.FormatInt(e.Time.UnixMilli(), 10))},
		jsonvalue.Member{Name: "execution_arn", Value: text(e.Execution)},
		jsonvalue.Member{Name: "redrive_count", Value: text(strconv.Itoa(r.RedriveCount))},
	).MarshalJSON()
}

// lets reports whether a record is made of an event.
func (l *loggingConfiguration) lets(e *history.Event) bool {
	switch l.Level {
	case "ALL":
		return true
	case "ERROR":
		return e.Failure() || e.Type == "FailStateEntered"
	case "FATAL":
		return e.Failure() && strings.HasPrefix(e.Type, "Execution")
	}
	return false
}

// logs reports whether anything is to be logged.
func (l *loggingConfiguration) logs() bool { return l.Level != "" && l.Level != "OFF" }

// committed logs the events of a commit. What is to be logged is in the meta of the
// execution, as it was when the execution began.
func (h *Handler) committed(r store.Record, events []history.Event) {
	if user := h.config.Engine.Committed; user != nil {
		h.guard("Committed", func() { user(r, events) })
	}
	if !bytes.Contains(r.Meta, []byte(`"logging"`)) { // most executions log nothing
		return
	}
	notes, err := metaOf(&r)
	if err != nil || notes.Logging == nil {
		h.log(slog.LevelError, "an execution cannot be logged", "execution", r.Execution, "error", err)
		return
	}
	h.record(notes.Logging, r.Redrives, events...)
}

// record hands out the records of events.
func (h *Handler) record(l *loggingConfiguration, redrives int, events ...history.Event) {
	if !l.logs() || len(l.Destinations) == 0 {
		return
	}
	for _, e := range events {
		if !l.lets(&e) {
			continue
		}
		if !l.IncludeExecutionData {
			e = e.Redacted()
		}
		r := LogRecord{Group: l.Destinations[0].Group.ARN, Event: e, RedriveCount: redrives}
		if h.config.Log != nil {
			h.guard("Log", func() { h.config.Log(r) })
			continue
		}
		h.logRecord(&r)
	}
}

// logRecord writes a record to the Logger.
func (h *Handler) logRecord(r *LogRecord) {
	logger, level, e := h.config.Engine.Logger, slog.LevelInfo, &r.Event
	if e.Failure() {
		level = slog.LevelError
	}
	if logger == nil || !logger.Enabled(context.Background(), level) {
		return
	}
	logger.Log(context.Background(), level, "event", "group", r.Group, "execution", e.Execution, "id", e.ID, "type", e.Type,
		"details", e.Details().String(), "previous", e.PreviousID, "redrives", r.RedriveCount)
}
