package sqlstore

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/statemill/statemill/runtime/store"
)

// numberNames returns the numbers of the names that the records of new executions have in common with
// others. A name that is new is inserted at once, apart from the changes: it harms nobody if they are
// refused, and nobody waits for their transaction.
func (s *Postgres) numberNames(ctx context.Context, conn *pgx.Conn, changes []store.Change) (map[string]int64, error) {
	found := make(map[string]int64)
	var missing []string
	for i := range changes {
		eachName(&changes[i], func(name string) {
			if _, there := found[name]; there || name == "" {
				return
			}
			number, known := s.names.get(name)
			if found[name] = number; !known {
				missing = append(missing, name)
			}
		})
	}
	if len(missing) == 0 {
		return found, nil
	}
	slices.Sort(missing) // two processes insert in one order
	p := pipeline{store: s}
	p.add("insert into main.name(text) select * from unnest(?::text[]) on conflict do nothing", missing)
	if err := p.send(ctx, conn); err != nil {
		return nil, err
	}
	p = pipeline{store: s}
	p.rows(func(row columns) error {
		found[row.text(0)] = row.number(1)
		s.names.set(row.text(0), row.number(1))
		return nil
	}, "select text, number from main.name where text = any(?)", missing)
	return found, p.send(ctx, conn)
}

// eachName calls f for the names in the records of the executions that a change creates.
func eachName(change *store.Change, f func(string)) {
	for i := range change.Children {
		eachName(&change.Children[i], f)
	}
	if r := change.Record; r != nil && change.From == 0 {
		for _, name := range sharedNames(r) {
			f(name)
		}
	}
}
