package interp

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// Execution is one run of a [Program]. It is used by one goroutine at a time.
type Execution struct {
	env
	program *Program
	header  progress
	each    func(n int, f func(i int)) // Config.Each
	parks   func(index int) bool       // Config.Parks
	here    Performer                  // Config.Here; nil: none

	frames []*frame  // by id
	ready  []*frame  // left by the last Step, in the order of their turns
	room   [1]*frame // the memory of ready: most executions have one strand
	wakes  wakeHeap
	out    int // tasks that are out

	variables int64 // bytes of the values of all variables

	scratch *workspace // while a Step is under way or soon to come
	effects *effects   // likewise
	rare    *rare      // nil: nothing of it is there

	inline     int  // Config.Inline
	history    bool // Config.History
	forget     bool // Config.Forget
	loose      bool // Config.Loose
	sparing    bool // Config.Sparing
	unwatched  bool // Config.Unwatched
	remote     bool // Config.RemotePending
	performing bool // Here performs a task, whose answer needs no note
	unseen     bool // neither Config.History nor Config.Reach is set
	overflow   bool // the history is full
	touched    bool // something has changed since the last Ready
}

// rare holds fields that an execution usually does not need while it waits. They
// are apart so that they cost no memory then.
type rare struct {
	begin   datum // noted by Begin, if begins
	begins  bool
	abort   *failure // noted by Abort
	redrive bool     // noted by Redrive

	variables jsonvalue.Value // Config.Variables
	notes     []note          // answers, in the order in which they were noted
	queue     []*frame        // tasks that wait for a slot, in order
}

// noted returns the place for what is noted.
func (x *Execution) noted() *rare {
	if x.rare == nil {
		x.rare = new(rare)
	}
	return x.rare
}

