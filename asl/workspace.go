package asl

import "sync"

// workspace is memory that a validation leaves to the next one. Findings do not
// refer to it.
type workspace struct {
	rows  []row
	arena arena
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// keptRows is how many rows are kept for the next definition.
const keptRows = 1 << 14

// leave gives the memory back, with the rows that were used.
func (w *workspace) leave(rows []row) {
	if cap(rows) <= keptRows {
		w.rows = rows
	}
	w.arena.clear()
	workspaces.Put(w)
}
