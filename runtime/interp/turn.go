package interp

import (
	"math/rand/v2"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// turn is one frame's part in a round: what it is to deal with goes in, and the
// transition that follows comes out. Working a turn out reads the frame, the
// variables of its ancestors and the program, and writes nothing but the turn;
// so turns of one round can be worked out side by side.
type turn struct {
	env *env
	f   *frame
	at  *frame // the frame whose fields are evaluated: f, or its parent, a Map state, while ItemSelector runs

	tally
	output   datum
	assigned jsonvalue.Value // an object; null: nothing is assigned
	next     *node           // nil: the graph ends
	until    int64           // of a wait or a retry
	failure  *failure        // what was retried or fails
	caught   *failure        // what the Catcher took by which the state is left
	plan     plan            // what a Task, Parallel or Map state begins
	searched int             // bytes that the last intrinsic function looked through
	item     *mapItem        // whose input is made for a child execution; nil: none is

	// evaluations are the failed evaluations, in their order: the state's own,
	// then that of a Catcher.
	evaluations []*failure

	scope     scope
	context   jsonvalue.Value
	random    rand.Source
	members   []jsonvalue.Member // a stack for templates
	trace     *trace             // of an Inspection; nil otherwise
	reached   []int32            // points, for Config.Reach
	branching branching          // likewise
}

// tally is the flags and numbers of a turn. Each turn starts with a new one.
type tally struct {
	verdict      verdict
	borrows      bool // the output is an item of the Map state, unchanged
	begun        bool // a Map state fails, and MapStateStarted precedes the failure
	drew         bool // randomness was used
	quoted       bool // a message quotes the id that StateEntered will have
	interrupted  bool // nothing was decided
	failedCatch  bool // a Catcher took the error, and failed
	contextBuilt bool // context is what it is to be

	entered int64 // the id that StateEntered will have, if the state is still to be entered and the guess is right
	cost    int   // the steps that it took, as expressions count them
	made    int   // bytes of the texts of the values that expressions made
	pause   int   // the cost at which to ask for an interruption next

	// For AWS's TestState: which Retrier and Catcher handled the error; -1: none.
	retrier, catcher int
}

// verdict says how a turn ends.
type verdict uint8

const (
	undecided verdict = iota
	exits             // output, assigned, next
	begins            // work: a task or children
	maps              // a Map Run goes on
	waits             // until
	retries           // failure, until
	fails             // failure: nobody caught it
	selects           // output is the input of the iteration
)

// plan says what a state begins and then waits for.
type plan struct {
	input       datum // of a task, of each branch; of a Map state what its ItemSelector reads
	unchanged   bool  // it is the input of the state
	items       datum // of a Map state
	timeout     int64 // seconds; 0: none
	heartbeat   int64
	role        string
	concurrency int
	run         *mapRun // of a distributed Map state
}

// reset makes the turn ready for a frame. It clears what is read before it is
// written and leaves the rest: clearing everything would take as long as a Pass
// state does. A pointer is written only if it changes: each write of a pointer costs
// the write barrier while garbage is collected.
func (t *turn) reset(e *env, f *frame, entered int64) {
	if t.f != f || t.at != f || t.env != e {
		t.env, t.f, t.at = e, f, f
	}
	if t.caught != nil || t.random != nil {
		t.caught, t.random = nil, nil
	}
	if t.plan.run != nil || t.item != nil {
		t.plan.run, t.item = nil, nil
	}
	t.tally = tally{entered: entered, pause: costOfPause, retrier: -1, catcher: -1}
	t.members, t.evaluations, t.reached = t.members[:0], t.evaluations[:0], t.reached[:0]
}

// decide does what the phase of the frame asks for, and so finds the transition,
// unless it is interrupted.
func (t *turn) decide() {
	var failed *failure
	switch f := t.f; f.phase {
	case phaseEntering, phaseAttempting:
		failed = f.node.state.enter(t)
	case phaseSelecting:
		t.selectItem()
	case phaseMapping:
		t.verdict = maps
	case phaseAnswered:
		failed = t.answered(&f.task.answer)
	case phaseElapsed:
		failed = t.resume(datum{})
	case phaseJoining:
		failed = t.resume(f.joined())
	case phaseBroken:
		failed = f.fork.broken
	}
	if failed != nil {
		t.fail(failed)
	}
	if t.interrupted {
		t.verdict = undecided
	}
}

// costOfPause is how many steps, some milliseconds of work, go by before a turn asks
// whether it is interrupted.
const costOfPause = 50_000

// interruption returns a failure, which nobody catches, if the turn is to be given up.
// It asks from time to time.
func (t *turn) interruption() *failure {
	if t.cost < t.pause {
		return nil
	}
	t.pause = t.cost + costOfPause
	if !t.interrupted && (t.env.interrupted == nil || !t.env.interrupted()) {
		return nil
	}
	t.interrupted, t.pause = true, 0
	return newFailure(asl.StatesRuntime, "interrupted")
}

// hold returns the datum of a value that an expression made. What the expressions
// of one state make together is bounded: many times what could leave the state, or
// the 16 MiB that few bytes of memory are needed for.
func (t *turn) hold(v jsonvalue.Value) (datum, *failure) {
	const times, least = 64, 16 << 20
	d := measured(v)
	if t.made += d.size; t.made > least && t.made/times > t.env.limits.Payload {
		return datum{}, t.tooLarge()
	}
	return d, nil
}

// answered takes the answer to a task.
func (t *turn) answered(a *answer) *failure {
	if a.failure != nil {
		return a.failure
	}
	return t.resume(a.output)
}

// resume goes on with what the work of the state came to.
func (t *turn) resume(result datum) *failure { return t.f.node.state.(resumer).resume(t, result) }

// chargeSearch counts the search of a value whose text has this many bytes.
// Eight bytes cost as much as a step of an expression.
func (t *turn) chargeSearch(bytes int) { t.cost += bytes / 8 }

// exit leaves the state by its own transition.
func (t *turn) exit(out datum, assigned jsonvalue.Value) {
	t.verdict, t.output, t.assigned, t.next = exits, out, assigned, t.at.node.next
}

// fail lets Retry and Catch decide about a failure.
func (t *turn) fail(fl *failure) {
	t.evaluated(fl)
	if t.retry(fl) || t.catch(fl) {
		return
	}
	t.verdict, t.failure = fails, fl
}

// evaluated notes a failure for the history if an expression caused it here.
func (t *turn) evaluated(fl *failure) {
	if fl.kind == failedEvaluation && t.f.phase != phaseBroken {
		t.evaluations = append(t.evaluations, fl)
	}
}

// state is a compiled state; each kind is one file.
type state interface {
	// enter works out what an attempt of the state leads to.
	enter(t *turn) *failure
}

// resumer is a state that blocks: it goes on when its work is done.
type resumer interface {
	resume(t *turn, result datum) *failure
}
