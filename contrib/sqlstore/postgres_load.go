package sqlstore

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/statemill/statemill/runtime/store"
)

// Load implements store.Store. It takes one round trip.
func (s *Postgres) Load(ctx context.Context, id string) (loaded *store.Stored, err error) {
	err = s.again(ctx, func() error {
		return s.with(ctx, func(conn *pgx.Conn) error {
			loaded, err = s.load(ctx, conn, id)
			return err
		})
	})
	if err != nil {
		return nil, failure("load", err)
	}
	return loaded, nil
}

func (s *Postgres) load(ctx context.Context, conn *pgx.Conn, id string) (*store.Stored, error) {
	var x *store.Stored
	var root columns
	var frames, values []store.Row
	var messages []store.Message
	p := pipeline{store: s}
	p.add(beginReading)
	p.add(settings)
	p.rows(func(row columns) error {
		at, rest := placeOf(row[recordWidth:]), row[recordWidth+5:]
		x = &store.Stored{Record: recordOf(row), Revision: at.revision, Owner: at.owner, Writer: rest.text(0), State: rest.bytes(1)}
		root = rest[2:]
		s.places.set(id, at)
		return nil
	}, "select "+recordColumns+", "+placeColumns+", writer, state, root from main.execution x where id = ?", id)
	const ofExecution = "= (select number from main.execution where id = ?)"
	p.rows(appendingTo(&frames), "select frame, 0::bigint, data from main.frame where execution "+ofExecution+" order by frame", id)
	p.rows(appendingTo(&values), "select frame, number, data from main.value where execution "+ofExecution+" order by frame, number", id)
	p.rows(func(row columns) error {
		messages = append(messages, messageOf(row, id))
		return nil
	}, "select "+messageColumns+" from main.message m where m.execution "+ofExecution+" order by m.number", id)
	p.add(endWriting)
	if err := p.send(ctx, conn); err != nil {
		return nil, err
	}
	if x == nil {
		return nil, store.ErrNotFound
	}
	x.Frames, x.Values, x.Messages = insertRoot(frames, root[0], root.bytes(0)), values, messages
	return x, nil
}

func appendingTo(rows *[]store.Row) func(columns) error {
	add := appendTo(rows)
	return func(row columns) error {
		add(row)
		return nil
	}
}
