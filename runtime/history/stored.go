package history

import (
	"fmt"
	"time"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
)

// storedVersion is the first byte of the stored form of events.
const storedVersion = 1

// AppendEvents appends the stored form of events that follow each other. It is
// compact: a text that occurs again, as the output of one state and the input of
// the next, is stored once. The form is versioned, and every later version reads
// it. Execution is not part of it.
func AppendEvents(dst []byte, events []Event) []byte {
	w := writer{dst: append(dst, storedVersion), texts: make(map[string]uint64)}
	if len(events) > 0 {
		w.number(events[0].ID)
		w.number(events[0].Time.UnixMilli())
		w.at = events[0].Time.UnixMilli()
	}
	for i := range events {
		w.event(&events[i])
	}
	return w.dst
}

// ParseEvents reads the stored form. execution becomes the Execution of the
// events. The error says at which event the data makes no sense.
func ParseEvents(data []byte, execution string) ([]Event, error) {
	r := reader{Reader: wire.NewReader(data)}
	if version := r.Byte(); version != storedVersion {
		return nil, fmt.Errorf("history: events are stored in form %d, which this version does not know", version)
	}
	if !r.More() {
		return nil, r.Err()
	}
	id := r.Int()
	r.at = r.Int()
	var events []Event
	for ; r.More() && r.err == nil; id++ {
		e := Event{ID: id, Execution: execution}
		r.event(&e)
		events = append(events, e)
	}
	if err := r.End(); err != nil || r.err != nil {
		return nil, fmt.Errorf("history: stored event %d: %w", id-1, firstError(err, r.err))
	}
	return events, nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// types are the types of events by the number under which they are stored. A new
// type comes at the end; one that is missing is stored by its name.
var types = []string{
	"", "ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut", "ExecutionRedriven",
	"PassStateEntered", "PassStateExited", "TaskStateEntered", "TaskStateExited", "ChoiceStateEntered", "ChoiceStateExited",
	"WaitStateEntered", "WaitStateExited", "SucceedStateEntered", "SucceedStateExited", "FailStateEntered",
	"ParallelStateEntered", "ParallelStateExited", "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateAborted",
	"MapStateEntered", "MapStateExited", "MapStateStarted", "MapStateSucceeded", "MapStateFailed", "MapStateAborted",
	"MapIterationStarted", "MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted",
	"TaskStateAborted", "WaitStateAborted",
	"TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed",
	"LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut",
	"LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed",
	"ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "ActivityFailed", "ActivityTimedOut", "ActivityScheduleFailed",
	"EvaluationFailed", "MapRunStarted", "MapRunSucceeded", "MapRunFailed", "MapRunAborted", "MapRunRedriven",
}

var typeNumbers = numbered(types)

func numbered(names []string) map[string]uint64 {
	numbers := make(map[string]uint64, len(names))
	for i, name := range names {
		numbers[name] = uint64(i)
	}
	return numbers
}

// fields are the details of an event, in the order in which they are stored. Each
// has a bit that tells whether it is there. A new field comes at the end.
func (e *Event) fields() []field {
	return []field{
		textField(&e.Name), valueField(&e.Input), valueField(&e.Output), valueField(&e.Variables),
		optionalField(&e.Error, &e.HasError), optionalField(&e.Cause, &e.HasCause), textField(&e.Location),
		textField(&e.Resource), textField(&e.ResourceType), textField(&e.Region), valueField(&e.Parameters),
		numberField(&e.TimeoutSeconds), numberField(&e.HeartbeatSeconds), textField(&e.WorkerName),
		intField(&e.Length), intField(&e.Index), textField(&e.RoleARN), textField(&e.MapRunARN),
		textField(&e.VersionARN), textField(&e.AliasARN), intField(&e.RedriveCount), flagField(&e.redacted),
	}
}

// field is one detail. A detail that is not there is zero.
type field struct {
	there bool
	write func(w *writer)
	read  func(r *reader)
}

func textField(s *string) field {
	return field{*s != "", func(w *writer) { w.text(*s) }, func(r *reader) { *s = r.text() }}
}

func optionalField(s *string, there *bool) field {
	return field{*there, func(w *writer) { w.text(*s) }, func(r *reader) { *s, *there = r.text(), true }}
}

func valueField(v *jsonvalue.Value) field {
	return field{!v.IsNull(), func(w *writer) { w.text(v.String()) }, func(r *reader) { *v = r.value() }}
}

func numberField(n *int64) field {
	return field{*n != 0, func(w *writer) { w.number(*n) }, func(r *reader) { *n = r.Int() }}
}

func intField(n *int) field {
	return field{*n != 0, func(w *writer) { w.number(int64(*n)) }, func(r *reader) { *n = int(r.Int()) }}
}

func flagField(b *bool) field {
	return field{*b, func(*writer) {}, func(*reader) { *b = true }}
}

// sharedFrom is how long a text is, in bytes, that is stored once.
const sharedFrom = 32

// writer appends events. at is the instant of the event before, in milliseconds.
type writer struct {
	dst   []byte
	texts map[string]uint64 // texts of at least sharedFrom bytes, by their number
	at    int64
}

func (w *writer) number(n int64) { w.dst = wire.AppendInt(w.dst, n) }

// text appends a text after twice its length, or twice the number of the equal one
// before it, plus one.
func (w *writer) text(s string) {
	if len(s) < sharedFrom {
		w.dst = append(wire.AppendUint(w.dst, uint64(len(s))*2), s...)
		return
	}
	if number, known := w.texts[s]; known {
		w.dst = wire.AppendUint(w.dst, number*2+1)
		return
	}
	w.texts[s] = uint64(len(w.texts))
	w.dst = append(wire.AppendUint(w.dst, uint64(len(s))*2), s...)
}

func (w *writer) event(e *Event) {
	number := typeNumbers[e.Type]
	w.dst = wire.AppendUint(w.dst, number)
	if number == 0 {
		w.text(e.Type)
	}
	w.number(e.ID - e.PreviousID)
	w.number(e.Time.UnixMilli() - w.at)
	w.at = e.Time.UnixMilli()
	fields := e.fields()
	bits := uint64(0)
	for i, f := range fields {
		if f.there {
			bits |= 1 << i
		}
	}
	w.dst = wire.AppendUint(w.dst, bits)
	for _, f := range fields {
		if f.there {
			f.write(w)
		}
	}
}

// reader reads events.
type reader struct {
	*wire.Reader
	texts []string
	at    int64
	err   error // beside that of the Reader
}

func (r *reader) text() string {
	n := r.Uint()
	if n&1 == 1 {
		if n/2 >= uint64(len(r.texts)) {
			r.err = wire.ErrMalformed
			return ""
		}
		return r.texts[n/2]
	}
	s := string(r.Bytes(int(min(n/2, 1<<31))))
	if len(s) >= sharedFrom {
		r.texts = append(r.texts, s)
	}
	return s
}

func (r *reader) value() jsonvalue.Value {
	v, err := jsonvalue.Parse([]byte(r.text()))
	if err != nil && r.err == nil {
		r.err = err
	}
	return v
}

func (r *reader) event(e *Event) {
	number := r.Uint()
	switch {
	case number == 0:
		e.Type = r.text()
	case number < uint64(len(types)):
		e.Type = types[number]
	default:
		r.err = fmt.Errorf("type %d of events is not known: %w", number, wire.ErrMalformed)
	}
	e.PreviousID = e.ID - r.Int()
	r.at += r.Int()
	e.Time = time.UnixMilli(r.at).UTC()
	bits := r.Uint()
	fields := e.fields()
	if bits>>len(fields) != 0 {
		r.err = fmt.Errorf("details of events are not known: %w", wire.ErrMalformed)
		return
	}
	for i, f := range fields {
		if bits&(1<<i) != 0 {
			f.read(r)
		}
	}
}
