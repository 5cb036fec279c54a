package interp

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// Mapping is what the distributed Map states of an execution want from its driver. All of
// it follows the commit; Children are inserted with it.
type Mapping struct {
	Stop     []StopChildren   // abort the children that run
	Children []StartChild     // begin these, in this order
	Read     []ReadItems      // call ItemsRead or ReadFailed; at most one is out for each run
	Write    []WriteResults   // call ResultsWritten or WriteFailed. It may be repeated, with the same files
	Collect  []CollectResults // call Collected
	Ended    []MapRunID       // nothing more is wanted of these: what is kept for them can go

	Redrive []RedriveChildren // redrive children that have ended without success; then call ChildrenRedriven
}

// StopChildren asks for the end of the children of a Map Run that has ended.
type StopChildren struct {
	Run MapRunID
	ARN string // of the Map Run
}

// RedriveChildren asks for the redrive of children of a Map Run: of those that have ended
// without success, have at least the index From, and are not redriven yet, the first ones.
type RedriveChildren struct {
	Run  MapRunID
	ARN  string // of the Map Run
	N    int64
	From int64

	Redrives int // of the execution, when the run was redriven last
}

// StartChild is a child execution of a Map Run. The driver makes it by [Program.New] of the
// same program with Header, and begins it with Input. When it is over, the driver calls
// ChildDone.
type StartChild struct {
	Run     MapRunID
	Index   int64 // of the child in the run
	Items   int64 // how many items it has
	Header  Header
	Input   jsonvalue.Value
	Pending bool // it does not begin: the run has failed, and its input is a result of the run

	Redrives int // of the execution, when the run was redriven last; 0: it never was
}

// ReadItems asks for items behind a cursor.
type ReadItems struct {
	Run        MapRunID
	Map        *asl.Map        // its ItemReader says what to read
	Parameters jsonvalue.Value // of the ItemReader, evaluated
	Where      string          // begins the cause of an error that names the state
	Cursor     []byte          // of a Chunk that came before; nil: from the beginning
	Skip       int             // items to leave out, after Cursor
	Max        int             // items that are wanted. Fewer may be returned, but enough for a batch
}

// Chunk is a part of the items of a Map Run.
type Chunk struct {
	Items []Item
	Next  []byte // the cursor behind the items. Only the driver knows what it says
	Ended bool   // nothing follows
}

// Item is an item of a distributed Map state.
type Item struct {
	Value  jsonvalue.Value
	Key    string // of a member of an object
	Keyed  bool   // there is a Key
	Source string // $$.Map.Item.Source
}

// WriteResults asks for the files of a ResultWriter, or for a test of the place where they are
// to be.
type WriteResults struct {
	Run            MapRunID
	Probe          bool   // the run has not begun: write the manifest alone, of no files
	ARN            string // of the Map Run
	Bucket, Folder string // the keys of all files begin with Folder
	Transformation string // "NONE", "COMPACT" or "FLATTEN"
	OutputType     string // "JSON" or "JSONL"
	Express        bool   // the children are of the type EXPRESS
	Pending        bool   // with Config.RemotePending: inputs of children that will not begin may be among the results

	// A redrive has files of its own: of the children that succeeded after the files before, and of
	// all that did not succeed. Its manifest names all files of children that succeeded.
	Redrives   int    // of the execution, when the run was redriven last; 0: it never was
	Last       int    // Redrives of the files before these
	LastFolder string // where those are; "": there are none
}

// CollectResults asks for the results of the children that succeeded, in the order of their
// indices.
type CollectResults struct {
	Run            MapRunID
	ARN            string // of the Map Run
	Transformation string // as of WriteResults
	Express        bool   // the children are of the type EXPRESS
}

// ChildEnd tells of a child execution that is over.
type ChildEnd struct {
	Run    MapRunID
	Status Status
	Items  int64 // as of StartChild
	Size   int   // bytes that its results take in what Collected gets, each with a comma; 0 if it adds none

	Redriven bool // it was redriven before it ended
}

// noteRun notes what a driver tells of a Map Run. It returns false, and notes nothing, if the
// run has ended: whatever comes then is for nobody.
func (x *Execution) noteRun(id MapRunID, kind noteKind, what told) bool {
	f := x.run(id)
	return f != nil && (x.rare == nil || x.rare.abort == nil) && x.note(f, kind, &what)
}

// ChildDone notes that a child execution is over. Like the other verbs of a Map Run it returns
// false if the run does not wait for it any more.
func (x *Execution) ChildDone(e ChildEnd) bool {
	if f := x.run(e.Run); f == nil || f.fork.run.children.Running == 0 {
		return false
	}
	return x.noteRun(e.Run, noteChild, told{child: &e})
}

// ChildrenRedriven notes that children were redriven that a RedriveChildren asked for: they have indices
// below next, and there were so many fewer than were asked for.
func (x *Execution) ChildrenRedriven(run MapRunID, next, fewer int64) bool {
	return x.noteRun(run, noteRedriven, told{next: next, fewer: fewer})
}

// ItemsRead notes items that were asked for.
func (x *Execution) ItemsRead(run MapRunID, c Chunk) bool {
	return x.noteRun(run, noteItems, told{chunk: &c})
}

// ReadFailed notes that items cannot be read.
func (x *Execution) ReadFailed(run MapRunID, cause string) bool {
	return x.noteRun(run, noteRunFailed, told{failure: newFailure(asl.StatesItemReaderFailed, cause)})
}

// Collected notes the results that were asked for, as an array.
func (x *Execution) Collected(run MapRunID, results jsonvalue.Value) bool {
	return x.noteRun(run, noteResults, told{response: results})
}

