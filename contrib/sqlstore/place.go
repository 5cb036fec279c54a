package sqlstore

import (
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

// find checks the conditions of a change of an execution that exists.
func (tx *transaction) find(c *store.Change) (place, error) {
	x, known := tx.places[c.ID]
	if !known {
		row, err := tx.first("select number, revision, owner, length(history), apart from execution where id = ?", c.ID)
		if err != nil {
			return place{}, err
		}
		if row == nil {
			return place{}, store.ErrConflict
		}
		x = place{number: row.number(0), revision: row.number(1), owner: row.text(2), packed: row.number(3), apart: row.number(4)}
	}
	if x.revision != c.From || x.owner != "" && x.owner != c.By {
		return place{}, store.ErrConflict
	}
	return x, nil
}

// knownPlaces is how many places are remembered.
const knownPlaces = 10_000

// remember keeps the place of an execution that will change again soon: nobody owns one that waits.
// Only whoever has the database alone knows that nobody else changes it.
func (tx *transaction) remember(id string, x place) {
	if !tx.alone || x.owner == "" {
		tx.forget(id)
		return
	}
	if len(tx.places) >= knownPlaces {
		clear(tx.places)
	}
	tx.places[id] = x
}

func (tx *transaction) forget(id string) { delete(tx.places, id) }
