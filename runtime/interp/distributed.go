package interp

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
)

// distributed is what a Map state has whose iterations are executions of their own.
type distributed struct {
	definition *asl.Map
	label      string
	writer     *resultWriter // nil: none
}

// resultWriter is a compiled ResultWriter.
type resultWriter struct {
	parameters     template // or Arguments; nil: the results are not written to objects
	transformation string
	outputType     string
}

func (c *compiler) distributed(s *asl.Map) *distributed {
	if !s.Distributed {
		return nil
	}
	c.maps = append(c.maps, s)
	made := &distributed{definition: s, label: MapLabel(s)}
	w := s.ResultWriter
	if w == nil {
		return made
	}
	made.writer = &resultWriter{transformation: "COMPACT", outputType: "JSON"}
	if w.Resource.Text != "" {
		made.writer.transformation = "NONE"
		made.writer.parameters = c.templateIn(s.QueryLanguage == asl.JSONata, "ResultWriter/", w.Parameters)
	}
	for name, to := range map[string]*string{"Transformation": &made.writer.transformation, "OutputType": &made.writer.outputType} {
		if v, ok := w.Config.Get(name); ok {
			*to, _ = v.AsString()
		}
	}
	return made
}

// MapLabel returns the label of a distributed Map state, which is part of the names of its Map
// Runs and of their children. One that is not written is a function of the name of the state
// (recorded).
func MapLabel(s *asl.Map) string {
	if s.Label != "" {
		return s.Label
	}
	return uuid.Format(md5.Sum([]byte(s.Name)), 3)
}

// beginRun works out the Map Run that the state begins. All fields are evaluated before an
// item is read.
func (s *mapState) beginRun(t *turn, effective datum, limit int64) *failure {
	if !t.env.children {
		return t.runtimeError("A distributed Map state cannot be run by this driver.")
	}
	run := &mapRun{limits: MapRunLimits{MaxConcurrency: limit}}
	items, failed := datum{value: jsonvalue.Array()}, (*failure)(nil)
	if s.reader == nil {
		if items, failed = s.itemsOf(t, effective); failed != nil {
			return failed
		}
		if items.value.Kind() == jsonvalue.KindObject {
			items, run.keyed = membersOf(items), true
		}
	}
	t.plan.items, t.plan.input, t.plan.unchanged = items, effective, s.inputPath == nil
	t.begun = true
	if failed = s.runLimits(t, effective, run); failed != nil {
		return failed
	}
	var id [16]byte
	random := rand.New(t.source())
	binary.BigEndian.PutUint64(id[:], random.Uint64())
	binary.BigEndian.PutUint64(id[8:], random.Uint64())
	run.id = uuid.Format(id, 4)
	t.verdict, t.begun, t.plan.run = begins, false, run
	return nil
}

// membersOf makes items of the members of an object.
func membersOf(d datum) datum {
	items := make([]jsonvalue.Value, 0, d.value.Len())
	for name, v := range d.value.Members() {
		items = append(items, jsonvalue.Object(member("Key", jsonvalue.String(name)), member("Value", v)))
	}
	return measured(jsonvalue.Array(items...))
}

// runLimits evaluates what bounds a Map Run, and the parameters of its reader and writer.
func (s *mapState) runLimits(t *turn, effective datum, run *mapRun) *failure {
	for _, field := range s.tolerated {
		if field == nil {
			continue
		}
		value, failed := field.readFloat(t, effective)
		switch count := int64(value); {
		case failed != nil:
			return failed
		case field.fraction:
			run.limits.ToleratedFailurePercentage = &value
		default:
			run.limits.ToleratedFailureCount = &count
		}
	}
	if r := s.reader; r != nil {
		most, failed := r.maxItems.read(t, effective)
		if failed == nil && r.parameters != nil {
			t.plan.items, failed = r.parameters.eval(t.over(effective))
		}
		if failed != nil {
			return failed
		}
		run.maxItems = most
	}
	if s.batcher != nil {
		if _, failed := s.batcher.limits(t, effective); failed != nil {
			return failed
		}
	}
	return s.runTarget(t, effective, run)
}

