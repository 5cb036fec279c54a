package asl

import "sync"

// workspace is memory that a validation leaves to the next one. Findings do not
// refer to it.
type workspace struct {
	rows  []row
	rooms rooms
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// keptValues is how many rows, and how many values in a room, are kept for the
// next definition.
const (
	keptRows   = 1 << 14
	keptValues = 1 << 8
)

// leave gives the memory back, with the rows that were used.
func (w *workspace) leave(rows []row) {
	if cap(rows) <= keptRows {
		w.rows = rows
	}
	w.rooms.clear()
	workspaces.Put(w)
}

// rooms is where the parts of a graph are made.
type rooms struct {
	passes    room[Pass]
	tasks     room[Task]
	choices   room[Choice]
	waits     room[Wait]
	succeeds  room[Succeed]
	fails     room[Fail]
	parallels room[Parallel]
	maps      room[Map]
	retriers  room[Retrier]
	catchers  room[Catcher]
	rules     room[Rule]
}

func (r *rooms) clear() {
	r.passes.clear()
	r.tasks.clear()
	r.choices.clear()
	r.waits.clear()
	r.succeeds.clear()
	r.fails.clear()
	r.parallels.clear()
	r.maps.clear()
	r.retriers.clear()
	r.catchers.clear()
	r.rules.clear()
}

// room is where values of one type are made. Until it is cleared for the first
// time each is on its own, so that a graph that stays takes no more than it
// needs; then there is a block for as many as were made before.
type room[T any] struct {
	block []T
	made  int
}

// several makes n values. Nobody may use them after the room is cleared.
func (r *room[T]) several(n int) []T {
	r.made += n
	used := len(r.block)
	if cap(r.block)-used < n {
		return make([]T, n)
	}
	r.block = r.block[:used+n]
	return r.block[used : used+n : used+n]
}

func (r *room[T]) one() *T { return &r.several(1)[0] }

func (r *room[T]) clear() {
	clear(r.block)
	if r.made > cap(r.block) && r.made <= keptValues {
		r.block = make([]T, 0, r.made)
	}
	r.block, r.made = r.block[:0], 0
}
