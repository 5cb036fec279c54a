package interp

// lookahead holds turns of iterations that begin soon: their inputs are selected side
// by side, before the iterations exist. The iterations of a Map state mostly end together,
// and each lets another one begin, whose turn would come alone otherwise.
type lookahead struct {
	of     *fork // of the Map state
	turns  []turn
	frames []frame // of the iterations, as they will most likely be
	count  int     // how many of the turns are worked out
	taken  int     // how many of those were used
	used   int     // how many of the frames refer to something
}

// leastAhead is how many iterations have to begin for it to be worth while.
const leastAhead = 16

// selection returns the turn of the strand at the head of the line if it is that of an
// iteration which was looked ahead to, or nil.
func (x *Execution) selection(l *line, s *share) *turn {
	f := l.frames[l.head]
	if x.each == nil || f.parent.node.state.(*mapState).itemSelector == nil {
		return nil
	}
	a := &x.scratch.ahead
	t := a.take(f)
	if t == nil {
		if n := min(x.endingNow(f.parent)+1, f.parent.fork.items.value.Len()-int(f.index), s.transitions); n >= leastAhead {
			x.lookAhead(f, n, s)
			t = a.take(f)
		}
	}
	if t != nil {
		l.head++
		l.base, l.decided = l.head, 0
	}
	return t
}

// endingNow returns how many iterations of the Map state p are about to end, one after the
// other.
func (x *Execution) endingNow(p *frame) (n int) {
	l := &x.scratch.ready
	for i := l.head - l.base; i < l.decided; i++ {
		if t := &l.turns[i]; t.f.parent != p || t.verdict != exits || t.next != nil {
			break
		}
		n++
	}
	return n
}

// lookAhead works out the turns of the iteration f and of those that follow on it.
func (x *Execution) lookAhead(f *frame, n int, s *share) {
	a := &x.scratch.ahead
	a.room(n)
	a.of, a.count, a.taken = f.parent.fork, n, 0
	for i := range n {
		g := &a.frames[i]
		g.id, g.parent, g.node, g.index, g.phase = f.id+FrameID(i), f.parent, f.node, f.index+int32(i), phaseSelecting
		a.turns[i].reset(&x.env, g, 0)
	}
	x.decideAll(a.turns[:n], s)
}

// room makes room for n turns. What was worked out is forgotten.
func (a *lookahead) room(n int) {
	if a.of = nil; n > len(a.turns) {
		a.turns, a.frames = append(a.turns, make([]turn, n-len(a.turns))...), make([]frame, n)
	}
	a.used = max(a.used, n)
}

// take returns the turn of an iteration, or nil if it has another id than was expected: what
// is drawn at random depends on it.
func (a *lookahead) take(f *frame) *turn {
	if a.of != f.parent.fork || a.taken == a.count || a.turns[a.taken].f.id != f.id {
		return nil
	}
	t := &a.turns[a.taken]
	a.taken++
	t.f = f
	return t
}

// forget drops what is left: time may have gone on, and an expression may read it.
func (a *lookahead) forget() { a.of = nil }

// release gives up what the turns refer to.
func (a *lookahead) release() {
	a.forget()
	clear(a.frames[:a.used])
	a.used = 0
	releaseTurns(a.turns)
}