// runTarget evaluates where the results are to be written.
func (s *mapState) runTarget(t *turn, effective datum, run *mapRun) *failure {
	w := s.distributed.writer
	if w == nil || w.parameters == nil {
		return nil
	}
	d, failed := w.parameters.eval(t.over(effective))
	if failed != nil {
		return failed
	}
	bucket, _ := d.value.Get("Bucket")
	prefix, _ := d.value.Get("Prefix")
	run.writer.bucket, _ = bucket.AsString()
	run.writer.prefix, _ = prefix.AsString()
	if run.writer.bucket == "" {
		return t.runtimeError("The ResultWriter names no bucket.")
	}
	return nil
}

// beginRun begins the Map Run of a turn. If it writes its results, the place for them is tested
// first: without it there is no Map Run (recorded).
func (x *Execution) beginRun(t *turn) {
	f, run := t.f, t.plan.run
	x.emitIterating(t)
	run.started = f.last
	f.attempt++
	run.number, run.remote = f.attempt, x.remote
	f.fork = &fork{items: t.plan.items, run: run}
	f.renew(slotItems)
	f.setPayload(&f.fork.input, t.plan.input, t.plan.unchanged)
	if run.writer.bucket == "" {
		x.openRun(f)
		return
	}
	f.failedAt, f.phase = f.last, phaseWriting
	m := x.mapping()
	m.Write = append(m.Write, x.writeOf(f))
}

// openRun makes a Map Run exist.
func (x *Execution) openRun(f *frame) {
	run := f.fork.run
	if e := x.emit(f, "MapRunStarted"); e != nil {
		e.MapRunARN = x.mapRunARN(f)
	}
	f.failedAt, f.phase, run.begun = f.last, phaseMapping, true
	if run.maxItems < 0 {
		run.maxItems = 0
		x.failRun(f, newFailure(asl.StatesItemReaderFailed, "field MaxItems must be positive"))
	}
	x.wakeRun(f)
}

// mapOn is a turn of a Map Run: it starts as many children as may run, asks for items, and
// ends when there is nothing more.
func (x *Execution) mapOn(f *frame, s *share) {
	run := f.fork.run
	run.ready = false
	x.touch(f)
	if f.fork.broken == nil && run.breached(f.total()) {
		x.failRun(f, newFailure(asl.StatesExceedToleratedFailureThreshold, "The specified tolerated failure threshold was exceeded"))
	}
	if f.fork.broken != nil && !f.drains() {
		switch {
		case run.children.Running > 0:
		case f.leavesPending() && run.remote:
			x.finishRun(f)
		default:
			x.breakRun(f)
		}
		return
	}
	if f.fork.broken == nil {
		x.redriveChildren(f)
	}
	if n, _ := f.available(); n > 0 && run.again == 0 && !run.short && (run.free(x.limits) > 0 || f.drains()) {
		x.startItems(f, s)
	}
	switch n, all := f.available(); {
	case f.fork.broken != nil && !f.drains(): // an item could not be selected
	case all && n == 0:
		run.ended = true
		if run.children.Running == 0 && run.again == 0 {
			x.finishRun(f)
			return
		}
	case !all && !run.reading && n < run.wanted(f, x.limits):
		x.readOn(f)
	}
	x.wakeRun(f)
}

// redriveChildren asks for the redrive of as many children as may run, those with the lowest
// indices first.
func (x *Execution) redriveChildren(f *frame) {
	run := f.fork.run
	n := min(run.again, run.free(x.limits))
	if n <= 0 || run.redriving {
		return
	}
	run.redriving = true
	run.again, run.children.Running = run.again-n, run.children.Running+n
	m := x.mapping()
	m.Redrive = append(m.Redrive, RedriveChildren{f.runID(), x.mapRunARN(f), n, run.againFrom, int(run.redrives)})
}

// redriveRun goes on with a Map Run in which the execution ended, and reports whether it does:
// a run that failed by the data of the state is not redriven, but begun anew.
func (x *Execution) redriveRun(f *frame) bool {
	run := f.fork.run
	if !run.begun {
		return false
	}
	if broken := f.fork.broken; broken != nil && (broken.Error == asl.StatesDataLimitExceeded || broken.Error == asl.StatesRuntime && !run.probing) {
		return false
	}
	f.fork.broken = nil
	f.last = run.started
	if e := x.emit(f, "MapRunRedriven"); e != nil {
		e.MapRunARN, e.RedriveCount = x.mapRunARN(f), x.redrives
	}
	f.failedAt = f.last
	if run.writer.bucket == "" {
		x.resumeRun(f)
		return true
	}
	run.probing, f.phase = true, phaseWriting
	m := x.mapping()
	m.Write = append(m.Write, x.writeOf(f))
	return true
}

