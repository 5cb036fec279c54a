package sfnapi

import (
	"errors"
	"strings"

	"github.com/statemill/statemill/asl"
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
	run, err = s.handler.engine.MapRun(s.ctx, text)
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
	runs, err := s.handler.engine.MapRuns(s.ctx, record.Execution)
	if err != nil {
		return nil, err
	}
	items := make([]jsonvalue.Value, 0, len(runs))
	answer := fields{}
	for i := range runs {
		run := &runs[len(runs)-1-i] // the newest first
		if page.after != "" && len(items) == 0 && run.ARN != page.after {
			continue
		}
		if run.ARN == page.after {
			page.after = ""
			continue
		}
		if len(items) == page.limit {
			answer["nextToken"] = text(page.next(runs[len(runs)-i].ARN))
			break
		}
		item := fields{
			"executionArn": text(run.Execution), "mapRunArn": text(run.ARN), "stateMachineArn": text(labelledMachine(run.ARN)), "startDate": instant(run.Start),
		}
		if !run.Stop.IsZero() {
			item["stopDate"] = instant(run.Stop)
		}
		items = append(items, item.value())
	}
	answer["mapRuns"] = jsonvalue.Array(items...)
	return answer, nil
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
	err := s.handler.engine.UpdateMapRun(s.ctx, in.ARN, runtime.MapRunUpdate{
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
	page, err := s.paged(in.NextToken, in.MaxResults, run.ARN, in.Status)
	if err != nil {
		return nil, err
	}
	answer := fields{"executions": jsonvalue.Array()}
	if in.Status == "PENDING_REDRIVE" || in.RedriveFilter != nil && *in.RedriveFilter == "REDRIVEN" {
		return answer, nil
	}
	q := store.Query{MapRun: run.ARN, Status: interp.Status(in.Status), After: page.after, Limit: page.limit + 1}
	children, err := s.handler.engine.MapRunChildren(s.ctx, q)
	if errors.Is(err, store.ErrNotFound) {
		return nil, invalidToken()
	}
	if err != nil {
		return nil, err
	}
	if len(children) > page.limit {
		children = children[:page.limit]
		answer["nextToken"] = text(page.next(children[page.limit-1].Execution))
	}
	items := make([]jsonvalue.Value, len(children))
	for i := range children {
		item, err := executionItem(&children[i].Record)
		if err != nil {
			return nil, err
		}
		item["itemCount"] = jsonvalue.Int(children[i].Items)
		items[i] = item.value()
	}
	answer["executions"] = jsonvalue.Array(items...)
	return answer, nil
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
			answer["definition"] = text(processorOf(definition, m).String())
		}
	}
	return nil
}

// processorOf returns the ItemProcessor of a Map state as the definition of a machine.
func processorOf(definition jsonvalue.Value, m *asl.Map) jsonvalue.Value {
	state := definition
	for _, step := range strings.Split(strings.TrimPrefix(m.Location, "/"), "/") {
		name, index, indexed := strings.Cut(step, "[")
		state, _ = state.Get(name)
		if n, rest := 0, index; indexed {
			for _, digit := range strings.TrimSuffix(rest, "]") {
				n = 10*n + int(digit-'0')
			}
			state, _ = state.Index(n)
		}
	}
	processor, ok := state.Get("ItemProcessor")
	if !ok {
		processor, _ = state.Get("Iterator")
	}
	var members []jsonvalue.Member
	for name, v := range processor.Members() {
		if name != "ProcessorConfig" {
			members = append(members, jsonvalue.Member{Name: name, Value: v})
		}
	}
	return jsonvalue.Object(members...)
}
