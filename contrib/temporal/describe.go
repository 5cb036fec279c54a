package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// record returns what the memo tells of an execution.
func (m *memo) record() (r store.Record) {
	for i, name := range namesOf(&r.Identity) {
		if i < len(m.Names) {
			*name = m.Names[i]
		}
	}
	copy(r.Definition[:], m.Definition)
	copy(r.InputHash[:], m.Input)
	r.Meta, r.Start, r.Redrives = m.Meta, time.UnixMilli(m.Start).UTC(), m.Redrives
	r.Parent, r.Item, r.ParentRedrives = m.Parent, m.Item, m.ParentRedrives
	if m.Redrives > 0 {
		r.Redriven = time.UnixMilli(m.Redriven).UTC()
	}
	return r
}

// memoOf reads the memo of a workflow. One that was started by hand has none: its execution has
// the names that its workflow gives it.
func (c *Client) memoOf(info *workflowpb.WorkflowExecutionInfo) (*memo, error) {
	p := info.GetMemo().GetFields()[memoKey]
	if p == nil {
		return bareMemo(info), nil
	}
	m := new(memo)
	if err := c.converter().FromPayload(p, m); err != nil {
		return nil, fmt.Errorf("asltemporal: the memo of %q: %w", info.GetExecution().GetWorkflowId(), err)
	}
	return m, nil
}

// bareMemo says what the server knows itself.
func bareMemo(info *workflowpb.WorkflowExecutionInfo) *memo {
	id := info.GetExecution().GetWorkflowId()
	return &memo{Names: []string{id, id, "", info.GetType().GetName()}, Start: info.GetStartTime().AsTime().UnixMilli()}
}

// Describe returns the record of an execution, or store.ErrNotFound. Start is when it was
// started by the clock of the Client that did it.
func (c *Client) Describe(ctx context.Context, id string) (store.Record, error) {
	info, err := c.info(ctx, id)
	if err != nil {
		return store.Record{}, err
	}
	m, err := c.memoOf(info)
	if err != nil {
		return store.Record{}, err
	}
	r, err := c.recordOf(ctx, info, m.record(), true)
	if err != nil {
		return store.Record{}, err
	}
	first, err := c.firstEvent(ctx, id, info.GetFirstRunId())
	if err != nil {
		return store.Record{}, err
	}
	var in start
	var input converter.RawValue
	if err := c.converter().FromPayloads(first.GetWorkflowExecutionStartedEventAttributes().GetInput(), &in, &input); err != nil {
		return store.Record{}, fmt.Errorf("asltemporal: the input of %q: %w", id, err)
	}
	if in.Redrive {
		return c.redriven(ctx, id, &in, r)
	}
	r.Input, err = value(input)
	return r, err
}

// info returns what the server knows of the last run of a workflow, or store.ErrNotFound.
func (c *Client) info(ctx context.Context, id string) (*workflowpb.WorkflowExecutionInfo, error) {
	d, err := c.Temporal.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return nil, naming(id, err)
	}
	return d.RawResponse.GetWorkflowExecutionInfo(), nil
}

// recordOf returns the record of an execution without its input, and perhaps with its output: it adds to what the memo
// tells what the server knows.
func (c *Client) recordOf(ctx context.Context, info *workflowpb.WorkflowExecutionInfo, r store.Record, output bool) (store.Record, error) {
	r.Status = interp.Running
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
		return r, nil
	}
	r.Stop = info.GetCloseTime().AsTime().Truncate(time.Millisecond)
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED && !output {
		r.Status = interp.Succeeded
		return r, nil
	}
	var out converter.RawValue
	run := c.Temporal.GetWorkflow(ctx, info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
	if err := run.Get(ctx, &out); err != nil {
		end, ended := endOf(err)
		if !ended {
			return r, naming(r.Execution, err)
		}
		r.Status, r.FailedState, r.FailedPath = end.Status, end.State, end.Path
		r.Error, r.Cause, r.HasError, r.HasCause = end.Error, end.Cause, end.HasError, end.HasCause
		return r, nil
	}
	r.Status = interp.Succeeded
	var err error
	r.Output, err = value(out)
	return r, err
}

// redriven returns the record of an execution that was redriven: its state has the input.
func (c *Client) redriven(_ context.Context, id string, in *start, r store.Record) (store.Record, error) {
	var ps programs
	p, err := ps.of(in, c.Definitions)
	if err != nil {
		return r, fmt.Errorf("asltemporal: the input of %q: %w", id, err)
	}
	x, err := restored(p, in.State, interp.Config{Forget: true}, newFamily())
	if err != nil {
		return r, fmt.Errorf("asltemporal: the input of %q: %w", id, err)
	}
	r.Input = x.Input()
	return r, nil
}

// firstEvent returns the first event of a run.
func (c *Client) firstEvent(ctx context.Context, id, run string) (*historypb.HistoryEvent, error) {
	all := c.Temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !all.HasNext() {
		return nil, fmt.Errorf("execution %q: %w", id, store.ErrNotFound)
	}
	e, err := all.Next()
	return e, naming(id, err)
}

