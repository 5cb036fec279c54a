package interp

import (
	"fmt"
	"math"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// MapRunID names a Map Run, one visit of a distributed Map state, within its execution. It
// is comparable and never used twice.
type MapRunID struct {
	Frame  FrameID
	Number uint32
}

// String returns "12.3".
func (id MapRunID) String() string { return TaskID{id.Frame, id.Number}.String() }

// ParseMapRunID reads what String returns.
func ParseMapRunID(text string) (MapRunID, error) {
	id, err := ParseTaskID(text)
	if err != nil {
		return MapRunID{}, fmt.Errorf("interp: %q is not the id of a Map Run", text)
	}
	return MapRunID{id.Frame, id.Attempt}, nil
}

// MapRunLimits are the limits of a Map Run, which may be changed while it runs.
type MapRunLimits struct {
	MaxConcurrency             int64    // children at a time; 0: as many as Limits.Children
	ToleratedFailureCount      *int64   // items; nil: not written
	ToleratedFailurePercentage *float64 // likewise
}

// MapRunCounts are counts by status, of children or of their items.
type MapRunCounts struct {
	Pending   int64 // the input is made, and nothing has started
	Running   int64
	Succeeded int64
	Failed    int64
	TimedOut  int64
	Aborted   int64

	PendingRedrive int64 // it has ended without success, and will be redriven
}

// Total is the sum of the counts.
func (c *MapRunCounts) Total() int64 {
	return c.Pending + c.Running + c.Succeeded + c.Failed + c.TimedOut + c.Aborted + c.PendingRedrive
}

// of returns the count of a status.
func (c *MapRunCounts) of(s Status) *int64 {
	switch s {
	case Succeeded:
		return &c.Succeeded
	case Failed:
		return &c.Failed
	case TimedOut:
		return &c.TimedOut
	case Aborted:
		return &c.Aborted
	}
	return &c.Running
}

// all returns the counts in the order in which they are stored.
func (c *MapRunCounts) all() [6]*int64 {
	return [6]*int64{&c.Pending, &c.Running, &c.Succeeded, &c.Failed, &c.TimedOut, &c.Aborted}
}

// mapRun is the record of a Map Run. It has the same size whatever the number of items:
// the children are executions of their own.
type mapRun struct {
	number   uint32
	id       string // a UUID
	limits   MapRunLimits
	maxItems int64 // 0: all
	writer   writerTarget

	cursor []byte // of the chunk of which items are to be started next; nil: the beginning
	skip   int    // of its items, that have been started
	next   int64  // index of the next child
	item   int64  // index of the next item
	keyed  bool   // the items are members of an object
	ended  bool   // nothing is left to be read or to be started
	begun  bool   // the place for its results is there: it exists

	started    int64 // id of MapStateStarted
	redrives   int64 // of the execution, as of the last redrive of the run
	again      int64 // children that are to be redriven
	itemsAgain int64 // items of these, and of those that were redriven and have not ended
	againFrom  int64 // index of the first child that may still be redriven
	redriving  bool  // the driver was asked to redrive some
	probing    bool  // a redrive has begun, and tests the place for the results first
	wrote      int64 // 1 + redrives when the results were written last; 0: they never were

	children, items MapRunCounts
	size            int64 // bytes of the outputs of the children that succeeded

	// In memory alone:
	queue    []Item // items that are read and not started
	segments []segment
	after    []byte    // the cursor behind the queue; nil: the beginning
	reading  bool      // a chunk is being read
	complete bool      // the last chunk is in the queue
	short    bool      // the queue has too few items for a batch
	ready    bool      // the frame is in the line
	remote   bool      // the inputs of children that will not begin are made elsewhere
	before   position  // where the run was before the present Step
	drained  *position // where it was when it began to drain; nil: it does not
}

// position is where a Map Run is in its items.
type position struct {
	step       int64 // the Step that began there, by the revision; 0: none
	cursor     []byte
	skip       int
	next, item int64
}

// position returns where the run is.
func (r *mapRun) position(step int64) position {
	return position{step, r.cursor, r.skip, r.next, r.item}
}

// goBack makes the run go on at a position: what follows it is read again.
func (r *mapRun) goBack(to position) {
	r.cursor, r.skip, r.next, r.item, r.ended = to.cursor, to.skip, to.next, to.item, false
	r.after, r.queue, r.segments, r.reading, r.short, r.complete = to.cursor, nil, nil, false, false, false
}

// refill makes a run go on where it began to drain: the children whose inputs were made then are
// not pending any more, but to be begun.
func (r *mapRun) refill() {
	at := r.position(0)
	if r.drained != nil {
		at, r.drained = *r.drained, nil
	} else if r.children.Pending == 0 {
		return
	}
	r.goBack(at)
	r.children.Pending, r.items.Pending = 0, 0
}

// segment is the part of the queue that came in one chunk.
type segment struct {
	cursor []byte
	left   int
}

// writerTarget says where a ResultWriter writes; Bucket "" if nowhere.
type writerTarget struct{ bucket, prefix string }

// How many items one turn of a Map Run starts, and how many are at hand at most.
const (
	itemsOfTurn = 256
	mostAtHand  = 10_000
)

// free returns how many children may begin.
func (r *mapRun) free(l *Limits) int64 {
	most := r.limits.MaxConcurrency
	if most <= 0 || most > int64(l.Children) {
		most = int64(l.Children)
	}
	return most - r.children.Running
}

// breached reports whether more items have failed than is tolerated.
func (r *mapRun) breached(total int64) bool {
	failed := r.items.Failed + r.items.TimedOut
	l := &r.limits
	switch {
	case l.ToleratedFailureCount == nil && l.ToleratedFailurePercentage == nil:
		return failed > 0
	case l.ToleratedFailureCount != nil && failed > *l.ToleratedFailureCount:
		return true
	case l.ToleratedFailurePercentage != nil && total > 0:
		return float64(failed)*100/float64(total) > *l.ToleratedFailurePercentage
	}
	return false
}

// append appends the stored form. That of a run that drains is where it began to: what is pending
// is made again whenever it is needed, and never stored.
func (r *mapRun) append(dst []byte) []byte {
	if d := r.drained; d != nil {
		stored := *r
		stored.cursor, stored.skip, stored.next, stored.item = d.cursor, d.skip, d.next, d.item
		if stored.drained = nil; !r.ended {
			stored.children.Pending, stored.items.Pending = 0, 0
		}
		return stored.append(dst)
	}
	dst = wire.AppendUint(dst, uint64(r.number))
	for _, text := range [...]string{r.id, r.writer.bucket, r.writer.prefix, string(r.cursor)} {
		dst = wire.AppendText(dst, text)
	}
	count, percentage := int64(-1), int64(-1)
	if p := r.limits.ToleratedFailureCount; p != nil {
		count = *p
	}
	if p := r.limits.ToleratedFailurePercentage; p != nil {
		percentage = int64(math.Float64bits(*p))
	}
	for _, n := range [...]int64{
		r.limits.MaxConcurrency, count, percentage, r.maxItems, int64(r.skip), r.next, r.item, r.size,
		r.started, r.redrives, r.again, r.itemsAgain, r.againFrom, r.wrote,
	} {
		dst = wire.AppendInt(dst, n)
	}
	for _, bit := range [...]bool{r.keyed, r.ended, r.redriving, r.begun, r.probing, r.cursor != nil} {
		dst = wire.AppendBool(dst, bit)
	}
	for _, counts := range [...]*MapRunCounts{&r.children, &r.items} {
		for _, n := range counts.all() {
			dst = wire.AppendInt(dst, *n)
		}
	}
	return dst
}

func readMapRun(r *wire.Reader) *mapRun {
	run := &mapRun{number: uint32(r.Uint()), id: r.Text()}
	run.writer = writerTarget{r.Text(), r.Text()}
	run.cursor = []byte(r.Text())
	run.limits.MaxConcurrency = r.Int()
	if count := r.Int(); count >= 0 {
		run.limits.ToleratedFailureCount = &count
	}
	if bits := r.Int(); bits >= 0 {
		percentage := math.Float64frombits(uint64(bits))
		run.limits.ToleratedFailurePercentage = &percentage
	}
	run.maxItems, run.skip, run.next, run.item, run.size = r.Int(), int(r.Int()), r.Int(), r.Int(), r.Int()
	run.started, run.redrives, run.again, run.itemsAgain, run.againFrom, run.wrote = r.Int(), r.Int(), r.Int(), r.Int(), r.Int(), r.Int()
	run.keyed, run.ended, run.redriving, run.begun, run.probing = r.Bool(), r.Bool(), r.Bool(), r.Bool(), r.Bool()
	if !r.Bool() {
		run.cursor = nil
	}
	for _, counts := range [...]*MapRunCounts{&run.children, &run.items} {
		for _, n := range counts.all() {
			*n = r.Int()
		}
	}
	return run
}

// MapRun is a Map Run as it stands.
type MapRun struct {
	ID       MapRunID
	ARN      string
	Map      *asl.Map
	Limits   MapRunLimits
	Redrives int // of the execution, when the run was redriven last
	Children MapRunCounts
	Items    MapRunCounts
}

// MapRuns returns the Map Runs that have not ended, and those with which the execution
// ended.
func (x *Execution) MapRuns() []MapRun {
	var runs []MapRun
	for _, f := range x.frames {
		if f.fork == nil || f.fork.run == nil || !f.fork.run.begun {
			continue
		}
		r := f.fork.run
		runs = append(runs, MapRun{
			ID: f.runID(), ARN: x.mapRunARN(f), Map: f.node.state.(*mapState).distributed.definition,
			Limits: r.limits, Redrives: int(r.redrives),
		})
		last := &runs[len(runs)-1]
		last.Children, last.Items = f.counts()
	}
	return runs
}

// counts returns the counts of the frame's Map Run. Items that are part of the state's input are
// pending until they are started: their inputs could be made at any time.
func (f *frame) counts() (children, items MapRunCounts) {
	run, s := f.fork.run, f.node.state.(*mapState)
	children, items = run.children, run.items
	children.PendingRedrive, items.PendingRedrive = run.again, run.itemsAgain
	if s.reader != nil || run.ended || run.remote && run.children.Pending > 0 {
		return children, items
	}
	left := f.total() - run.item
	items.Pending += left
	if s.batcher != nil && s.batcher.items.literal > 0 {
		left = (left + s.batcher.items.literal - 1) / s.batcher.items.literal
	}
	children.Pending += left
	return children, items
}

func (f *frame) runID() MapRunID { return MapRunID{f.id, f.fork.run.number} }

// run returns the frame whose Map Run is asked about, if that has not ended.
func (x *Execution) run(id MapRunID) *frame {
	f := x.frame(id.Frame)
	if f == nil || f.fork == nil || f.fork.run == nil || f.fork.run.number != id.Number {
		return nil
	}
	switch f.phase {
	case phaseMapping, phaseWriting:
		return f
	}
	return nil
}

// arn makes an ARN of the execution's account: of a kind, with what follows it.
func (x *Execution) arn(kind, rest string) string {
	parts := strings.SplitN(x.identity.Execution, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return kind + ":" + rest // the execution has a name that AWS does not give
	}
	return strings.Join(parts[:5], ":") + ":" + kind + ":" + rest
}

// labelled returns the name of the machine whose executions the children are.
func (x *Execution) labelled(f *frame) string {
	return x.identity.StateMachineName + "/" + f.node.state.(*mapState).distributed.label
}

func (x *Execution) mapRunARN(f *frame) string {
	return x.arn("mapRun", x.labelled(f)+":"+f.fork.run.id)
}

// writtenResult returns what a Map state with results in objects yields.
func (x *Execution) writtenResult(f *frame) jsonvalue.Value {
	run := f.fork.run
	return jsonvalue.Object(
		member("MapRunArn", jsonvalue.String(x.mapRunARN(f))),
		member("ResultWriterDetails", jsonvalue.Object(
			member("Bucket", jsonvalue.String(run.writer.bucket)),
			member("Key", jsonvalue.String(run.folder(run.redrives)+"manifest.json")))))
}

// folder is where the results lie that are written after so many redrives.
func (r *mapRun) folder(redrives int64) string {
	folder := r.id + "/"
	if r.writer.prefix != "" {
		folder = r.writer.prefix + "/" + folder
	}
	if redrives > 0 {
		folder = fmt.Sprintf("%sRedrive-%d/", folder, redrives)
	}
	return folder
}

// unsound compares the record of a Map Run with its frame.
func (r *mapRun) unsound(f *frame) string {
	s, ok := f.node.state.(*mapState)
	switch p := f.interrupted(); {
	case !ok || s.distributed == nil:
		return "it has a Map Run"
	case p == phaseForked:
		return "its iterations are executions"
	case s.reader == nil && p == phaseMapping && f.fork.items.value.Kind() != jsonvalue.KindArray:
		return "its items are no array"
	case r.again < 0 || r.next < 0 || r.item < 0 || r.skip < 0 || r.size < 0 || r.maxItems < 0 || r.redrives < 0 || r.wrote < 0:
		return "its Map Run counts less than nothing"
	}
	for _, counts := range [...]*MapRunCounts{&r.children, &r.items} {
		for _, n := range counts.all() {
			if *n < 0 {
				return "its Map Run counts less than nothing"
			}
		}
	}
	return ""
}

// runSummary is what an event tells of a Map Run that has ended.
func (f *frame) runSummary() jsonvalue.Value {
	r := f.fork.run
	children, items := f.counts()
	numbers := func(c *MapRunCounts) jsonvalue.Value {
		var counts []jsonvalue.Value
		for _, n := range c.all() {
			counts = append(counts, jsonvalue.Int(*n))
		}
		return jsonvalue.Array(counts...)
	}
	members := []jsonvalue.Member{
		member("children", numbers(&children)), member("items", numbers(&items)), member("concurrency", jsonvalue.Int(r.limits.MaxConcurrency)),
	}
	if n := r.limits.ToleratedFailureCount; n != nil {
		members = append(members, member("count", jsonvalue.Int(*n)))
	}
	if p := r.limits.ToleratedFailurePercentage; p != nil {
		v, _ := jsonvalue.Float(*p)
		members = append(members, member("percentage", v))
	}
	return jsonvalue.Object(members...)
}

// MapRunOf returns what an event tells of a Map Run that has ended: MapRunSucceeded,
// MapRunFailed or MapRunAborted. ID and Map are not set.
func MapRunOf(e *history.Event) MapRun {
	run := MapRun{ARN: e.MapRunARN}
	for name, counts := range map[string]*MapRunCounts{"children": &run.Children, "items": &run.Items} {
		told, _ := e.Output.Get(name)
		for i, n := range counts.all() {
			v, _ := told.Index(i)
			*n, _ = v.AsInt64()
		}
	}
	concurrency, _ := e.Output.Get("concurrency")
	run.Limits.MaxConcurrency, _ = concurrency.AsInt64()
	if v, ok := e.Output.Get("count"); ok {
		n, _ := v.AsInt64()
		run.Limits.ToleratedFailureCount = &n
	}
	if v, ok := e.Output.Get("percentage"); ok {
		p, _ := v.AsFloat64()
		run.Limits.ToleratedFailurePercentage = &p
	}
	return run
}
