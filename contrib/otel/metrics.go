package statemillotel

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/statemill/statemill/runtime/history"
)

// Meter makes metrics of the events of executions:
//
//	statemill.execution.started        executions that have begun
//	statemill.execution.duration       seconds from begin to end, by status
//	statemill.execution.active         executions that have begun and not ended in this process
//	statemill.state.transitions        states that were entered
//	statemill.task.scheduled           attempts of tasks
//	statemill.task.schedule.duration   seconds until they have started
//	statemill.task.duration            seconds from start to end, by outcome
//
// All have the name of the state machine; those of tasks have the kind (lambda, activity, service) and the resource too. Events
// that came before the process are not counted. Its methods may be called at the same time, for one execution in the
// order of its events.
type Meter struct {
	started, transitions, scheduled    metric.Int64Counter
	active                             metric.Int64UpDownCounter
	duration, taskDuration, taskWaited metric.Float64Histogram

	mu   sync.Mutex
	runs map[string]*timing // by execution
}

// timing is when what goes on in an execution has begun.
type timing struct {
	began    time.Time
	attempts map[int64]*attempt // by the newest event of their chain
}

// attempt is an attempt of a task.
type attempt struct {
	scheduled, started time.Time
	about              []attribute.KeyValue
}

// The names of attributes of metrics.
const (
	machineName  = attribute.Key("statemill.machine")
	statusOf     = attribute.Key("statemill.execution.status")
	taskKind     = attribute.Key("statemill.task.kind")
	taskOutcome  = attribute.Key("statemill.task.outcome")
	resourceName = attribute.Key("statemill.task.resource")
)

// NewMeter returns a Meter. Without a provider it takes that of package otel.
func NewMeter(provider metric.MeterProvider) (*Meter, error) {
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	m, meter := &Meter{runs: make(map[string]*timing)}, provider.Meter(scope)
	var errs [7]error
	m.started, errs[0] = meter.Int64Counter("statemill.execution.started", metric.WithUnit("{execution}"), metric.WithDescription("executions that have begun"))
	m.duration, errs[1] = meter.Float64Histogram("statemill.execution.duration", metric.WithUnit("s"), metric.WithDescription("from begin to end"))
	m.active, errs[2] = meter.Int64UpDownCounter("statemill.execution.active", metric.WithUnit("{execution}"), metric.WithDescription("executions that have begun and not ended"))
	m.scheduled, errs[3] = meter.Int64Counter("statemill.task.scheduled", metric.WithUnit("{task}"), metric.WithDescription("attempts of tasks"))
	m.taskWaited, errs[4] = meter.Float64Histogram("statemill.task.schedule.duration", metric.WithUnit("s"), metric.WithDescription("until an attempt has started"))
	m.taskDuration, errs[5] = meter.Float64Histogram("statemill.task.duration", metric.WithUnit("s"), metric.WithDescription("from the start of an attempt to its end"))
	m.transitions, errs[6] = meter.Int64Counter("statemill.state.transitions", metric.WithUnit("{transition}"), metric.WithDescription("states that were entered"))
	return m, errors.Join(errs[:]...)
}

// Observe takes an event. It is for Runner.Observe and EngineConfig.Observe.
func (m *Meter) Observe(e history.Event) {
	t := m.timing(e.Execution)
	ctx, machine := context.Background(), machineName.String(machineOf(e.Execution))
	if _, ok := e.StateEntered(); ok {
		m.transitions.Add(ctx, 1, metric.WithAttributes(machine))
	}
	switch {
	case e.Type == "ExecutionStarted" || e.Type == "ExecutionRedriven":
		m.started.Add(ctx, 1, metric.WithAttributes(machine))
		m.active.Add(ctx, 1, metric.WithAttributes(machine))
	case strings.HasPrefix(e.Type, "Execution"):
		if !t.began.IsZero() {
			m.duration.Record(ctx, e.Time.Sub(t.began).Seconds(), metric.WithAttributes(machine, statusOf.String(strings.TrimPrefix(e.Type, "Execution"))))
		}
		m.active.Add(ctx, -1, metric.WithAttributes(machine))
		m.Evicted(e.Execution)
		return
	}
	if what, a, ok := t.take(&e); ok {
		m.count(ctx, what, a, &e)
	}
}

// timing returns what is known of an execution. Its events come one after the other, so it needs no lock.
func (m *Meter) timing(execution string) *timing {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.runs[execution]
	if t == nil {
		t = &timing{attempts: make(map[int64]*attempt)}
		m.runs[execution] = t
	}
	return t
}

// count counts what an event tells of an attempt.
func (m *Meter) count(ctx context.Context, what string, a *attempt, e *history.Event) {
	about := append(a.about, machineName.String(machineOf(e.Execution)))
	switch what {
	case "Scheduled":
		m.scheduled.Add(ctx, 1, metric.WithAttributes(about...))
	case "Started":
		m.taskWaited.Record(ctx, e.Time.Sub(a.scheduled).Seconds(), metric.WithAttributes(about...))
	case "Submitted":
	default:
		about = append(about, taskOutcome.String(map[bool]string{true: cmp.Or(outcomes[what], "failed"), false: "succeeded"}[e.Failure()]))
		if strings.HasPrefix(e.Error, "States.") { // others may be any text
			about = append(about, errorType.String(e.Error))
		}
		from := a.started
		if from.IsZero() {
			from = a.scheduled
		}
		m.taskDuration.Record(ctx, e.Time.Sub(from).Seconds(), metric.WithAttributes(about...))
	}
}

var outcomes = map[string]string{"TimedOut": "timed_out"}

// take notes when what has begun. ok is false if the event is about no attempt.
func (t *timing) take(e *history.Event) (what string, a *attempt, ok bool) {
	if e.Type == "ExecutionStarted" || e.Type == "ExecutionRedriven" {
		t.began = e.Time
	}
	if strings.HasPrefix(e.Type, "TaskState") {
		return "", nil, false
	}
	what = afterPrefix(e.Type, "LambdaFunction", "Activity", "Task")
	if a = t.attempts[e.PreviousID]; what == "Scheduled" {
		a = &attempt{scheduled: e.Time, about: aboutTask(e)}
	}
	if what == "" || a == nil {
		return "", nil, false
	}
	delete(t.attempts, e.PreviousID)
	switch what {
	case "Started":
		a.started = e.Time
		t.attempts[e.ID] = a
	case "Scheduled", "Submitted":
		t.attempts[e.ID] = a
	}
	return what, a, true
}

func aboutTask(e *history.Event) []attribute.KeyValue {
	kind, resource := "service", e.Resource
	switch name := serviceOf(e); name {
	case "lambda", "activity":
		kind = name
	default:
		resource = name
	}
	return []attribute.KeyValue{taskKind.String(kind), resourceName.String(resource)}
}

// Loaded goes on with an execution that is read from a store. It is for EngineConfig.Loaded.
func (m *Meter) Loaded(execution string, sofar []history.Event) {
	t := &timing{attempts: make(map[int64]*attempt)}
	for i := range sofar {
		_, _, _ = t.take(&sofar[i])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[execution] = t
}

// Evicted forgets an execution. It is for EngineConfig.Evicted.
func (m *Meter) Evicted(execution string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.runs, execution)
}
