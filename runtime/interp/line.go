package interp

import (
	"slices"

	"github.com/statemill/statemill/asl"
)

// line holds strands that are ready, in the order in which they have their
// turns. Turns are worked out before their strands are at the head, many side by
// side, and applied one after the other.
type line struct {
	frames  []*frame // those before head have had their turn
	head    int
	turns   []turn // of the frames from base on; the first decided ones are worked out, or to be worked out
	base    int
	decided int
	used    int // how much of the room of frames refers to strands
}

// waiting returns the strands that have not had their turn.
func (l *line) waiting() []*frame { return l.frames[l.head:] }

// push puts a strand at the end of the line. In an empty line it takes the place of
// the last one that had its turn, which most often is the strand itself.
func (l *line) push(f *frame) {
	if l.head == 0 || l.head < len(l.frames) {
		l.frames = append(l.frames, f)
		return
	}
	l.head--
	l.base, l.decided = l.head, 0
	if l.frames[l.head] != f {
		l.frames[l.head] = f
	}
}

// clear empties the line. It keeps the room, and what the room refers to until
// release.
func (l *line) clear() {
	l.used = max(l.used, len(l.frames))
	l.frames, l.head, l.base, l.decided = l.frames[:0], 0, 0, 0
}

// release gives up what the line refers to, and room that is not worth keeping.
func (l *line) release() {
	const maxKept = 256
	if len(l.turns) > maxKept || cap(l.frames) > 8*maxKept {
		*l = line{}
		return
	}
	releaseTurns(l.turns)
	l.clear()
	clear(l.frames[:l.used])
	l.used = 0
}

// releaseTurns clears turns and keeps their room.
func releaseTurns(turns []turn) {
	for i := range turns {
		t := &turns[i]
		if t.f == nil {
			break // the first ones are used first
		}
		members, evaluations, reached := t.members[:0], t.evaluations[:0], t.reached[:0]
		*t = turn{}
		t.members, t.evaluations, t.reached = members, evaluations, reached
	}
}

// compact drops the strands that have had their turn, if they are most of the line.
func (l *line) compact() {
	if l.head > len(l.frames)/2 {
		l.used = max(l.used, len(l.frames))
		n := copy(l.frames, l.frames[l.head:])
		l.frames, l.head = l.frames[:n], 0
	}
	l.base, l.decided = l.head, 0
}

// share is the work that one Step may still do. Work is counted, and not timed,
// so that a Step ends at the same place every time.
type share struct {
	transitions int
	work        int
}

func (s *share) left() bool { return s.transitions > 0 && s.work > 0 }

// becomeReady puts a strand at the end of the line.
func (x *Execution) becomeReady(f *frame) {
	x.takePlace(f)
	x.scratch.ready.push(f)
}

// takePlace gives a strand the last place of those that are ready or wait for a
// slot.
func (x *Execution) takePlace(f *frame) {
	x.scratch.lastPlace++
	f.place = x.scratch.lastPlace
}

// goesNext lets a strand have its turn before those that are in the line: AWS
// lets a strand that waits for no time go on at once, and starts the iterations
// of a Map state together.
func (x *Execution) goesNext(f *frame) { x.scratch.first.push(f) }

// goAhead runs every strand until it blocks or the share of this Step is used up.
func (x *Execution) goAhead() {
	s := share{x.limits.Steps, x.limits.Work}
	x.advance(&s)
	for task := x.sole(); task != nil; task = x.sole() {
		x.performHere(task)
		x.advance(&s)
	}
}

// advance gives strands their turns until every one blocks or the share of this
// Step is used up. A strand ends its state, with all events of that, before the
// next one begins its own, as recorded on AWS.
func (x *Execution) advance(s *share) {
	for x.header.Status == Running && s.left() {
		l := &x.scratch.ready
		if len(x.scratch.first.waiting()) > 0 {
			l = &x.scratch.first
		} else if len(l.waiting()) == 0 {
			break
		}
		if x.header.condemned != "" {
			x.failCondemned(l.waiting()[0])
			break
		}
		t := x.nextTurn(l, s)
		if t.f.phase != phaseStopped && !x.transition(t, s) {
			l.head--
			break
		}
	}
}

// inLine reports whether a strand has a turn to come.
func (x *Execution) inLine() bool {
	return len(x.scratch.first.waiting())+len(x.scratch.ready.waiting()) > 0
}

// failCondemned ends an execution that was condemned, in place of the next
// transition. The event follows the last one of the strand (recorded).
func (x *Execution) failCondemned(f *frame) {
	x.frames[0].last = f.last
	x.end(Failed, newFailure(asl.StatesRuntime, x.header.condemned))
}

// enterLine begins a Step with the strands that the last one left.
func (x *Execution) enterLine() {
	w := x.scratch
	w.ahead.forget()
	w.lastPlace = x.lastQueued()
	if n := len(x.ready); n > 0 {
		w.lastPlace = max(w.lastPlace, x.ready[n-1].place)
		w.ready.frames = append(w.ready.frames, x.ready...)
		clear(x.ready)
		x.ready = x.ready[:0]
	}
}

