package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// Load implements store.Store.
func (s *SQLite) Load(ctx context.Context, id string) (loaded *store.Stored, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		loaded, err = tx.load(id)
		return err
	})
	if err != nil {
		return nil, failure("load", err)
	}
	return loaded, nil
}

func (tx *transaction) load(id string) (*store.Stored, error) {
	row, err := tx.first("select "+recordColumns+", x.number, x.revision, x.owner, x.writer, x.state, x.root from execution x where x.id = ?", id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, store.ErrNotFound
	}
	rest := row[recordWidth:]
	x := &store.Stored{Record: recordOf(row), Revision: rest.number(1), Owner: rest.text(2), Writer: rest.text(3), State: rest.bytes(4)}
	number := []any{rest[0]}
	if err := tx.query("select frame, 0, data from frame where execution = ?", number, appendTo(&x.Frames)); err != nil {
		return nil, err
	}
	x.Frames = insertRoot(x.Frames, rest[5], rest.bytes(5))
	if err := tx.query("select frame, number, data from value where execution = ?", number, appendTo(&x.Values)); err != nil {
		return nil, err
	}
	err = tx.query("select "+messageColumns+" from message m where m.execution = ? order by m.number", number, func(row columns) bool {
		x.Messages = append(x.Messages, messageOf(row, id))
		return true
	})
	return x, err
}

// insertRoot puts the frame that is in the row of the execution to the others, unless its column is NULL.
func insertRoot(frames []store.Row, column any, data []byte) []store.Row {
	if column == nil {
		return frames
	}
	at, _ := slices.BinarySearchFunc(frames, root, func(r store.Row, id interp.FrameID) int { return cmp.Compare(r.Frame, id) })
	return slices.Insert(frames, at, store.Row{Frame: root, Data: data})
}

func appendTo(rows *[]store.Row) func(columns) bool {
	return func(row columns) bool {
		*rows = append(*rows, store.Row{Frame: interp.FrameID(row.number(0)), Number: uint32(row.number(1)), Data: row.bytes(2)})
		return true
	}
}

const messageColumns = "m.id, m.source, m.kind, m.frame, m.attempt, m.data"

// messageOf reads a message to a destination.
func messageOf(row columns, to string) store.Message {
	return store.Message{
		ID: row.text(0), To: to, From: row.text(1), Kind: row.text(2),
		Task: interp.TaskID{Frame: interp.FrameID(row.number(3)), Attempt: uint32(row.number(4))},
		Data: row.bytes(5),
	}
}

// Definition implements store.Store.
func (t *tables) Definition(ctx context.Context, hash interp.Hash) (text []byte, err error) {
	err = t.reading(ctx, func(db session) error {
		row, err := db.first("select text from main.definition where hash = ?", hash[:])
		if err != nil {
			return err
		}
		if row == nil {
			return store.ErrNotFound
		}
		text = row.bytes(0)
		return nil
	})
	if err != nil {
		return nil, failure("read a definition", err)
	}
	return text, nil
}
