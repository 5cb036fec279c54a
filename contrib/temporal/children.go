package asltemporal

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// family is what a run knows of the children of its Map Runs, which are workflows of their own. The
// machine counts them. The end of a child is a signal, and not the future of a child workflow: that
// would not outlive the run.
type family struct {
	runs    map[interp.MapRunID]*mapRun
	unborn  []interp.StartChild // to be started later
	births  []birth             // that the server has not confirmed
	moved   bool                // children have ended, or items were read: the execution has no events of that
	sending []workflow.Future   // signals that have not arrived
	reads   []reading           // activities that read items
	jobs    []*job              // activities that do something else
	writes  []interp.WriteResults
	stopped map[interp.MapRunID]string // the Map Runs whose children were stopped, with their ARNs
	closing int                        // children that were stopped, and have not told of their end
	ends    workflow.ReceiveChannel
	stops   workflow.ReceiveChannel
}

func newFamily() *family {
	return &family{runs: make(map[interp.MapRunID]*mapRun), stopped: make(map[interp.MapRunID]string)}
}

// mapRun is what is kept of a Map Run until its results are collected.
type mapRun struct {
	alive   map[int64]childRef        // by index
	results map[int64]jsonvalue.Value // of those that have succeeded; nil: they are larger than a state may be, or asked for later
	size    int

	redrives int        // of the execution, when the run was redriven last
	early    []childEnd // of children that are being redriven, and have ended
}

type childRef struct {
	id    string // of the workflow
	items int64
}

// birth is a child that is being started.
type birth struct {
	run    interp.MapRunID
	index  int64
	future workflow.Future // that it has started; of one that is stopped before, that it is over
	id     string          // of the workflow; "": it is stopped before it starts
}

// childEnd is the signal with which a child tells its parent of its end.
type childEnd struct {
	Run    string          `json:"run"`
	Index  int64           `json:"index"`
	Status interp.Status   `json:"status"`
	Size   int             `json:"size,omitempty"`
	Result json.RawMessage `json:"result,omitempty"` // of one that succeeded

	Redriven       bool `json:"redriven,omitempty"`       // it was redriven before
	ParentRedrives int  `json:"parentRedrives,omitempty"` // redrives of the parent when it was begun, or redriven last
}

// childName is the name of that signal.
const childName = "statemill.child"

// How many children of a run are alive at a time, and how many that are stopped before they start. With 2,000 the
// server refuses more.
const (
	mostChildren = 1500
	mostStopped  = 300
)

// mapping does what the Map Runs want. It takes from room, the bytes that may still be sent
// with this workflow task.
func (r *run) mapping(m *interp.Mapping, room int) {
	if m != nil {
		for _, s := range m.Stop {
			r.stopChildren(s)
		}
		r.unborn = append(r.unborn, m.Children...)
		for _, q := range m.Read {
			r.read(q)
		}
		for _, a := range m.Redrive {
			r.again(a)
		}
		r.writes = append(r.writes, m.Write...)
		for _, c := range m.Collect {
			r.collect(c)
		}
		for _, id := range m.Ended {
			r.drop(id)
			delete(r.runs, id)
			r.unborn = slices.DeleteFunc(r.unborn, func(c interp.StartChild) bool { return c.Run == id && r.stopped[id] == "" })
		}
	}
	r.bearAll(room)
	r.writes = slices.DeleteFunc(r.writes, func(w interp.WriteResults) bool {
		if !r.complete(w.Run) {
			return false
		}
		r.write(w)
		return true
	})
}

// bearAll starts children, as many as may run and as room has bytes for.
func (r *run) bearAll(room int) {
	var kept []interp.StartChild
	for i := range r.unborn {
		c := &r.unborn[i]
		if r.waits(c) {
			kept = append(kept, *c)
			continue
		}
		if room -= c.Input.Size() + len(r.in.Definition) + 2000; room < 0 && len(r.births) > 0 {
			r.soon = true
			kept = append(kept, r.unborn[i:]...)
			break
		}
		r.bear(c)
	}
	r.unborn = kept
}

