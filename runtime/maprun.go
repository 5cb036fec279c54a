package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// MapRun is a Map Run of an execution: one visit of a distributed Map state.
type MapRun struct {
	ARN         string
	Execution   string // whose state it is
	Status      interp.Status
	Start, Stop time.Time // Stop is zero while it runs
	Redrives    int       // of the execution, when the run was redriven last; 0: it never was
	Redriven    time.Time // when that was
	Limits      interp.MapRunLimits
	Children    interp.MapRunCounts
	Items       interp.MapRunCounts

	id       interp.MapRunID // of one that runs
	redriven int64           // the event that tells of the last redrive
	before   *MapRun         // what it was then
}

// MapRuns returns the Map Runs of an execution, in the order in which they began. The error
// may be store.ErrNotFound.
func (e *Engine) MapRuns(ctx context.Context, execution string) ([]MapRun, error) {
	record, err := e.Describe(ctx, execution)
	if err != nil {
		return nil, err
	}
	runs, err := e.toldRuns(ctx, execution)
	if err != nil || len(runs) == 0 {
		return runs, err
	}
	live, err := e.liveRuns(ctx, execution)
	if err != nil {
		return nil, err
	}
	withLive(runs, live, &record)
	return runs, nil
}

// MapRunsOf returns the Map Runs of an execution, in the order in which they began: as its history tells of
// them and, of those that run, as they stand (interp.Execution.MapRuns). It is for drivers of other packages.
func MapRunsOf(events []history.Event, live []interp.MapRun, record *store.Record) []MapRun {
	var runs []MapRun
	for i := range events {
		runs = withRun(runs, &events[i])
	}
	withLive(runs, live, record)
	return runs
}

// withLive adds how those Map Runs stand that have not ended.
func withLive(runs []MapRun, live []interp.MapRun, record *store.Record) {
	for i := range runs {
		r := &runs[i]
		if r.Status != interp.Running {
			continue
		}
		for _, l := range live {
			if l.ARN == r.ARN {
				r.id, r.Limits, r.Children, r.Items = l.ID, l.Limits, l.Children, l.Items
			}
		}
		if record.Status != interp.Running {
			r.Status, r.Stop = interp.Aborted, record.Stop // its execution has ended before it
		}
	}
}

// toldRuns returns the Map Runs as the history tells of them.
func (e *Engine) toldRuns(ctx context.Context, execution string) (runs []MapRun, err error) {
	const page = 1000
	for after := int64(0); ; after += page {
		events, err := e.History(ctx, execution, after, page)
		if err != nil {
			return nil, err
		}
		for i := range events {
			runs = withRun(runs, &events[i])
		}
		if len(events) < page {
			return runs, nil
		}
	}
}

// withRun adds what an event tells of a Map Run.
func withRun(runs []MapRun, e *history.Event) []MapRun {
	status := map[string]interp.Status{"MapRunSucceeded": interp.Succeeded, "MapRunFailed": interp.Failed, "MapRunAborted": interp.Aborted}[e.Type]
	switch {
	case e.Type == "MapRunStarted":
		return append(runs, MapRun{ARN: e.MapRunARN, Execution: e.Execution, Status: interp.Running, Start: e.Time})
	case e.Type == "ExecutionFailed":
		keepRuns(runs, e)
		return runs
	case status == "" && e.Type != "MapRunRedriven":
		return runs
	}
	of := interp.MapRunOf(e)
	for i := range runs {
		switch r := &runs[i]; {
		case r.ARN != of.ARN:
		case e.Type == "MapRunRedriven":
			before := *r
			r.redriven, r.before = e.ID, &before
			r.Status, r.Stop, r.Redrives, r.Redriven = interp.Running, time.Time{}, e.RedriveCount, e.Time
		default:
			r.Status, r.Stop, r.Limits, r.Children, r.Items = status, e.Time, of.Limits, of.Children, of.Items
		}
	}
	return runs
}

// keepRuns leaves a run as it was if the execution failed because the place for its results was not
// there any more (recorded).
func keepRuns(runs []MapRun, failed *history.Event) {
	for i := range runs {
		if r := &runs[i]; r.redriven != 0 && r.redriven == failed.PreviousID {
			*r = *r.before
		}
	}
}

// liveRuns returns the Map Runs that are in the stored state of an execution.
func (e *Engine) liveRuns(ctx context.Context, execution string) ([]interp.MapRun, error) {
	stored, err := e.store.Load(ctx, execution)
	if err != nil {
		return nil, naming(execution, err)
	}
	var header interp.Header
	if err := header.UnmarshalBinary(stored.State); err != nil {
		return nil, err
	}
	program, frames, values, err := e.parts(ctx, stored, header)
	if err != nil {
		return nil, err
	}
	x, err := program.Restore(header, frames, values, interp.Config{Limits: e.config.Limits, Children: true})
	if err != nil {
		return nil, err
	}
	return x.MapRuns(), nil
}