// resumeRun makes a Map Run go on that is redriven. Until the place for its results is tested it
// stays as it was (recorded).
func (x *Execution) resumeRun(f *frame) {
	run := f.fork.run
	run.redrives, run.againFrom, run.redriving, run.probing = int64(x.redrives), 0, false, false
	c, i := &run.children, &run.items
	run.again, run.itemsAgain = run.again+c.Failed+c.TimedOut+c.Aborted, i.Failed+i.TimedOut+i.Aborted+run.itemsAgain
	c.Failed, c.TimedOut, c.Aborted, i.Failed, i.TimedOut, i.Aborted = 0, 0, 0, 0, 0, 0
	ended := run.ended
	run.goBack(run.position(0))
	run.ended = ended
	run.refill()
	f.phase = phaseMapping
	x.wakeRun(f)
}

// drains reports whether a run that has failed still makes the inputs of children that will
// not begin.
func (f *frame) drains() bool { return f.leavesPending() && !f.fork.run.remote }

// leavesPending reports whether the results of a run that has failed have the inputs of children that
// will not begin.
func (f *frame) leavesPending() bool {
	k := f.fork
	return k.broken != nil && k.broken.Error == asl.StatesExceedToleratedFailureThreshold && k.run.writer.bucket != ""
}

// failRun makes a Map Run fail. Standard children are aborted; those of the type EXPRESS run
// to their end (recorded).
func (x *Execution) failRun(f *frame, fl *failure) {
	run := f.fork.run
	if fl.state == "" {
		fl.state = f.node.name
	}
	f.fork.broken = fl
	if run.children.Running > 0 && !f.node.state.(*mapState).distributed.definition.Express {
		x.stopRun(f)
	}
	if f.drains() {
		at := run.position(0)
		run.drained = &at
	}
	if f.phase == phaseWriting {
		x.breakRun(f)
	}
}

// stopRun aborts the children that run. Those that this Step was to begin do not begin.
func (x *Execution) stopRun(f *frame) {
	run := f.fork.run
	x.takeBack(f)
	if run.children.Running == 0 {
		return
	}
	for _, c := range [...]*MapRunCounts{&run.children, &run.items} {
		c.Aborted, c.Running = c.Aborted+c.Running, 0
	}
	m := x.mapping()
	m.Stop = append(m.Stop, StopChildren{f.runID(), x.mapRunARN(f)})
}

// takeBack leaves out of the Step the children that it was to begin. A run that drains makes
// their inputs again, as results; others may begin after a redrive.
func (x *Execution) takeBack(f *frame) {
	run, m := f.fork.run, x.mapping()
	kept := m.Children[:0]
	for _, c := range m.Children {
		if c.Run != f.runID() {
			kept = append(kept, c)
			continue
		}
		run.children.Running, run.items.Running = run.children.Running-1, run.items.Running-c.Items
	}
	if len(kept) < len(m.Children) {
		run.goBack(run.before)
	}
	clear(m.Children[len(kept):])
	m.Children = kept
}

// breakRun ends a Map Run that has failed: the state has failed.
func (x *Execution) breakRun(f *frame) {
	f.last = f.failedAt
	if f.fork.run.begun && !f.fork.run.probing {
		if e := x.emitRunEnded(f, "MapRunFailed"); e != nil {
			e.ErrorInfo = f.fork.broken.ErrorInfo
		}
	}
	f.phase = phaseBroken
	x.tellRun(f)
	x.endRun(f)
	x.becomeReady(f)
}

// endRun tells the driver that a Map Run is over.
func (x *Execution) endRun(f *frame) {
	m := x.mapping()
	m.Ended = append(m.Ended, f.runID())
}

// finishRun has the results written or collected.
func (x *Execution) finishRun(f *frame) {
	run := f.fork.run
	f.phase = phaseWriting
	if run.writer.bucket == "" && run.size+1 > int64(x.limits.Payload) { // with brackets, and without the last comma
		x.failRun(f, tooLargeFor(f.node))
		return
	}
	m := x.mapping()
	if run.writer.bucket == "" {
		m.Collect = append(m.Collect, x.collectOf(f))
		return
	}
	m.Write = append(m.Write, x.writeOf(f))
}