// waits reports whether a child is to be started later. Those of a Map Run that was stopped are over as soon as they
// start, so they do not wait for the next run.
func (r *run) waits(c *interp.StartChild) bool {
	if r.stopped[c.Run] == "" {
		return r.drain.on || r.alive()+r.closing >= mostChildren
	}
	n := 0
	for _, b := range r.births {
		if b.id == "" {
			n++
		}
	}
	return n >= mostStopped
}

// complete reports whether all children of a Map Run have started that it counts.
func (r *run) complete(id interp.MapRunID) bool {
	return !r.redrives(id) && !slices.ContainsFunc(r.births, func(b birth) bool { return b.run == id }) && !slices.ContainsFunc(r.unborn, func(c interp.StartChild) bool { return c.Run == id })
}

// alive returns how many children run.
func (r *run) alive() (n int) {
	for _, of := range r.runs {
		n += len(of.alive)
	}
	return n
}

func (r *run) mapRun(id interp.MapRunID) *mapRun {
	if r.runs[id] == nil {
		r.runs[id] = &mapRun{alive: make(map[int64]childRef), results: make(map[int64]jsonvalue.Value)}
	}
	return r.runs[id]
}

// bear starts a child.
func (r *run) bear(c *interp.StartChild) {
	header, err := c.Header.MarshalBinary()
	if err != nil {
		panic(err)
	}
	in := *r.in
	in.Header, in.State, in.Before, in.Redrive, in.ParentRedrives = header, nil, "", false, c.Redrives
	in.Began = workflow.Now(r.ctx).UnixMilli()
	in.Transformation = r.transformation(c.Header.Parent.Map)
	_, in.Written = r.x.Results(c.Run)
	input := payload(c.Input)
	if in.Stopped = r.stopped[c.Run]; in.Stopped == "" {
		of := r.mapRun(c.Run)
		of.alive[c.Index], of.redrives = childRef{c.Header.Execution, c.Items}, c.Redrives
	}
	if encoded(&in)+len(input.Payload().GetData()) > maxPayload {
		r.childOver(&childEnd{Run: c.Run.String(), Index: c.Index, Status: interp.Failed, ParentRedrives: c.Redrives}) // the server would end the workflow
		return
	}
	sum, hash := sha256.Sum256(input.Payload().GetData()), r.program.Hash()
	m := memo{Definition: hash[:], Input: sum[:], Start: in.Began, Parent: c.Header.Parent.Execution, Item: c.Index, Items: c.Items, ParentRedrives: c.Redrives, Meta: r.in.Meta}
	for _, name := range namesOf(&c.Header.Identity) {
		m.Names = append(m.Names, *name)
	}
	ctx := workflow.WithChildOptions(r.ctx, workflow.ChildWorkflowOptions{
		WorkflowID: c.Header.Execution, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, Memo: map[string]any{memoKey: &m},
	})
	f := workflow.ExecuteChildWorkflow(ctx, typeOf(c.Header.StateMachine), &in, input)
	r.watch.child(c.Header.Execution, &in, input)
	if in.Stopped != "" {
		r.births = append(r.births, birth{run: c.Run, index: c.Index, future: f})
		return
	}
	r.births = append(r.births, birth{c.Run, c.Index, f.GetChildWorkflowExecution(), c.Header.Execution})
}

// transformation returns what becomes of the outputs of a distributed Map state in its result.
func (r *run) transformation(state string) string {
	for _, m := range r.program.Distributed() {
		if m.Name == state && m.ResultWriter != nil {
			v, _ := m.ResultWriter.Config.Get("Transformation")
			text, _ := v.AsString()
			return text
		}
	}
	return ""
}