// MapRun returns a Map Run. The error may be store.ErrNotFound.
func (e *Engine) MapRun(ctx context.Context, arn string) (MapRun, error) {
	execution, err := e.parentOf(ctx, arn)
	if err != nil {
		return MapRun{}, err
	}
	runs, err := e.MapRuns(ctx, execution)
	for _, r := range runs {
		if r.ARN == arn {
			return r, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("runtime: Map Run %q: %w", arn, store.ErrNotFound)
	}
	return MapRun{}, err
}

// parentOf returns the execution whose Map Run it is: that of its children, or, if it has
// none, the one among those of its state machine whose history tells of it.
func (e *Engine) parentOf(ctx context.Context, arn string) (string, error) {
	children, err := e.store.List(ctx, store.Query{MapRun: arn, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(children) > 0 {
		return children[0].Parent, nil
	}
	before, rest, ok := strings.Cut(arn, ":mapRun:")
	machine, _, labelled := strings.Cut(rest, "/")
	found := errors.New("found")
	parent := ""
	if ok && labelled {
		list := func(q store.Query) ([]store.Record, error) { return e.store.List(ctx, q) }
		err = eachRecord(store.Query{StateMachine: before + ":stateMachine:" + machine}, func(record *store.Record) error {
			runs, err := e.toldRuns(ctx, record.Execution)
			for i := range runs {
				if runs[i].ARN == arn {
					parent = record.Execution
					return found
				}
			}
			return err
		}, list)
	}
	switch {
	case parent != "":
		return parent, nil
	case err != nil:
		return "", err
	}
	return "", fmt.Errorf("runtime: Map Run %q: %w", arn, store.ErrNotFound)
}

// MapRunChild is a child of a Map Run.
type MapRunChild struct {
	store.Record       // without Input and Output
	Items        int64 // how many items it has
}

// MapRunChildren returns the children that a Query with MapRun asks for.
func (e *Engine) MapRunChildren(ctx context.Context, q store.Query) ([]MapRunChild, error) {
	records, err := e.store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	children := make([]MapRunChild, len(records))
	for i, r := range records {
		stored, err := e.store.Load(ctx, r.Execution)
		if err != nil {
			return nil, naming(r.Execution, err)
		}
		var header interp.Header
		if err := header.UnmarshalBinary(stored.State); err != nil {
			return nil, err
		}
		children[i] = MapRunChild{r, header.Parent.Items}
	}
	return children, nil
}

// UpdateMapRun changes limits of a Map Run that runs; those that are nil stay. It returns nil
// when the change is durable. The error is ErrMapRunOver if the run has ended, and may be
// store.ErrNotFound.
func (e *Engine) UpdateMapRun(ctx context.Context, arn string, u MapRunUpdate) error {
	run, err := e.MapRun(ctx, arn)
	if err != nil {
		return err
	}
	if run.Status != interp.Running {
		return ErrMapRunOver
	}
	err = e.send(ctx, run.Execution, message{kind: limited, task: interp.TaskID{Frame: run.id.Frame, Attempt: run.id.Number}, output: u.encode()})
	if errors.Is(err, ErrTaskOver) {
		return ErrMapRunOver
	}
	return err
}

// ErrMapRunOver reports a Map Run that has ended.
var ErrMapRunOver = errors.New("runtime: the Map Run is over")

// MapRunUpdate are new limits of a Map Run. What is nil stays as it is.
type MapRunUpdate struct {
	MaxConcurrency             *int64
	ToleratedFailureCount      *int64
	ToleratedFailurePercentage *float64
}

func (u *MapRunUpdate) encode() jsonvalue.Value {
	var members []jsonvalue.Member
	if n := u.MaxConcurrency; n != nil {
		members = append(members, jsonvalue.Member{Name: "concurrency", Value: jsonvalue.Int(*n)})
	}
	if n := u.ToleratedFailureCount; n != nil {
		members = append(members, jsonvalue.Member{Name: "count", Value: jsonvalue.Int(*n)})
	}
	if p := u.ToleratedFailurePercentage; p != nil {
		v, _ := jsonvalue.Float(*p)
		members = append(members, jsonvalue.Member{Name: "percentage", Value: v})
	}
	return jsonvalue.Object(members...)
}

// limit gives a Map Run new limits.
func (r *resident) limit(m *message) (taken bool) {
	id := runOf(m.task)
	for _, run := range r.x.MapRuns() {
		if run.ID != id {
			continue
		}
		l := run.Limits
		if v, ok := m.output.Get("concurrency"); ok {
			l.MaxConcurrency, _ = v.AsInt64()
		}
		if v, ok := m.output.Get("count"); ok {
			n, _ := v.AsInt64()
			l.ToleratedFailureCount = &n
		}
		if v, ok := m.output.Get("percentage"); ok {
			p, _ := v.AsFloat64()
			l.ToleratedFailurePercentage = &p
		}
		return r.x.UpdateMapRun(id, l)
	}
	return false
}