// workspace is memory that is needed only during a Step.
type workspace struct {
	ready     line
	first     line // has its turns before ready
	ahead     lookahead
	lastPlace int64    // of a frame that is ready or queued
	dirty     []*frame // frames that have changed

	spent atomic.Int64 // the work of turns that are worked out side by side
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// keptDirty is how many places for changed frames are worth keeping.
const keptDirty = 2048

// release gives the workspace back. It keeps none of what it held but for room.
func (w *workspace) release() {
	w.ready.release()
	w.first.release()
	w.ahead.release()
	if clear(w.dirty[:cap(w.dirty)]); cap(w.dirty) > keptDirty {
		w.dirty = nil
	}
	w.dirty = w.dirty[:0]
	workspaces.Put(w)
}

// Config says how executions run. The zero Config is ready to use.
type Config struct {
	// Limits bound the execution. Default: the quotas of Step Functions.
	Limits Limits

	// History makes Ready carry history events. Default: none are made.
	History bool

	// Buffer is memory for Ready.History. Default: it is made.
	Buffer []history.Event

	// Forget leaves out of Ready what is to be stored: Header, Changed, Values,
	// Removed and Dropped. It is for drivers that keep nothing. Default: it is there.
	Forget bool

	// Loose lets the sizes of inputs and results be bounded loosely, which takes a third of the time.
	// It is for drivers that keep nothing: bounds are part of what is stored. Default: they are measured.
	Loose bool

	// Synchronous leaves RedriveCount out of the Context Object, as synchronous Express
	// executions of AWS do (recorded). Default: it is there.
	Synchronous bool

	// Inline is the size, in bytes of JSON text, up to which a value is stored as part
	// of its frame, and not among Values. Default: 0, every value is stored apart.
	Inline int

	// Parks reports whether a task, by its index in Program.Tasks, is parked from its
	// start, because whoever performs it is told in the commit of that Step. Default: none is.
	Parks func(index int) bool

	// Here performs tasks on the goroutine of Step, if nothing else can happen before they have
	// ended. It needs Forget: without that, as without Here, every task is in Ready.Start. Default: nil.
	Here Performer

	// Children says that the driver does what Ready.Mapping asks for. Default: it does not,
	// and a distributed Map state fails.
	Children bool

	// RemotePending leaves the inputs of children that will not begin, which are results of a Map Run that
	// has failed, to the driver: it restores the execution elsewhere, without this, has the inputs made there, and calls
	// PendingChildren before ResultsWritten. Default: the execution makes them, as StartChild.Pending.
	RemotePending bool

	// Missing reports whether an activity does not exist: a task of it then fails. It is called
	// by those who run Each, too. Default: every activity exists.
	Missing func(activity string) bool

	// Sparing leaves out of what is stored a heartbeat that follows within a quarter of the
	// interval on the last one that was stored. A driver that sets it notes a Heartbeat of each task that it starts
	// again after Restore. It does not concern tasks that are parked. Default: each is stored.
	Sparing bool

	// Unwatched leaves the time of tasks, TimeoutSeconds and HeartbeatSeconds, to the driver: it is not in
	// Ready.Wake, and the driver calls Expire. Of tasks that are parked the core
	// watches it still. Default: the core watches all.
	Unwatched bool

	// Each runs f(0) to f(n-1), in any order or at once, and returns when all
	// have returned. The core advances sibling strands with it; the result is
	// the same whatever it does. Default: one after the other.
	Each func(n int, f func(i int))

	// Reach is told which point of [Program.Points] is reached, when the turn that
	// reached it is carried out. visit is the id of the StateEntered event of that visit of
	// the state. A test that counts coverage wants it. Default: nobody is told.
	Reach func(point int, visit int64)

	// ScaleWait turns the milliseconds that a Wait state is to take into those that it takes.
	// Deadlines and the pauses of retries stay. A development server wants it; equal
	// arguments must have equal results. Default: nil, a Wait state takes its time.
	ScaleWait func(millis int64) int64

	// Variables are those with which the execution begins: an object of names without
	// dollar signs. A test that begins in the middle wants them. Default: none.
	Variables jsonvalue.Value

	// Interrupted reports whether Step should return as soon as it can, because the
	// execution is to be stopped or its time is up. A state may have thousands of
	// expressions: it is asked between them. The strand that is interrupted does nothing, and is
	// ready for the next Step, before which the driver has to call Abort, or time has to
	// reach the deadline. It is called by those who run Each, too. Default: never.
	Interrupted func() bool
}

// note is something that was noted about a task or a Map Run.
type note struct {
	kind  noteKind
	frame *frame
	*told // nil: the kind says all, as of an answer, which the task holds
}

// told is what a note tells besides its kind.
type told struct {
	response jsonvalue.Value // of noteSubmitted and noteResults
	worker   string          // of noteStarted

	child   *ChildEnd
	chunk   *Chunk
	failure *failure
	limits  *MapRunLimits
	next    int64 // of noteRedriven
	fewer   int64

	children, items int64 // of notePending
}

type noteKind uint8

const (
	noteAnswer noteKind = iota
	noteStarted
	noteSubmitted
	noteParked
	noteHeartbeat
	noteChild // the rest is about a Map Run
	noteItems
	noteRunFailed
	noteResults
	noteWritten
	noteLimits
	noteRedriven
	notePending
)

// noIdentity is shared by all executions without names.
var noIdentity Identity

// New returns an execution that has not begun. It reads Identity, Parent and Seed
// of the header; the core maintains the other fields from now on.
func (p *Program) New(h Header, c Config) *Execution {
	x := &Execution{
		env: env{
			identity: &noIdentity, seed: h.Seed, limits: c.Limits.withDefaults(), synchronous: c.Synchronous, missing: c.Missing, interrupted: c.Interrupted,
			reach: c.Reach, children: c.Children, scaleWait: c.ScaleWait,
		},
		program: p, each: c.Each, parks: c.Parks, inline: c.Inline, history: c.History, forget: c.Forget, loose: c.Loose, sparing: c.Sparing, unwatched: c.Unwatched,
		remote: c.RemotePending,
	}
	x.unseen = !c.History && c.Reach == nil
	if c.Forget {
		x.here = c.Here
	}
	if h.Identity != noIdentity { // copied alone: the whole header would be kept otherwise
		identity := h.Identity
		x.identity = &identity
	}
	if h.Parent != (Parent{}) {
		parent := h.Parent
		x.parent = &parent
	}
	x.ready = x.room[:0]
	if c.Variables.Len() > 0 {
		x.noted().variables = c.Variables
	}
	if c.Buffer != nil {
		x.effects = &effects{history: c.Buffer[:0]}
	}
	return x
}

// Begin starts the execution with its input. It comes first, and once.
func (x *Execution) Begin(input jsonvalue.Value) {
	if r := x.noted(); x.header.Status == "" && !r.begins {
		r.begin, r.begins = x.bounded(input), true
	}
}

// Input returns what the execution began with.
func (x *Execution) Input() jsonvalue.Value { return x.input }

// RoleARN returns $$.Execution.RoleArn.
func (x *Execution) RoleARN() string { return x.identity.RoleARN }

// task returns the frame whose task is asked about and not yet answered.
func (x *Execution) task(id TaskID) *frame {
	f := x.frame(id.Frame)
	if f == nil || f.attempt != id.Attempt || f.phase != phaseWorking || f.task.answered || x.rare != nil && x.rare.abort != nil {
		return nil
	}
	return f
}

func (x *Execution) frame(id FrameID) *frame {
	if len(x.frames) == 1 && x.frames[0].id == id { // most executions have one
		return x.frames[0]
	}
	i, ok := slices.BinarySearchFunc(x.frames, id, func(f *frame, id FrameID) int {
		return cmp.Compare(f.id, id)
	})
	if !ok {
		return nil
	}
	return x.frames[i]
}

func (x *Execution) note(f *frame, kind noteKind, what *told) bool {
	if f == nil {
		return false
	}
	r := x.noted()
	r.notes = append(r.notes, note{kind, f, what})
	return true
}

// answer notes what came of a task.
func (x *Execution) answer(id TaskID, a answer) bool {
	f := x.task(id)
	if f == nil || !x.performing && !x.note(f, noteAnswer, nil) {
		return false
	}
	f.task.answer, f.task.answered = a, true
	return true
}

// Started notes that a worker has fetched the task of an activity; worker may
// be empty. Other tasks start when Ready says so. Like the other verbs that
// answer a task it returns false, and notes nothing, if the task is not, or no
// longer, waited for.
func (x *Execution) Started(task TaskID, worker string) bool {
	return x.note(x.task(task), noteStarted, &told{worker: worker})
}

// Submitted notes what the service answered to the request of a Sync or
// WaitForTaskToken task, which goes on. The first response to a Sync task counts: another
// one, perhaps after a crash, tells the history nothing.
func (x *Execution) Submitted(task TaskID, response jsonvalue.Value) bool {
	return x.note(x.task(task), noteSubmitted, &told{response: response})
}

// Parked notes that nothing is to be performed for the task any more: its answer
// comes by token. Pending then lists it in Open. A WaitForTaskToken task parks when
// it is submitted. Parked returns false if the task is parked already.
func (x *Execution) Parked(task TaskID) bool {
	f := x.task(task)
	return f != nil && !f.task.parked && x.note(f, noteParked, nil)
}

// Heartbeat notes that the task is alive.
func (x *Execution) Heartbeat(task TaskID) bool {
	return x.note(x.task(task), noteHeartbeat, nil)
}

// Succeed notes the result of a task.
func (x *Execution) Succeed(task TaskID, output jsonvalue.Value) bool {
	return x.answer(task, answer{output: x.bounded(output)})
}

// Fail notes that a task has failed with an error name and a cause, either of
// which may be empty.
func (x *Execution) Fail(task TaskID, name, cause string) bool {
	fl := given(name, cause)
	fl.task = task
	return x.answer(task, answer{failure: fl})
}

// Expire notes that the time of a task is up: that of HeartbeatSeconds if heartbeat is true,
// else that of TimeoutSeconds. It is for drivers that watch the time of tasks themselves
// ([Config.Unwatched]). Of an activity, a worker had the task.
func (x *Execution) Expire(task TaskID, heartbeat bool) bool {
	fl := timeout(failedTimeout, task)
	if heartbeat {
		fl.kind = failedHeartbeat
	}
	return x.answer(task, answer{failure: fl})
}

// Abort notes that the execution is to end with the status ABORTED. It returns
// false, and notes nothing, if the execution is over.
func (x *Execution) Abort(name, cause string) bool {
	r := x.noted()
	if r.abort != nil || x.header.Status != Running && !r.begins {
		return false
	}
	r.abort = given(name, cause)
	return true
}

// Condemn notes that the execution fails, with States.Runtime and a cause, at its
// next transition: when a wait is over or a task is answered. AWS ends the
// executions of a deleted state machine in this way. Condemn returns false if the
// execution is over.
func (x *Execution) Condemn(cause string) bool {
	if x.header.Status != Running {
		return false
	}
	x.header.condemned, x.touched = cause, true
	return true
}

// Token returns the task token of a task: an opaque text that names the
// execution, the task, and a secret that only holders of the header can make.
// $$.Task.Token yields it.
func (x *Execution) Token(task TaskID) string {
	return x.token(task)
}

// Step carries out the notes and the deadlines that are due at now, runs every
// strand until it blocks, and says what follows. The Ready is valid until the next
// Step or Rest.
//
// Step carries out notes first, in the order of the calls, and then deadlines: an
// answer that arrives at the instant of its timeout is in time.
func (x *Execution) Step(now time.Time) (ready Ready) {
	if x.program == nil || x.program.graphOf(x.parent) == nil {
		return ready // of a zero Program nothing is to be run
	}
	x.now = max(x.now, now.UnixMilli())
	if x.scratch == nil {
		x.scratch = workspaces.Get().(*workspace)
	}
	x.clearEffects()
	x.enterLine()
	x.takeNotes()
	x.takeDeadlines()
	x.endIfFull()
	x.goAhead()
	x.leaveLine()
	x.collect(&ready)
	if (len(ready.Start) == 0 || x.out > 1) && len(x.ready) == 0 {
		x.rest()
	}
	return ready
}

// Rest says that the Ready of the last Step is not needed any more: its memory goes to
// other executions. A driver that has many, most of which wait, calls it after each Step. Others need not.
func (x *Execution) Rest() {
	if x.effects != nil {
		x.effects.release()
		x.effects = nil
	}
}

// rest lets go of what the execution does not need while it waits, which may be
// long.
func (x *Execution) rest() {
	x.scratch.release()
	x.scratch = nil
	x.context.Store(nil)
	if cap(x.effects.history) == 0 && !x.forget { // a driver that keeps nothing ends soon, and calls Rest then
		x.effects = nil
	}
	if r := x.rare; r != nil && len(r.queue) == 0 {
		x.rare = nil
	}
}

// takeNotes makes happen what was noted since the last Step.
func (x *Execution) takeNotes() {
	r := x.rare
	if r == nil {
		return
	}
	switch {
	case r.begins && x.header.Status == "":
		x.beginWith(r.begin)
		r.begin, r.begins = datum{}, false
	case r.redrive:
		r.redrive = false
		x.goOn()
	}
	if r.abort != nil {
		x.end(Aborted, r.abort)
		r.abort, r.notes = nil, r.notes[:0]
	}
	for i := range r.notes {
		x.take(&r.notes[i])
		r.notes[i] = note{}
	}
	r.notes = r.notes[:0]
}

func (x *Execution) beginWith(input datum) {
	x.input, x.touched = input.value, true
	x.header.Status, x.header.semantics, x.started = Running, Semantics, x.now
	if e := x.emit(nil, "ExecutionStarted"); e != nil {
		e.Input, e.RoleARN = input.value, x.identity.RoleARN
		e.VersionARN, e.AliasARN, e.MapRunARN = x.identity.StateMachineVersion, x.identity.StateMachineAlias, x.identity.MapRun
		e.TraceHeader = x.identity.TraceHeader
	}
	x.header.deadline = x.timeIsUp()
	root := x.newFrame(nil, x.program.graphOf(x.parent).start)
	root.setInput(input)
	root.numbers[slotOrigin] = root.numbers[slotInput]
	x.commit(root, x.rare.variables)
	x.becomeReady(root)
	if input.size > longestInput || input.value.Depth() > jsonvalue.MaxDepth {
		x.end(Failed, tooLargeFor(root.node))
	}
}

// timeIsUp returns when an execution that begins now, or begins anew, has no more time; 0:
// never. The time of the state machine is not that of the children of its Map Runs.
func (x *Execution) timeIsUp() int64 {
	limit := int64(0)
	if x.parentMap() == "" {
		limit = x.program.timeout
	}
	if l := int64(x.limits.Seconds); l > 0 && (limit == 0 || l < limit) {
		limit = l
	}
	if limit == 0 {
		return 0
	}
	return addMillis(x.now, float64(limit)*1000)
}

// longestInput is how many bytes of an input a message may have to show. A program can
// make a value whose parts occur in it so often that its text has no end.
const longestInput = 256 << 20

func (x *Execution) newFrame(parent *frame, start *node) *frame {
	x.header.lastFrame++
	f := &frame{id: x.header.lastFrame, parent: parent, node: start, fresh: true}
	x.frames = append(x.frames, f)
	x.touch(f)
	return f
}

// take makes one note happen.
func (x *Execution) take(n *note) {
	f := n.frame
	if n.kind == noteHeartbeat && x.spares(f) {
		x.setTaskDeadline(f)
		return
	}
	x.touch(f)
	switch n.kind {
	case noteAnswer:
		x.taskAnswered(f)
	case noteStarted:
		x.activityStarted(f, n.worker)
	case noteSubmitted:
		x.taskSubmitted(f, n.response)
	case noteParked:
		x.park(f)
	case noteHeartbeat:
		x.setTaskDeadline(f)
		f.task.beaten = x.now
	default:
		x.takeRun(n)
	}
}

// spares reports whether a heartbeat of a task need not be stored.
func (x *Execution) spares(f *frame) bool {
	interval := f.heartbeat() * 1000
	return x.sparing && !f.task.parked && (interval == 0 || x.now-f.task.beaten < interval/4)
}

// takeDeadlines takes what is due, the earliest first.
func (x *Execution) takeDeadlines() {
	if x.header.deadline > 0 && x.header.deadline <= x.now && x.header.Status == Running {
		x.end(TimedOut, timeout(failedTimeout, TaskID{}))
		return
	}
	for {
		f := x.wakes.due(x.now)
		if f == nil {
			return
		}
		x.fallDue(f)
	}
}

func (x *Execution) fallDue(f *frame) {
	x.touch(f)
	f.until = 0
	switch f.phase {
	case phaseDelayed:
		f.phase = phaseAttempting
	case phaseWaiting:
		f.phase = phaseElapsed
	case phaseWorking:
		fl := timeout(failedTimeout, TaskID{f.id, f.attempt})
		if f.task.timeoutAt == 0 || f.task.timeoutAt > x.now {
			fl.kind = failedHeartbeat
		}
		f.task.answer, f.task.answered = answer{failure: fl}, true
		x.effects.cancel = append(x.effects.cancel, fl.task)
		x.taskAnswered(f)
		return
	}
	x.becomeReady(f)
}