// stopChildren aborts the children of a Map Run. Those that were to be started later are started, and are over:
// the run counts them.
func (r *run) stopChildren(s interp.StopChildren) {
	of := r.mapRun(s.Run)
	if r.in.Semantics < wholeRuns {
		r.unborn = slices.DeleteFunc(r.unborn, func(c interp.StartChild) bool { return c.Run == s.Run })
	} else {
		r.stopped[s.Run] = s.ARN
	}
	for _, j := range r.jobs {
		if j.run == s.Run && j.kind == redriveActivity {
			j.cancel()
		}
	}
	for _, index := range slices.Sorted(maps.Keys(of.alive)) {
		if r.in.Semantics < wholeRuns || !slices.ContainsFunc(r.births, func(b birth) bool { return b.run == s.Run && b.index == index }) {
			r.stopChild(of.alive[index].id, s.ARN)
		}
	}
	if r.in.Semantics >= wholeRuns {
		r.closing += len(of.alive)
		clear(of.alive) // the machine counts them as aborted
	}
}

// stopChild aborts a child of a Map Run.
func (r *run) stopChild(id, mapRun string) {
	r.sending = append(r.sending, workflow.SignalExternalWorkflow(r.ctx, id, "", stopName, stop{Cause: stoppedBy(mapRun)}))
}

func stoppedBy(mapRun string) string {
	return fmt.Sprintf("The map run execution [%s] which was managing this resource was aborted", mapRun)
}

// collect hands over the results of the children that succeeded, in their order.
func (r *run) collect(c interp.CollectResults) {
	if slices.ContainsFunc(r.x.MapRuns(), func(m interp.MapRun) bool { return m.ID == c.Run && m.Redrives > 0 }) {
		r.collectAgain(c)
		return
	}
	of := r.mapRun(c.Run)
	elements := make([]jsonvalue.Value, 0, len(of.results))
	for _, index := range slices.Sorted(maps.Keys(of.results)) {
		elements = slices.AppendSeq(elements, mapresults.Contributions(of.results[index], c.Transformation))
	}
	r.noted = r.x.Collected(c.Run, jsonvalue.Array(elements...)) || r.noted
}

// busyFamily reports whether something is under way that the next run would not hear of.
func (r *run) busyFamily() bool {
	return len(r.births)+len(r.sending)+len(r.reads)+len(r.jobs)+len(r.writes) > 0
}

// familyReady reports whether something has come for the family.
func (r *run) familyReady() bool {
	return r.ends.Len() > 0 || r.stops.Len() > 0 ||
		slices.ContainsFunc(r.births, birth.ready) || slices.ContainsFunc(r.sending, workflow.Future.IsReady) || slices.ContainsFunc(r.reads, reading.ready) || slices.ContainsFunc(r.jobs, (*job).ready)
}

func (b birth) ready() bool { return b.future.IsReady() }

// takeFamily tells the machine what has come of what the family has under way.
func (r *run) takeFamily() {
	r.births = slices.DeleteFunc(r.births, func(b birth) bool {
		if b.ready() {
			r.born(b)
		}
		return b.ready()
	})
	r.sending = slices.DeleteFunc(r.sending, workflow.Future.IsReady)
	r.reads = slices.DeleteFunc(r.reads, func(q reading) bool {
		if q.ready() {
			r.haveRead(q)
		}
		return q.ready()
	})
	done := slices.Collect(func(yield func(*job) bool) {
		for _, j := range r.jobs {
			if j.ready() && !yield(j) {
				return
			}
		}
	})
	r.jobs = slices.DeleteFunc(r.jobs, (*job).ready)
	for _, j := range done {
		r.moved = true
		j.take(j)
	}
}

// drop ends the activities of a Map Run for which nobody waits any more.
func (r *run) drop(id interp.MapRunID) {
	r.writes = slices.DeleteFunc(r.writes, func(w interp.WriteResults) bool { return w.Run == id })
	r.jobs = slices.DeleteFunc(r.jobs, func(j *job) bool {
		if j.run == id && j.kind != redriveActivity && !j.ready() {
			j.cancel()
			return true
		}
		return false
	})
}

// born notes that a child has started. One that was started before is the same; one that cannot
// start has failed.
func (r *run) born(b birth) {
	err := b.future.Get(r.ctx, nil)
	if b.id == "" {
		return
	}
	var there *temporal.ChildWorkflowExecutionAlreadyStartedError
	if err != nil && !errors.As(err, &there) {
		e := childEnd{Run: b.run.String(), Index: b.index, Status: interp.Failed}
		if of := r.runs[b.run]; of != nil {
			e.ParentRedrives = of.redrives
		}
		r.childOver(&e)
		return
	}
	if mapRun := r.stopped[b.run]; mapRun != "" {
		r.stopChild(b.id, mapRun)
	}
}

