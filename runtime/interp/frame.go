package interp

import "github.com/statemill/statemill/jsonvalue"

// frame is one strand of an execution: the root, a branch or an iteration.
type frame struct {
	id       FrameID
	parent   *frame
	node     *node
	index    int32 // of the branch or item in the parent
	phase    phase
	stopped  phase // what the end of the execution interrupted
	borrowed bool  // the input is stored with the parent: fork.input for a branch, the item for an iteration
	changed  bool  // since the last Ready
	fresh    bool  // not in a Ready yet
	inline   uint8 // the slots, by bits, whose values are stored in the frame

	entered   int64 // id of the StateEntered event of the present state
	enteredAt int64 // in milliseconds
	last      int64 // id of the last event of this strand
	failedAt  int64 // broken: id of the event that made a child fail; joining: of the last event below the state

	attempt uint32    // grows by one with each task that is begun: never used twice
	retried uint32    // retries of the state, over all Retriers
	draws   uint32    // turns that used randomness
	counter uint32    // the last of numbers that was given
	retries *[]uint32 // by Retrier, in this visit of the state; nil: none

	input     datum           // of the state; when the phase is done, the output
	variables jsonvalue.Value // an object; null: none
	assigned  int64           // bytes of their values

	until int64 // the next deadline; 0: none
	place int64 // among the strands that are ready or queued; smaller goes first
	task  *task // of a Task state
	fork  *fork // of a Parallel or Map state

	numbers [valueSlots]uint32 // under which the values are stored
	kept    [valueSlots]uint32 // the numbers as of the last Ready
}

// task is the present attempt of a Task state, or the one that failed last.
type task struct {
	input     datum // what was asked for; enough to ask again after a crash
	role      string
	timeout   int64 // seconds; 0: none
	heartbeat int64 // likewise
	timeoutAt int64 // when the time is up, in milliseconds; 0: never
	started   bool  // of an activity: a worker has it
	answered  bool  // the answer is noted
	failed    bool  // the last event of the strand is the failure of the task
	parked    bool  // the answer comes by token: nothing is to be performed any more
	scheduled int64 // id of the event that scheduled it
	beaten    int64 // when a heartbeat was stored last, in milliseconds; since Restore
	answer    answer

	submission datum // of a Sync task: the response to the request that began the job
}

// answer is the output of a task, or its failure.
type answer struct {
	output  datum
	failure *failure
}

// fork is the work of a Parallel or Map state.
type fork struct {
	items       datum    // of a Map state
	input       datum    // of all branches; of a Map state what its ItemSelector reads
	children    []*frame // running or done, by index
	open        int      // children that are not done
	concurrency int
	broken      *failure // of the child that failed
	run         *mapRun  // of a distributed Map state; nil: the children are frames
}

// phase says what a frame waits for.
type phase uint8

const (
	phaseEntering   phase = iota // its state is to be entered
	phaseAttempting              // its state's work is to be begun again
	phaseSelecting               // the input of an iteration is to be made
	phaseQueued                  // its task waits for a slot
	phaseWorking                 // its task is out
	phaseAnswered                // its task is over
	phaseWaiting                 // a Wait state's time
	phaseElapsed                 // that time is over
	phaseDelayed                 // a retry's time
	phaseForked                  // its children
	phaseJoining                 // all children are done
	phaseBroken                  // a child has failed
	phaseDone                    // it has reached the end of its graph
	phaseStopped                 // the execution ended without success
	phaseMapping                 // children of a Map Run, or items of it
	phaseWriting                 // the results of a Map Run
)

var phaseNames = [...]string{
	"entering", "attempting", "selecting", "queued", "working", "answered", "waiting", "elapsed",
	"delayed", "forked", "joining", "broken", "done", "stopped", "mapping", "writing",
}

// String returns the name that the stored form and ARCHITECTURE.md use.
func (p phase) String() string { return phaseNames[p] }

// ready reports whether a frame can go on without anything from outside.
func (p phase) ready() bool {
	switch p {
	case phaseEntering, phaseAttempting, phaseSelecting, phaseAnswered, phaseElapsed, phaseJoining, phaseBroken:
		return true
	}
	return false
}

// inLine reports whether a frame has a turn to come.
func (f *frame) inLine() bool {
	return f.phase.ready() || f.phase == phaseMapping && f.fork.run.ready
}

// The values of a frame that are stored beside its control record.
const (
	slotInput     = iota
	slotVariables // of the scope that the frame is
	slotItems     // fork.items
	slotPayload   // task.input, the output of a task that is answered, or fork.input
	slotOrigin    // of the first frame: the input of the execution
	slotSubmission
	valueSlots
)

// touch notes that the control record has changed.
func (x *Execution) touch(f *frame) {
	x.touched = true
	if !f.changed && !x.forget {
		f.changed = true
		x.scratch.dirty = append(x.scratch.dirty, f)
	}
}

// renew gives the value in a slot a new number; it has changed.
func (f *frame) renew(slot int) {
	f.counter++
	f.numbers[slot] = f.counter
}

// isInline reports whether the value in a slot is stored in the frame.
func (f *frame) isInline(slot int) bool { return f.inline&(1<<slot) != 0 }

// drop says that the value in a slot is not needed any more.
func (f *frame) drop(slot int) { f.numbers[slot] = 0 }

func (f *frame) setInput(d datum) {
	f.input, f.borrowed = d, false
	f.renew(slotInput)
}

// borrowInput gives a child an input that is stored with its parent.
func (f *frame) borrowInput(d datum) {
	f.input, f.borrowed = d, true
	f.drop(slotInput)
}

// setPayload keeps what a Task state asks for, or what the branches get. Often it
// is the input of the state, which is stored already.
func (f *frame) setPayload(place *datum, d datum, same bool) {
	*place = d
	if same {
		f.numbers[slotPayload] = f.numbers[slotInput]
	}
	if !same || f.numbers[slotInput] == 0 {
		f.renew(slotPayload)
	}
}

// data returns where the bounded values are held, by slot.
func (f *frame) data() [valueSlots]*datum {
	d := [valueSlots]*datum{slotInput: &f.input}
	switch {
	case f.fork != nil:
		d[slotItems], d[slotPayload] = &f.fork.items, &f.fork.input
	case f.phase == phaseAnswered && f.task.answer.failure == nil:
		d[slotPayload] = &f.task.answer.output
	case f.task != nil:
		d[slotPayload], d[slotSubmission] = &f.task.input, &f.task.submission
	}
	return d
}

// joined returns the outputs of the children, in their order.
func (f *frame) joined() datum {
	if f.fork.run != nil {
		return f.fork.items
	}
	elements := make([]jsonvalue.Value, len(f.fork.children))
	made := datum{size: len("[]")}
	for i, child := range f.fork.children {
		elements[i] = child.input.value
		made.size += child.input.size + 1
	}
	made.value = jsonvalue.Array(elements...)
	return made
}