// lastQueued returns the place of the last task that waits for a slot; 0: none does.
// Those at the end that were stopped meanwhile leave the queue: after a restart
// nobody would know of them, and places would differ.
func (x *Execution) lastQueued() int64 {
	r := x.rare
	for r != nil && len(r.queue) > 0 {
		last := r.queue[len(r.queue)-1]
		if last.phase == phaseQueued {
			return last.place
		}
		r.queue = r.queue[:len(r.queue)-1]
	}
	return 0
}

// leaveLine keeps the strands that are left for the next Step. Their order can be
// told from their places. Strands that were stopped are left out: after a restart
// nobody would know of them.
func (x *Execution) leaveLine() {
	first, others := x.scratch.first.waiting(), x.scratch.ready.waiting()
	if len(first)+len(others) == 0 {
		return
	}
	place := x.scratch.lastPlace + 1
	if len(others) > 0 {
		place = others[0].place
	}
	for i, f := range first {
		f.place = place - int64(len(first)-i)
	}
	x.ready = append(append(x.ready, first...), others...)
	x.ready = slices.DeleteFunc(x.ready, func(f *frame) bool { return f.phase == phaseStopped })
	x.scratch.first.clear()
	x.scratch.ready.clear()
}

// nextTurn takes the strand at the head of the line and returns its turn.
func (x *Execution) nextTurn(l *line, s *share) *turn {
	if l.head-l.base == l.decided {
		f := l.frames[l.head]
		if f.phase == phaseSelecting {
			if t := x.selection(l, s); t != nil {
				return t
			}
		}
		if l.head == len(l.frames)-1 && len(l.turns) > 0 { // no other waits: most executions have one strand
			l.base, l.decided = l.head, 1
			l.head++
			t := &l.turns[0]
			t.reset(&x.env, f, x.header.lastEvent+1)
			t.decide()
			return t
		}
		x.prepare(l, s)
	}
	t := &l.turns[l.head-l.base]
	l.head++
	return t
}

// prepare works out the turns of the strands at the head of the line, side by
// side if the driver helps. Those that come after the share is used up are not
// worked out: they would mostly be for nothing.
func (x *Execution) prepare(l *line, s *share) {
	l.compact()
	n := 1
	if x.each != nil {
		n = min(len(l.waiting()), s.transitions)
	}
	if n > len(l.turns) {
		l.turns = append(l.turns, make([]turn, n-len(l.turns))...)
		l.turns = l.turns[:cap(l.turns)]
	}
	l.decided = n
	turns := l.turns[:n]
	entered := x.header.lastEvent + 1
	for i, f := range l.waiting()[:n] {
		turns[i].reset(&x.env, f, entered)
		if f.phase == phaseEntering {
			entered += 2 // those of a state that is left at once
		}
	}
	if n == 1 {
		turns[0].decide()
		return
	}
	x.decideAll(turns, s)
}

// leastShared is how many turns there have to be for somebody to help with them. Tests of this
// package share all.
var leastShared = 16

// decideAll works turns out, side by side if there are many.
func (x *Execution) decideAll(turns []turn, s *share) {
	if len(turns) < leastShared {
		for i, left := 0, s.work; i < len(turns) && left > 0; i++ {
			turns[i].decide()
			left -= turns[i].cost
		}
		return
	}
	spent, work := &x.scratch.spent, int64(s.work) // no share is on the heap
	spent.Store(0)
	x.each(len(turns), func(i int) {
		if spent.Load() >= work {
			return
		}
		turns[i].decide()
		if cost := turns[i].cost; cost > 0 {
			spent.Add(int64(cost))
		}
	})
}

// transition applies a turn. It returns false, and applies nothing, if the turn was
// interrupted; its strand keeps its place.
func (x *Execution) transition(t *turn, s *share) bool {
	if t.interrupted {
		t.reset(&x.env, t.f, t.entered)
	}
	if t.verdict == undecided {
		t.decide()
	}
	if t.interrupted {
		return false
	}
	if x.unseen && t.onlyExits() && x.mayPassOn() {
		x.passOn(t, s)
		return true
	}
	if t.f.phase == phaseEntering {
		x.enterState(t.f)
		wrong := t.quoted && t.entered != t.f.entered
		if t.entered = t.f.entered; wrong {
			t.reset(&x.env, t.f, t.f.entered)
			t.decide()
			if t.interrupted {
				t.f.phase = phaseAttempting // it is entered already
				return false
			}
		}
	}
	s.transitions--
	s.work -= t.cost
	x.apply(t, s)
	if x.queued() {
		x.fillSlots()
	}
	if x.overflow {
		x.endIfFull()
	}
	return true
}

func (x *Execution) enterState(f *frame) {
	x.touch(f)
	f.enteredAt = x.now
	if e := x.emit(f, f.node.entered); e != nil {
		e.Name, e.Input = f.node.name, f.input.value
	}
	f.entered = x.header.lastEvent
	if x.reach != nil {
		x.reach(int(f.node.points.entered), f.entered)
	}
}