// receiveFamily notes the ends of children, and that somebody stops the execution.
func (r *run) receiveFamily() {
	for r.ends.Len() > 0 {
		var e childEnd
		if r.ends.ReceiveAsync(&e) {
			r.childOver(&e)
		}
	}
	for r.stops.Len() > 0 {
		var s stop
		if r.stops.ReceiveAsync(&s) {
			_ = r.end(s)
		}
	}
}

// childOver notes the end of a child. What is told a second time goes nowhere.
func (r *run) childOver(e *childEnd) {
	id, err := interp.ParseMapRunID(e.Run)
	if err == nil && r.stopped[id] != "" {
		r.closing = max(r.closing-1, 0)
		return
	}
	if err != nil || r.runs[id] == nil {
		return
	}
	of := r.runs[id]
	child, alive := of.alive[e.Index]
	switch {
	case e.ParentRedrives != of.redrives:
		return
	case !alive && r.redrives(id):
		of.early = append(of.early, *e)
		return
	case !alive:
		return
	}
	delete(of.alive, e.Index)
	r.moved = true
	end := interp.ChildEnd{Run: id, Status: e.Status, Items: child.items, Redriven: e.Redriven}
	if e.Status == interp.Succeeded {
		end.Size = e.Size
		if of.size += e.Size; of.size >= r.payloadLimit() {
			of.results = nil
		}
		if v, err := jsonvalue.Parse(e.Result); err == nil && of.results != nil {
			of.results[e.Index] = v
		}
	}
	r.noted = r.x.ChildDone(end) || r.noted
}

func (r *run) payloadLimit() int {
	if r.in.Limits != nil && r.in.Limits.Payload > 0 {
		return r.in.Limits.Payload
	}
	return 256 << 10
}

// tellParent tells the parent of a child how it has ended, and waits until the signal is there.
func (r *run) tellParent(o *interp.Outcome) {
	h := r.x.Snapshot().Header
	if h.Parent.Run == "" {
		return
	}
	e := childEnd{Run: h.Parent.Run, Index: h.Parent.Index, Status: o.Status, Redriven: h.Redrives > 0, ParentRedrives: r.in.ParentRedrives}
	if o.Status == interp.Succeeded && !r.in.Written {
		c := mapresults.Child{
			Index: h.Parent.Index, Input: r.x.Input(), Identity: h.Identity, Express: h.Parent.Express, Status: o.Status, Output: o.Output,
			Began: time.UnixMilli(r.in.Began).UTC(), Ended: workflow.Now(r.ctx),
		}
		e.Size, e.Result = c.Size(r.in.Transformation), c.Result(r.in.Transformation).AppendJSON(nil)
		if len(e.Result) > maxPayload {
			e.Result = nil // the size tells the parent that there is no room for it
		}
	}
	_ = workflow.SignalExternalWorkflow(r.ctx, h.Parent.Execution, "", childName, e).Get(r.ctx, nil) // a parent that is over needs no telling
}

// leaveFamily stops the children of an execution that ends.
func (r *run) leaveFamily(m *interp.Mapping) {
	if m != nil {
		for _, s := range m.Stop {
			r.stopChildren(s)
		}
	}
	for r.in.Semantics >= wholeRuns && len(r.births)+len(r.unborn) > 0 {
		r.unborn = slices.DeleteFunc(r.unborn, func(c interp.StartChild) bool { return r.stopped[c.Run] == "" })
		r.bearAll(maxInputs)
		for _, b := range r.births {
			_ = b.future.Get(r.ctx, nil) // born looks at it
			r.born(b)
		}
		r.births = nil
	}
	r.settle()
	for _, f := range r.sending {
		_ = f.Get(r.ctx, nil) // a child that is over needs no stopping
	}
}