// ResultsWritten notes that the files of a ResultWriter are there.
func (x *Execution) ResultsWritten(run MapRunID) bool {
	return x.noteRun(run, noteWritten, told{})
}

// PendingChildren notes how many children of a Map Run that has failed will not begin, with how many items:
// the driver has their inputs made elsewhere ([Config.RemotePending]).
func (x *Execution) PendingChildren(run MapRunID, children, items int64) bool {
	return x.noteRun(run, notePending, told{children: children, items: items})
}

// Results returns where a Map Run writes its results, as Write asks for; ok is false if it writes none.
func (x *Execution) Results(run MapRunID) (where WriteResults, ok bool) {
	f := x.run(run)
	if f == nil || f.fork.run.writer.bucket == "" {
		return where, false
	}
	return x.writeOf(f), true
}

// WriteFailed notes that they cannot be written.
func (x *Execution) WriteFailed(run MapRunID, cause string) bool {
	fl := newFailure(asl.StatesResultWriterFailed, cause)
	if f := x.run(run); f != nil && (!f.fork.run.begun || f.fork.run.probing) {
		fl = newFailure(asl.StatesRuntime, f.where()+"Failed to write a test manifest into the specified output bucket. "+cause)
	}
	return x.noteRun(run, noteRunFailed, told{failure: fl})
}

// UpdateMapRun notes new limits of a Map Run, which hold at once.
func (x *Execution) UpdateMapRun(run MapRunID, l MapRunLimits) bool {
	return x.noteRun(run, noteLimits, told{limits: &l})
}

// takeRun makes one note about a Map Run happen.
func (x *Execution) takeRun(n *note) {
	f := n.frame
	if f.phase != phaseMapping && f.phase != phaseWriting {
		return // a note before this one has ended it
	}
	run := f.fork.run
	switch n.kind {
	case noteChild:
		x.childEnded(f, n.child)
	case noteItems:
		run.take(n.chunk)
	case noteRunFailed:
		x.failRun(f, n.failure)
	case noteResults:
		if f.phase != phaseWriting {
			return
		}
		f.fork.items = measured(n.response)
		f.renew(slotItems)
		x.join(f)
	case noteWritten:
		x.written(f)
	case noteLimits:
		run.limits = *n.limits
	case notePending:
		run.children.Pending, run.items.Pending = n.children, n.items
	case noteRedriven:
		run.redriving, run.againFrom = false, n.next
		run.children.Running -= min(n.fewer, run.children.Running)
		run.children.Succeeded += n.fewer // they ended when they were to be aborted
	}
	if f.phase == phaseMapping {
		x.wakeRun(f)
	}
}

// take puts a chunk into the queue, as far as MaxItems allows.
func (r *mapRun) take(c *Chunk) {
	items := c.Items
	r.complete = c.Ended
	if r.maxItems > 0 {
		if left := r.maxItems - r.item - int64(len(r.queue)); int64(len(items)) >= left {
			items, r.complete = items[:left], true
		}
	}
	r.segments = append(r.segments, segment{r.after, len(items)})
	r.queue, r.after = append(r.queue, items...), c.Next
	r.reading, r.short = false, false
}

// childEnded counts a child that is over.
func (x *Execution) childEnded(f *frame, e *ChildEnd) {
	run := f.fork.run
	if run.children.Running == 0 {
		return // it is counted as aborted
	}
	run.children.Running--
	if e.Redriven {
		run.itemsAgain -= e.Items
	} else {
		run.items.Running -= e.Items
	}
	*run.children.of(e.Status)++
	*run.items.of(e.Status) += e.Items
	if e.Status == Succeeded {
		run.size += int64(e.Size)
	}
}

// total returns how many items the run has, as far as that is known; 0: it is not.
func (f *frame) total() int64 {
	run, s := f.fork.run, f.node.state.(*mapState)
	switch {
	case s.reader == nil:
		return run.limited(int64(f.fork.items.value.Len()))
	case run.ended || run.complete:
		return run.item + int64(len(run.queue))
	}
	return 0
}

func (r *mapRun) limited(n int64) int64 {
	if r.maxItems > 0 {
		return min(n, r.maxItems)
	}
	return n
}

// available returns how many items are at hand, and whether no others will come.
func (f *frame) available() (n int64, all bool) {
	run := f.fork.run
	if f.node.state.(*mapState).reader == nil {
		return f.total() - run.item, true
	}
	return int64(len(run.queue)), run.complete || run.ended
}

// wakeRun lets a Map Run have a turn if it can do something.
func (x *Execution) wakeRun(f *frame) {
	run := f.fork.run
	n, all := f.available()
	switch {
	case f.fork.broken == nil && run.breached(f.total()):
	case f.fork.broken != nil && !f.drains(): // it waits for those that run
		if run.children.Running > 0 {
			return
		}
	case n > 0 && run.again == 0 && !run.short && (run.free(x.limits) > 0 || f.drains()):
	case f.fork.broken == nil && run.again > 0 && !run.redriving && run.free(x.limits) > 0:
	case n == 0 && all && run.children.Running == 0 && run.again == 0:
	case !all && !run.reading && n < run.wanted(f, x.limits):
	default:
		return
	}
	if !run.ready {
		run.ready = true
		x.becomeReady(f)
	}
}

// itemSource is that of items which are part of the state's input.
const itemSource = "STATE_DATA"

// itemAt returns the next item but i of a Map Run.
func (f *frame) itemAt(i int) Item {
	run := f.fork.run
	if f.node.state.(*mapState).reader != nil {
		return run.queue[i]
	}
	v, _ := f.fork.items.value.Index(int(run.item) + i)
	item := Item{Value: v, Source: itemSource, Keyed: run.keyed}
	if run.keyed {
		key, _ := v.Get("Key")
		item.Key, _ = key.AsString()
	}
	return item
}