// List returns records, without Input and Output, newest first as far as the server knows: its
// visibility lags behind by a second or so, and an execution that was redriven counts from then. Queries
// for a version, an alias or a Map Run look at all executions of the state machine; the oldest first is not offered. The error may be
// store.ErrNotFound.
func (c *Client) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	if q.ID != "" {
		r, err := c.Describe(ctx, q.ID)
		if err != nil {
			return nil, err
		}
		r.Input, r.Output = jsonvalue.Value{}, jsonvalue.Value{}
		return []store.Record{r}, nil
	}
	if q.Oldest {
		return nil, errors.New("asltemporal: executions are listed newest first only")
	}
	found, err := c.list(ctx, &q)
	if err != nil {
		return nil, err
	}
	records := make([]store.Record, len(found))
	for i := range found {
		records[i] = found[i].record
	}
	return records, nil
}

// filter is the part of a query that the server understands.
func filter(q *store.Query) string {
	parts := []string{`ExecutionStatus != "ContinuedAsNew"`}
	if q.StateMachine != "" {
		parts = append(parts, "WorkflowType = "+quoted(typeOf(q.StateMachine)))
	}
	if machine := strings.Split(q.MapRun, ":"); len(machine) > 2 {
		parts = append(parts, "WorkflowType = "+quoted(machine[len(machine)-2]))
	}
	switch q.Status {
	case interp.Running:
		parts = append(parts, `ExecutionStatus = "Running"`)
	case interp.Succeeded:
		parts = append(parts, `ExecutionStatus = "Completed"`)
	case interp.Failed, interp.TimedOut:
		parts = append(parts, `ExecutionStatus IN ("Failed", "TimedOut")`)
	case interp.Aborted:
		parts = append(parts, `ExecutionStatus IN ("Canceled", "Terminated")`)
	}
	return strings.Join(parts, " AND ")
}

// quoted returns a text as the query language of the server writes it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// list asks for page after page until there are enough.
func (c *Client) list(ctx context.Context, q *store.Query) ([]listed, error) {
	l := listing{query: q, limit: q.Limit, seen: make(map[string]bool), behind: q.After == ""}
	if l.limit <= 0 {
		l.limit = store.PageSize
	}
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: filter(q), PageSize: int32(min(l.limit+1, pageSize))}
	if q.After != "" {
		info, err := c.info(ctx, q.After)
		if err != nil {
			return nil, err
		}
		l.last = info.GetStartTime().AsTime()
		request.Query += " AND StartTime <= " + quoted(l.last.Format(time.RFC3339Nano))
	}
	for {
		page, err := c.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, info := range page.Executions {
			if err := l.add(ctx, c, info); err != nil || len(l.found) == l.limit {
				return l.found, err
			}
		}
		if request.NextPageToken = page.NextPageToken; len(page.NextPageToken) == 0 {
			return l.found, nil
		}
	}
}

// pageSize is how many executions the server is asked for at a time: a small one reads each of them from its database, and
// refuses what exceeds the reads of a second.
const pageSize = 100

// listing collects the records that a query asks for.
type listing struct {
	query  *store.Query
	limit  int
	seen   map[string]bool // by id: the runs before a redrive come later
	last   time.Time       // when that of query.After began
	behind bool            // it has been met
	found  []listed
}

// listed is an execution in a list.
type listed struct {
	record store.Record // without its input
	items  int64        // of a child of a Map Run
}

func (l *listing) add(ctx context.Context, c *Client, info *workflowpb.WorkflowExecutionInfo) error {
	id := info.GetExecution().GetWorkflowId()
	if l.seen[id] {
		return nil
	}
	l.seen[id] = true
	if id == l.query.After {
		l.behind = true
		return nil
	}
	if l.behind = l.behind || info.GetStartTime().AsTime().Before(l.last); !l.behind {
		return nil
	}
	m, err := c.memoOf(info)
	if err != nil {
		m = bareMemo(info) // one that this process cannot read must not hide the others
	}
	r := m.record()
	if !namedSo(&r, l.query) {
		return nil // how it has ended is a question to the server
	}
	if r, err = c.recordOf(ctx, info, r, false); err == nil && endedSo(&r, l.query) {
		l.found = append(l.found, listed{r, m.Items})
	}
	return err
}

// namedSo reports whether the names of an execution agree with a query, as far as the server does not know of them.
func namedSo(r *store.Record, q *store.Query) bool {
	same := func(want, is string) bool { return want == "" || want == is }
	return same(q.StateMachine, r.StateMachine) && same(q.Version, r.StateMachineVersion) && same(q.Alias, r.StateMachineAlias) && same(q.MapRun, r.MapRun)
}

// endedSo reports whether the end of an execution agrees with a query.
func endedSo(r *store.Record, q *store.Query) bool {
	return (q.Status == "" || q.Status == r.Status) && (q.StoppedBefore.IsZero() || !r.Stop.IsZero() && r.Stop.Before(q.StoppedBefore))
}
