package history

import (
	"fmt"
	"time"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
)

// storedVersion is the first byte of the stored form of events.
const storedVersion = 1

// AppendEvents appends the stored form of events that follow each other, and needs no
// other events to be read. See [Texts.AppendEvents].
func AppendEvents(dst []byte, events []Event) []byte { return new(Texts).AppendEvents(dst, events) }

// ParseEvents reads the stored form. execution becomes the Execution of the events.
// earlier returns an event that is stored in an earlier part, and whose texts occur in this one
// again; it is nil if there is none. The error says at which event the data makes no sense.
func ParseEvents(data []byte, execution string, earlier func(id int64) (*Event, error)) ([]Event, error) {
	r := reader{Reader: wire.NewReader(data), earlier: earlier}
	if version := r.Byte(); version != storedVersion {
		return nil, fmt.Errorf("history: events are stored in form %d, which this version does not know", version)
	}
	if !r.More() {
		return nil, r.Err()
	}
	id := r.Int()
	r.at = r.Int()
	for ; r.More() && r.err == nil; id++ {
		r.events = append(r.events, Event{ID: id, Execution: execution})
		r.event(&r.events[len(r.events)-1])
	}
	if err := r.End(); err != nil || r.err != nil {
		return nil, fmt.Errorf("history: stored event %d: %w", id-1, firstError(err, r.err))
	}
	return r.events, nil
}

func firstError(a, b error) error {
	if b != nil {
		return b
	}
	return a
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

// field is one detail of an event; one of its functions returns where it is. A detail
// that is zero is not there.
type field struct {
	text   func(*Event) *string
	named  func(*Event) *bool // of a text that may be there and empty: whether it is there
	value  func(*Event) *jsonvalue.Value
	number func(*Event) *int64
	count  func(*Event) *int
	flag   func(*Event) *bool
}

// fields are the details in the order in which they are stored. Each has a bit that tells
// whether it is there. A new field comes at the end.
var fields = []field{
	{text: func(e *Event) *string { return &e.Name }},
	{value: func(e *Event) *jsonvalue.Value { return &e.Input }},
	{value: func(e *Event) *jsonvalue.Value { return &e.Output }},
	{value: func(e *Event) *jsonvalue.Value { return &e.Variables }},
	{text: func(e *Event) *string { return &e.Error }, named: func(e *Event) *bool { return &e.HasError }},
	{text: func(e *Event) *string { return &e.Cause }, named: func(e *Event) *bool { return &e.HasCause }},
	{text: func(e *Event) *string { return &e.Location }},
	{text: func(e *Event) *string { return &e.Resource }},
	{text: func(e *Event) *string { return &e.ResourceType }},
	{text: func(e *Event) *string { return &e.Region }},
	{value: func(e *Event) *jsonvalue.Value { return &e.Parameters }},
	{number: func(e *Event) *int64 { return &e.TimeoutSeconds }},
	{number: func(e *Event) *int64 { return &e.HeartbeatSeconds }},
	{text: func(e *Event) *string { return &e.WorkerName }},
	{count: func(e *Event) *int { return &e.Length }},
	{count: func(e *Event) *int { return &e.Index }},
	{text: func(e *Event) *string { return &e.RoleARN }},
	{text: func(e *Event) *string { return &e.MapRunARN }},
	{text: func(e *Event) *string { return &e.VersionARN }},
	{text: func(e *Event) *string { return &e.AliasARN }},
	{count: func(e *Event) *int { return &e.RedriveCount }},
	{flag: func(e *Event) *bool { return &e.redacted }},
	{text: func(e *Event) *string { return &e.TraceHeader }},
}

// there reports whether an event has the detail.
func (f *field) there(e *Event) bool {
	switch {
	case f.named != nil:
		return *f.named(e)
	case f.text != nil:
		return *f.text(e) != ""
	case f.value != nil:
		return !f.value(e).IsNull()
	case f.number != nil:
		return *f.number(e) != 0
	case f.count != nil:
		return *f.count(e) != 0
	}
	return *f.flag(e)
}

// reader reads events. at is the instant of the event before, in milliseconds.
type reader struct {
	*wire.Reader
	events  []Event
	earlier func(id int64) (*Event, error)
	at      int64
	err     error // beside that of the Reader
}

func (r *reader) event(e *Event) {
	number := r.Uint()
	switch {
	case number == 0:
		e.Type = r.Text()
	case number < uint64(len(types)):
		e.Type = types[number]
	default:
		r.fail(fmt.Errorf("type %d of events is not known: %w", number, wire.ErrMalformed))
	}
	e.PreviousID = e.ID - r.Int()
	r.at += r.Int()
	e.Time = time.UnixMilli(r.at).UTC()
	bits := r.Uint()
	if bits>>len(fields) != 0 {
		r.fail(fmt.Errorf("details of events are not known: %w", wire.ErrMalformed))
		return
	}
	for i := range fields {
		if bits&(1<<i) != 0 {
			r.field(&fields[i], e)
		}
	}
}

func (r *reader) field(f *field, e *Event) {
	switch {
	case f.text != nil:
		r.text(f, e)
	case f.value != nil:
		r.value(f, e)
	case f.number != nil:
		*f.number(e) = r.Int()
	case f.count != nil:
		*f.count(e) = int(r.Int())
	default:
		*f.flag(e) = true
	}
}

func (r *reader) text(f *field, e *Event) {
	if f.named != nil {
		*f.named(e) = true
	}
	n := r.Uint()
	if n&1 == 0 {
		*f.text(e) = string(r.Bytes(int(min(n/2, 1<<31))))
		return
	}
	if from, other := r.elsewhere(e, n/2); from != nil && other.text != nil {
		*f.text(e) = *other.text(from)
		return
	}
	r.fail(wire.ErrMalformed)
}

// value reads a value. One that is elsewhere is shared, and not parsed again.
func (r *reader) value(f *field, e *Event) {
	n := r.Uint()
	if n&1 == 0 {
		v, err := jsonvalue.Parse(r.Bytes(int(min(n/2, 1<<31))))
		if err != nil {
			r.fail(err)
		}
		*f.value(e) = v
		return
	}
	if from, other := r.elsewhere(e, n/2); from != nil && other.value != nil {
		*f.value(e) = *other.value(from)
		return
	}
	r.fail(wire.ErrMalformed)
}

// elsewhere returns the event, and the field of it, that holds a text of an event: the event is so
// many before that one.
func (r *reader) elsewhere(e *Event, distance uint64) (from *Event, f *field) {
	number := r.Uint()
	if number >= uint64(len(fields)) {
		return nil, nil
	}
	f = &fields[number]
	if distance < uint64(len(r.events)) {
		return &r.events[uint64(len(r.events))-1-distance], f
	}
	if r.earlier == nil || distance >= uint64(e.ID) || e.ID < 0 {
		return nil, nil
	}
	from, err := r.earlier(e.ID - int64(distance))
	if err != nil {
		r.fail(err)
	}
	return from, f
}

// fail keeps the first error.
func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
