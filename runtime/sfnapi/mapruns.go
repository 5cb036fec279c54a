package sfnapi

import (
	"errors"
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// mapRunOf returns the Map Run of an ARN.
func (s *scope) mapRunOf(text string) (run runtime.MapRun, err error) {
	a, err := parseARN(text, kindMapRun)
	if err != nil {
		return run, err
	}
	if a.place != s.place || len(a.parts) != 2 {
		return run, noResource(text)
	}
	all, err := s.handler.mapRuns()
	if err != nil {
		return run, err
	}
	run, err = all.MapRun(s.ctx, text)
	if errors.Is(err, store.ErrNotFound) {
		err = noResource(text)
	}
	return run, err
}

type describeMapRunIn struct {
	ARN string `sfn:"mapRunArn,required,1..2000"`
}

func (s *scope) describeMapRun(in *describeMapRunIn) (fields, error) {
	run, err := s.mapRunOf(in.ARN)
	if err != nil {
		return nil, err
	}
	answer := fields{
		"mapRunArn": text(run.ARN), "executionArn": text(run.Execution), "status": text(string(run.Status)), "startDate": instant(run.Start),
		"maxConcurrency": jsonvalue.Int(run.Limits.MaxConcurrency), "toleratedFailureCount": jsonvalue.Int(0),
		"toleratedFailurePercentage": must(jsonvalue.Float(0)), "redriveCount": jsonvalue.Int(int64(run.Redrives)),
		"itemCounts": countsOf(&run.Items, run.Status), "executionCounts": countsOf(&run.Children, run.Status),
	}
	if n := run.Limits.ToleratedFailureCount; n != nil {
		answer["toleratedFailureCount"] = jsonvalue.Int(*n)
	}
	if p := run.Limits.ToleratedFailurePercentage; p != nil {
		answer["toleratedFailurePercentage"] = must(jsonvalue.Float(*p))
	}
	if !run.Redriven.IsZero() {
		answer["redriveDate"] = instant(run.Redriven)
	}
	if !run.Stop.IsZero() {
		answer["stopDate"] = instant(run.Stop)
	}
	return answer, nil
}

// countsOf shows counts. When a run is over, all results count as written, also without a
// ResultWriter (recorded).
func countsOf(c *interp.MapRunCounts, status interp.Status) jsonvalue.Value {
	written := int64(0)
	if status != interp.Running {
		written = c.Total()
	}
	return fields{
		"pending": jsonvalue.Int(c.Pending), "running": jsonvalue.Int(c.Running), "succeeded": jsonvalue.Int(c.Succeeded), "failed": jsonvalue.Int(c.Failed),
		"timedOut": jsonvalue.Int(c.TimedOut), "aborted": jsonvalue.Int(c.Aborted), "total": jsonvalue.Int(c.Total()), "resultsWritten": jsonvalue.Int(written),
		"failuresNotRedrivable": jsonvalue.Int(0), "pendingRedrive": jsonvalue.Int(c.PendingRedrive),
	}.value()
}

type listMapRunsIn struct {
	ARN        string  `sfn:"executionArn,required,1..256"`
	MaxResults int64   `sfn:"maxResults,0..1000"`
	NextToken  *string `sfn:"nextToken,1..1024"`
}

func (s *scope) listMapRuns(in *listMapRunsIn) (fields, error) {
	record, err := s.executionOf(in.ARN)
	if err != nil {
		return nil, err
	}
	page, err := s.paged(in.NextToken, in.MaxResults, in.ARN)
	if err != nil {
		return nil, err
	}
	all, err := s.handler.mapRuns()
	if err != nil {
		return nil, err
	}
	runs, err := all.MapRuns(s.ctx, record.Execution)
	if err != nil {
		return nil, err
	}
	slices.Reverse(runs) // the newest first
	if page.after != "" {
		at := slices.IndexFunc(runs, func(r runtime.MapRun) bool { return r.ARN == page.after })
		if at < 0 {
			return nil, invalidToken()
		}
		runs = runs[at+1:]
	}
	return listing(page, "mapRuns", runs, func(r *runtime.MapRun) string { return r.ARN }, mapRunItem)
}

func mapRunItem(r *runtime.MapRun) (fields, error) {
	item := fields{
		"executionArn": text(r.Execution), "mapRunArn": text(r.ARN), "stateMachineArn": text(labelledMachine(r.ARN)), "startDate": instant(r.Start),
	}
	if !r.Stop.IsZero() {
		item["stopDate"] = instant(r.Stop)
	}
	return item, nil
}

// labelledMachine returns the ARN of the state machine whose executions the children of a Map
// Run are.
func labelledMachine(run string) string {
	arn := strings.Replace(run, ":"+kindMapRun+":", ":"+kindMachine+":", 1)
	return arn[:strings.LastIndexByte(arn, ':')]
}

type updateMapRunIn struct {
	ARN            string   `sfn:"mapRunArn,required,1..2000"`
	MaxConcurrency *int64   `sfn:"maxConcurrency,0.."`
	Percentage     *float64 `sfn:"toleratedFailurePercentage,0..100"`
	Count          *int64   `sfn:"toleratedFailureCount,0.."`
}

func (s *scope) updateMapRun(in *updateMapRunIn) (fields, error) {
	if _, err := s.mapRunOf(in.ARN); err != nil {
		return nil, err
	}
	all, err := s.handler.mapRuns()
	if err != nil {
		return nil, err
	}
	err = all.UpdateMapRun(s.ctx, in.ARN, runtime.MapRunUpdate{
		MaxConcurrency: in.MaxConcurrency, ToleratedFailureCount: in.Count, ToleratedFailurePercentage: in.Percentage,
	})
	if errors.Is(err, runtime.ErrMapRunOver) { // the words are not recorded (unsure), the reason is
		f := invalid("Map Run is in a terminal state and cannot be updated: '%s'", in.ARN)
		f.reason = "CANNOT_UPDATE_COMPLETED_MAP_RUN"
		err = f
	}
	return fields{}, err
}

// listMapRunExecutions lists the children of a Map Run, the newest first.
func (s *scope) listMapRunExecutions(in *listExecutionsIn) (fields, error) {
	run, err := s.mapRunOf(*in.MapRun)
	if err != nil {
		return nil, err
	}
	filter := ""
	if in.RedriveFilter != nil {
		filter = *in.RedriveFilter
	}
	page, err := s.paged(in.NextToken, in.MaxResults, run.ARN, in.Status, filter)
	if err != nil {
		return nil, err
	}
	if in.Status == "PENDING_REDRIVE" {
		return fields{"executions": jsonvalue.Array()}, nil
	}
	children, err := s.childrenOf(run.ARN, in.Status, filter, page)
	if errors.Is(err, store.ErrNotFound) {
		return nil, invalidToken()
	}
	if err != nil {
		return nil, err
	}
	return listing(page, "executions", children, func(c *runtime.MapRunChild) string { return c.Execution }, func(c *runtime.MapRunChild) (fields, error) {
		item, err := executionItem(&c.Record)
		if err == nil {
			item["itemCount"] = jsonvalue.Int(c.Items)
		}
		return item, err
	})
}

// childrenOf returns the children that a page shows, and one more if there is one.
func (s *scope) childrenOf(run, status, filter string, page *page) (found []runtime.MapRunChild, err error) {
	q := store.Query{MapRun: run, Status: interp.Status(status), After: page.after, Limit: page.limit + 1}
	all, err := s.handler.mapRuns()
	if err != nil {
		return nil, err
	}
	for {
		children, err := all.MapRunChildren(s.ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range children {
			if filter == "" || (filter == "REDRIVEN") == (c.Redrives > 0) {
				found = append(found, c)
			}
		}
		if len(children) < q.Limit || len(found) > page.limit {
			return found, nil
		}
		q.After = children[len(children)-1].Execution
	}
}

// childMachine turns the description of a state machine into that of the children of one of
// its Map states: its definition is the ItemProcessor.
func childMachine(answer fields, r *kept, record *store.Record, included string) error {
	_, label, ok := strings.Cut(record.StateMachine, "/")
	if !ok {
		return nil
	}
	answer["mapRunArn"], answer["label"] = text(record.MapRun), text(label)
	delete(answer, "variableReferences")
	if included == "METADATA_ONLY" {
		return nil
	}
	program, err := r.program()
	if err != nil {
		return err
	}
	definition, err := jsonvalue.Parse(program.StateMachine().Source())
	if err != nil {
		return err
	}
	for _, m := range program.Distributed() {
		if interp.MapLabel(m) == label {
			processor, _ := processorOf(definition, m.Name)
			answer["definition"] = text(processor.String())
		}
	}
	return nil
}

// processorOf returns the ItemProcessor of the Map state with a name, which is at any depth, as the
// definition of a machine.
func processorOf(graph jsonvalue.Value, name string) (processor jsonvalue.Value, found bool) {
	states, _ := graph.Get("States")
	for own, state := range states.Members() {
		inside, ok := state.Get("ItemProcessor")
		if !ok {
			inside, ok = state.Get("Iterator")
		}
		if ok && own == name {
			return withoutConfig(inside), true
		}
		branches, _ := state.Get("Branches")
		for _, branch := range branches.Elements() {
			if processor, found = processorOf(branch, name); found {
				return processor, true
			}
		}
		if processor, found = processorOf(inside, name); found {
			return processor, true
		}
	}
	return processor, false
}

func withoutConfig(processor jsonvalue.Value) jsonvalue.Value {
	var members []jsonvalue.Member
	for name, v := range processor.Members() {
		if name != "ProcessorConfig" {
			members = append(members, jsonvalue.Member{Name: name, Value: v})
		}
	}
	return jsonvalue.Object(members...)
}