func (x *Execution) collectOf(f *frame) CollectResults {
	d := f.node.state.(*mapState).distributed
	return CollectResults{f.runID(), x.mapRunARN(f), d.transformation(), d.definition.Express}
}

func (d *distributed) transformation() string {
	if d.writer == nil {
		return "COMPACT"
	}
	return d.writer.transformation
}

func (x *Execution) writeOf(f *frame) WriteResults {
	run, w := f.fork.run, f.node.state.(*mapState).distributed.writer
	r := WriteResults{
		Run: f.runID(), Probe: !run.begun || run.probing, ARN: x.mapRunARN(f), Bucket: run.writer.bucket,
		Transformation: w.transformation, OutputType: w.outputType, Redrives: int(run.redrives),
		Express: f.node.state.(*mapState).distributed.definition.Express, Pending: run.remote && f.leavesPending(),
	}
	if run.probing {
		r.Redrives = x.redrives
	}
	r.Folder = run.folder(int64(r.Redrives))
	if run.wrote > 0 {
		r.Last, r.LastFolder = int(run.wrote-1), run.folder(run.wrote-1)
	}
	return r
}

// written goes on when the files of the results, or of the test, are there.
func (x *Execution) written(f *frame) {
	switch run := f.fork.run; {
	case f.phase != phaseWriting:
		return // the files are those of a driver before this one, and are written again
	case !run.begun:
		x.openRun(f)
		return
	case run.probing:
		x.resumeRun(f)
		return
	}
	f.fork.run.wrote = f.fork.run.redrives + 1
	if f.fork.broken != nil {
		x.breakRun(f)
		return
	}
	f.fork.items = measured(x.writtenResult(f))
	f.renew(slotItems)
	x.join(f)
}

// join goes on with the result of a Map Run.
func (x *Execution) join(f *frame) {
	f.phase = phaseJoining
	x.tellRun(f)
	x.endRun(f)
	x.becomeReady(f)
}

// where begins the cause of an error that names the state.
func (f *frame) where() string {
	return fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). ", f.node.name, f.entered)
}

// wanted returns how many items are to be at hand.
func (r *mapRun) wanted(f *frame, l *Limits) int64 {
	most := min(r.free(l), mostAtHand)
	if b := f.node.state.(*mapState).batcher; b != nil {
		most *= max(b.items.literal, 10)
	}
	if f.drains() {
		most = mostAtHand
	}
	return min(max(most, 100), mostAtHand)
}

// readOn asks for the next chunk.
func (x *Execution) readOn(f *frame) {
	f.fork.run.reading = true
	m := x.mapping()
	m.Read = append(m.Read, x.readOf(f))
}

func (x *Execution) readOf(f *frame) ReadItems {
	run := f.fork.run
	r := ReadItems{
		Run: f.runID(), Map: f.node.state.(*mapState).distributed.definition, Parameters: f.fork.items.value,
		Where: f.where(), Cursor: run.after, Max: int(4 * run.wanted(f, x.limits)),
	}
	if len(run.queue) == 0 {
		r.Cursor, r.Skip = run.cursor, run.skip
	}
	return r
}

// startItems starts the next children.
func (x *Execution) startItems(f *frame, s *share) {
	state := f.node.state.(*mapState)
	available, all := f.available()
	for n := min(available, itemsOfTurn); ; n = min(2*n, available) {
		inputs, failed := x.selectItems(f, int(n), s)
		var counts []int
		if failed == nil && state.batcher != nil {
			inputs, counts, failed = x.batch(f, inputs, all && n == available)
		}
		if failed == interrupted {
			s.work = 0
			return
		}
		if failed != nil {
			x.failRun(f, failed)
			return
		}
		if len(inputs) > 0 {
			x.startChildren(f, inputs, counts)
			return
		}
		if n == available {
			f.fork.run.short = true
			if !f.fork.run.reading {
				x.readOn(f)
			}
			return
		}
	}
}

