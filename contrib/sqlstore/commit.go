package sqlstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/statemill/statemill/runtime/store"
)

// Commit implements store.Store.
func (s *SQLite) Commit(ctx context.Context, changes []store.Change) (refused []error, err error) {
	if err := store.Check(changes); err != nil {
		return nil, err
	}
	err = s.write(ctx, func(tx *transaction) error {
		for i := range changes {
			err := tx.apply(&changes[i])
			switch {
			case errors.Is(err, store.ErrExists), errors.Is(err, store.ErrConflict):
				if refused == nil {
					refused = make([]error, len(changes))
				}
				refused[i] = err
			case err != nil:
				return fmt.Errorf("change %d, of execution %q: %w", i, changes[i].ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, failure("commit", err)
	}
	return refused, nil
}

// failure names the operation that failed. The error of a context stays as it is.
func failure(operation string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		return err
	}
	return fmt.Errorf("sqlstore: %s: %w", operation, err)
}

// apply stores a change. It returns store.ErrExists or store.ErrConflict before it has
// written anything.
func (tx *transaction) apply(c *store.Change) error {
	if err := tx.checkConsumed(c); err != nil {
		return err
	}
	if c.ID != "" {
		if err := tx.applyExecution(c); err != nil {
			return err
		}
	}
	for i := range c.Children {
		if err := tx.apply(&c.Children[i]); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	for _, m := range c.Send {
		if err := tx.send(m); err != nil {
			return err
		}
	}
	if c.Definition == nil {
		return nil
	}
	hash := sha256.Sum256(c.Definition)
	_, err := tx.exec("insert into definition(hash, text) values (?, ?) on conflict do nothing", hash[:], c.Definition)
	return err
}

// checkConsumed checks that the messages of a change are there for it, and deletes those of a change
// without execution. Those of an execution are deleted when its conditions hold.
func (tx *transaction) checkConsumed(c *store.Change) error {
	for _, id := range c.Consume {
		found, err := tx.first("select e.id from message m left join execution e on e.number = m.execution where m.id = ?", id)
		if err != nil {
			return err
		}
		if found == nil || found[0] != nil && found.text(0) != c.ID {
			return store.ErrConflict
		}
	}
	if c.ID != "" {
		return nil
	}
	return tx.consume(c)
}

func (tx *transaction) consume(c *store.Change) error {
	for _, id := range c.Consume {
		if _, err := tx.exec("delete from message where id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

// send inserts a message, and marks an execution without owner.
func (tx *transaction) send(m store.Message) error {
	args := []any{m.ID, nil, text(m.To), m.From, m.Kind, int64(m.Task.Frame), int64(m.Task.Attempt), blob(m.Data)}
	if !m.Queued() {
		found, err := tx.first("select number from execution where id = ?", m.To)
		if err != nil || found == nil {
			return err
		}
		args[1], args[2] = found[0], nil
	}
	sent, err := tx.exec("insert into message(id, execution, queue, source, kind, frame, attempt, data) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing", args...)
	if err != nil || sent == 0 || m.Queued() {
		return err
	}
	_, err = tx.exec("update execution set due = ? where number = ? and owner is null", int64(dueMessage), args[1])
	return err
}

// applyExecution creates or changes the execution of a change, with its rows.
func (tx *transaction) applyExecution(c *store.Change) error {
	x, err := tx.admit(c)
	if err != nil {
		return err
	}
	if err := tx.consume(c); err != nil {
		return err
	}
	if c.Delete {
		return tx.delete(x.number)
	}
	if c.From != 0 {
		if err := tx.update(x, c); err != nil {
			return err
		}
	}
	if err := tx.storeRows(x.number, c); err != nil {
		return err
	}
	return tx.storeApart(x, c.History)
}

// admit creates the execution of a change, or checks the conditions of one that exists.
func (tx *transaction) admit(c *store.Change) (place, error) {
	if c.From == 0 {
		number, err := tx.create(c)
		return place{number: number}, err
	}
	return tx.find(c)
}

// place is where an execution is.
type place struct {
	number int64
	packed int64 // length of the history in the row
	apart  bool  // the history goes on in rows of its own
	long   bool  // the output has a row of its own
}

// find checks the conditions of a change of an execution that exists.
func (tx *transaction) find(c *store.Change) (place, error) {
	row, err := tx.first(`select number, revision, owner, coalesce(length(history), 0),
		exists (select 1 from history where key between number << 20 and number << 20 | 1048575),
		exists (select 1 from payload where key = number * 2 + 1) from execution where id = ?`, c.ID)
	if err != nil {
		return place{}, err
	}
	if row == nil || row.number(1) != c.From || row[2] != nil && row.text(2) != c.By {
		return place{}, store.ErrConflict
	}
	return place{number: row.number(0), packed: row.number(3), apart: row.number(4) != 0, long: row.number(5) != 0}, nil
}

// The statement that changes the row of an execution, in parts: the second is there if the record changes.
const (
	updateRow = `update execution set revision = ?, writer = ?, owner = ?,
		due = case when ? and exists (select 1 from message where message.execution = execution.number) then ? else ? end,
		state = coalesce(?, state),
		history = case when ? then cast(coalesce(history, x'') || ? as blob) else history end`
	updateRecord = `, status = ?, output = ?, error = ?, cause = ?, start = ?, stop = ?, redrives = ?, meta = ?`
	updateWhere  = ` where number = ?`
)

// update changes the row of an execution.
func (tx *transaction) update(x place, c *store.Change) error {
	var state any
	if c.State != nil {
		state = c.State
	}
	packed := x.pack(c.History)
	query := updateRow
	args := []any{
		c.Revision, c.By, text(c.Owner), c.Owner == "", int64(dueMessage), dueAfter(c), state, packed != nil, blob(packed),
	}
	if r := c.Record; r != nil {
		output, err := tx.replaceOutput(x, r.Output)
		if err != nil {
			return err
		}
		query += updateRecord
		args = append(args, string(r.Status), output, optional(r.Error, r.HasError), optional(r.Cause, r.HasCause),
			instant(r.Start), instant(r.Stop), int64(r.Redrives), blob(r.Meta))
	}
	_, err := tx.exec(query+updateWhere, append(args, x.number)...)
	return err
}

// storeRows stores and deletes frames and values.
func (tx *transaction) storeRows(execution int64, c *store.Change) error {
	if c.Clear {
		if err := tx.clearRows(execution); err != nil {
			return err
		}
	}
	for _, f := range c.Frames {
		if _, err := tx.exec("insert into frame(execution, frame, data) values (?, ?, ?) on conflict do update set data = excluded.data",
			execution, int64(f.Frame), full(f.Data)); err != nil {
			return err
		}
	}
	for _, v := range c.Values {
		if _, err := tx.exec("insert into value(execution, frame, number, data) values (?, ?, ?, ?) on conflict do update set data = excluded.data",
			execution, int64(v.Frame), int64(v.Number), full(v.Data)); err != nil {
			return err
		}
	}
	for _, id := range c.Removed {
		for _, query := range []string{"delete from frame where execution = ? and frame = ?", "delete from value where execution = ? and frame = ?"} {
			if _, err := tx.exec(query, execution, int64(id)); err != nil {
				return err
			}
		}
	}
	for _, id := range c.Dropped {
		if _, err := tx.exec("delete from value where execution = ? and frame = ? and number = ?", execution, int64(id.Frame), int64(id.Number)); err != nil {
			return err
		}
	}
	return nil
}

// full returns bytes that are not nil, because the driver stores nil as NULL.
func full(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func (tx *transaction) clearRows(execution int64) error {
	for _, query := range []string{"delete from frame where execution = ?", "delete from value where execution = ?"} {
		if _, err := tx.exec(query, execution); err != nil {
			return err
		}
	}
	return nil
}

// delete deletes an execution with everything that belongs to it.
func (tx *transaction) delete(execution int64) error {
	if err := tx.clearRows(execution); err != nil {
		return err
	}
	for _, query := range []string{
		"delete from history where key between ?1 << 20 and ?1 << 20 | 1048575",
		"delete from payload where key between ?1 * 2 and ?1 * 2 + 1",
		"delete from message where execution = ?",
		"delete from execution where number = ?",
	} {
		if _, err := tx.exec(query, execution); err != nil {
			return err
		}
	}
	return nil
}
