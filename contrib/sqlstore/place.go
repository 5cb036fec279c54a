package sqlstore

import (
	"sync"

	"github.com/statemill/statemill/runtime/store"
)

// place is where an execution is, and what of it is not in its row.
type place struct {
	number   int64
	revision int64
	owner    string
	packed   int64 // length of the history in the row
	apart    int64 // bits of the column apart
}

// The bits of the column apart: rows that there may be in other tables.
const (
	framesApart  = 1 << iota // frames besides the root
	valuesApart              // values
	historyApart             // the history goes on in rows of its own
	outputApart              // the output has a row of its own
)

// after returns the place after a change.
func (x place) after(c *store.Change) place {
	x.revision, x.owner = c.Revision, c.Owner
	if c.Clear {
		x.apart &^= framesApart | valuesApart
	}
	for i := range c.Frames {
		if c.Frames[i].Frame != root {
			x.apart |= framesApart
			break
		}
	}
	if len(c.Values) > 0 {
		x.apart |= valuesApart
	}
	if c.History != nil {
		if size := x.packedSize(c.History); size > 0 {
			x.packed += size
		} else {
			x.apart |= historyApart
		}
	}
	if c.Record != nil {
		x.apart &^= outputApart
		if isLong(c.Record.Output) {
			x.apart |= outputApart
		}
	}
	return x
}

// placeColumns are the columns of execution that placeOf reads.
const placeColumns = "number, revision, owner, cast(length(history) as bigint), apart"

func placeOf(row columns) place {
	return place{number: row.number(0), revision: row.number(1), owner: row.text(2), packed: row.number(3), apart: row.number(4)}
}

// find checks the conditions of a change of an execution that exists.
func (tx *transaction) find(c *store.Change) (place, error) {
	x, known := tx.places.get(c.ID)
	if !known {
		row, err := tx.first("select "+placeColumns+" from execution where id = ?", c.ID)
		if err != nil {
			return place{}, err
		}
		if row == nil {
			return place{}, store.ErrConflict
		}
		x = placeOf(row)
	}
	if x.revision != c.From || x.owner != "" && x.owner != c.By {
		return place{}, store.ErrConflict
	}
	return x, nil
}

// remember keeps the place of an execution that will change again soon: nobody owns one that waits.
// Only whoever has the database alone knows that nobody else changes it.
func (tx *transaction) remember(id string, x place) {
	if !tx.alone || x.owner == "" {
		tx.forget(id)
		return
	}
	tx.places.set(id, x)
}

func (tx *transaction) forget(id string) { tx.places.forget(id) }

// remembered is how many values a memory holds.
const remembered = 10_000

// memory remembers values by name. When it is full it forgets them all.
type memory[V any] struct {
	mu    sync.Mutex
	known map[string]V
}

func (m *memory[V]) get(name string) (value V, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, known = m.known[name]
	return value, known
}

func (m *memory[V]) set(name string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= remembered {
		m.known = make(map[string]V)
	}
	m.known[name] = value
}

func (m *memory[V]) forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, name)
}

func (m *memory[V]) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.known)
}