// selectItems makes the inputs of the next items, side by side if the driver helps.
func (x *Execution) selectItems(f *frame, n int, s *share) ([]jsonvalue.Value, *failure) {
	inputs := make([]jsonvalue.Value, n)
	run := f.fork.run
	s.transitions -= n
	if f.node.state.(*mapState).itemSelector == nil {
		for i := range n {
			inputs[i] = f.itemAt(i).Value
		}
		return inputs, nil
	}
	a := &x.scratch.ahead
	a.room(n)
	items := make([]mapItem, n)
	for i := range n {
		g := &a.frames[i]
		items[i] = mapItem{f.itemAt(i), run.item + int64(i)}
		g.id, g.parent, g.node, g.phase = f.id<<20^FrameID(run.number)|1<<63, f, f.node, phaseSelecting
		g.draws = uint32(items[i].index)
		a.turns[i].reset(&x.env, g, 0)
		a.turns[i].item = &items[i]
	}
	if x.each == nil {
		for i := range n {
			a.turns[i].decide()
		}
	} else {
		x.each(n, func(i int) { a.turns[i].decide() })
	}
	for i := range n {
		t := &a.turns[i]
		s.work -= t.cost
		if t.item = nil; t.verdict == fails {
			return nil, t.failure
		}
		if t.verdict != selects {
			return nil, interrupted
		}
		inputs[i] = t.output.value
	}
	return inputs, nil
}

// interrupted says that the inputs were not made because the Step is to end.
var interrupted = new(failure)

// batch groups inputs. The last group is left out if more items may follow.
func (x *Execution) batch(f *frame, items []jsonvalue.Value, last bool) (batches []jsonvalue.Value, counts []int, failed *failure) {
	b := f.node.state.(*mapState).batcher
	t := new(turn)
	t.reset(&x.env, f, 0)
	limits, failed := b.limits(t, f.fork.input)
	if failed != nil {
		return nil, nil, failed
	}
	for len(items) > 0 {
		n := fill(items, limits.items, limits.room)
		if n == len(items) && !last && int64(n) != limits.items {
			break
		}
		batches, counts, items = append(batches, limits.of(items[:n])), append(counts, n), items[n:]
	}
	return batches, counts, nil
}

// startChildren starts a child for each input, as far as there are slots. counts tells how
// many items each has; nil: one.
func (x *Execution) startChildren(f *frame, inputs []jsonvalue.Value, counts []int) {
	run, drains := f.fork.run, f.drains()
	n := int64(len(inputs))
	if !drains {
		n = min(n, run.free(x.limits))
	}
	if step := x.header.Revision + 1; run.before.step != step {
		run.before = run.position(step)
	}
	maker, taken := x.childMaker(f), 0
	m := x.mapping()
	for i, input := range inputs[:n] {
		items := 1
		if counts != nil {
			items = counts[i]
		}
		m.Children = append(m.Children, StartChild{
			Run: f.runID(), Index: run.next, Items: int64(items), Header: maker.header(run.next, int64(items)), Input: input, Pending: drains,
			Redrives: int(run.redrives),
		})
		if drains {
			run.children.Pending, run.items.Pending = run.children.Pending+1, run.items.Pending+int64(items)
		} else {
			run.children.Running, run.items.Running = run.children.Running+1, run.items.Running+int64(items)
		}
		run.next++
		taken += items
	}
	run.advance(taken)
}

// advance takes items off the queue.
func (r *mapRun) advance(n int) {
	r.item += int64(n)
	if len(r.queue) == 0 {
		return // they are part of the state's input
	}
	clear(r.queue[:n])
	r.queue = r.queue[n:]
	for n > 0 {
		s := &r.segments[0]
		if s.left > n {
			s.left -= n
			r.skip += n
			return
		}
		n -= s.left
		if r.segments = r.segments[1:]; len(r.segments) > 0 {
			r.cursor, r.skip = r.segments[0].cursor, 0
		} else {
			r.cursor, r.skip = r.after, 0
		}
	}
}

// mapItem is an item with its place among all items.
type mapItem struct {
	Item
	index int64
}

func (i *mapItem) context() jsonvalue.Value {
	members := append(make([]jsonvalue.Member, 0, 4), member("Index", jsonvalue.Int(i.index)), member("Value", i.Value))
	if i.Keyed {
		members = append(members, member("Key", jsonvalue.String(i.Key)))
	}
	return jsonvalue.Object(append(members, member("Source", jsonvalue.String(i.Source)))...)
}
