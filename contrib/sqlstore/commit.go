package sqlstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/statemill/statemill/runtime/interp"
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
		return tx.delete(c.ID, x.number)
	}
	next := x.after(c)
	if c.From != 0 {
		if err := tx.update(x, next, c); err != nil {
			return err
		}
	}
	if err := tx.storeRows(x, c); err != nil {
		return err
	}
	tx.remember(c.ID, next)
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

// The parts of the statement that changes the row of an execution, each with its bit.
const (
	updateState = 1 << iota
	updateRoot
	updateHistory
	updateRecord
)

// updateTexts are the statements that change the row of an execution, by the bits of their parts.
var updateTexts = func() (texts [16]string) {
	for bits := range texts {
		text := `update execution set revision = ?, writer = ?, owner = ?, apart = ?,
			due = case when ? and exists (select 1 from message where message.execution = execution.number) then ? else ? end`
		for i, part := range []string{
			", state = ?", ", root = ?", ", history = cast(coalesce(history, x'') || ? as blob)",
			", status = ?, output = ?, error = ?, cause = ?, failed_state = ?, failed_path = ?, start = ?, stop = ?, redrives = ?, redriven = ?, parent_redrives = ?, meta = ?",
		} {
			if bits&(1<<i) != 0 {
				text += part
			}
		}
		texts[bits] = text + " where number = ?"
	}
	return texts
}()

// update changes the row of an execution.
func (tx *transaction) update(x, next place, c *store.Change) error {
	bits := 0
	args := append(tx.values[:0], c.Revision, c.By, text(c.Owner), next.apart, c.Owner == "", int64(dueMessage), dueAfter(c))
	if c.State != nil {
		bits, args = bits|updateState, append(args, c.State)
	}
	if root, changed := rootOf(c); changed {
		bits, args = bits|updateRoot, append(args, root)
	}
	if packed := x.pack(c.History); packed != nil {
		bits, args = bits|updateHistory, append(args, packed)
	}
	if r := c.Record; r != nil {
		output, err := tx.replaceOutput(x, r.Output)
		if err != nil {
			return err
		}
		bits, args = bits|updateRecord, append(args, string(r.Status), output, optional(r.Error, r.HasError), optional(r.Cause, r.HasCause),
			optional(r.FailedState, r.FailedState != ""), optional(r.FailedPath, r.FailedPath != ""),
			instant(r.Start), instant(r.Stop), int64(r.Redrives), instant(r.Redriven), int64(r.ParentRedrives), blob(r.Meta))
	}
	args = append(args, x.number)
	tx.values = args
	_, err := tx.exec(updateTexts[bits], args...)
	return err
}

// root is the frame that is in the row of the execution.
const root interp.FrameID = 1

// rootOf returns the column of the root after a change, and whether the change is about it.
func rootOf(c *store.Change) (column any, changed bool) {
	changed = c.Clear
	for i := range c.Frames {
		if c.Frames[i].Frame == root {
			column, changed = full(c.Frames[i].Data), true
		}
	}
	if slices.Contains(c.Removed, root) {
		return nil, true
	}
	return column, changed
}

// storeRows stores and deletes frames and values that have rows of their own.
func (tx *transaction) storeRows(x place, c *store.Change) error {
	if c.Clear {
		if err := tx.clearRows(x); err != nil {
			return err
		}
	}
	for _, f := range c.Frames {
		if f.Frame == root {
			continue
		}
		if _, err := tx.exec("insert into frame(execution, frame, data) values (?, ?, ?) on conflict do update set data = excluded.data",
			x.number, int64(f.Frame), full(f.Data)); err != nil {
			return err
		}
	}
	for _, v := range c.Values {
		if _, err := tx.exec("insert into value(execution, frame, number, data) values (?, ?, ?, ?) on conflict do update set data = excluded.data",
			x.number, int64(v.Frame), int64(v.Number), full(v.Data)); err != nil {
			return err
		}
	}
	return tx.deleteRows(x, c)
}

// deleteRows deletes what a change removes. A statement that finds nothing costs as much as one that
// does: those of executions that have no such rows are left out.
func (tx *transaction) deleteRows(x place, c *store.Change) error {
	has := x.after(c).apart
	for _, id := range c.Removed {
		if has&framesApart != 0 && id != root {
			if _, err := tx.exec("delete from frame where execution = ? and frame = ?", x.number, int64(id)); err != nil {
				return err
			}
		}
		if has&valuesApart != 0 {
			if _, err := tx.exec("delete from value where execution = ? and frame = ?", x.number, int64(id)); err != nil {
				return err
			}
		}
	}
	for _, id := range c.Dropped {
		if has&valuesApart == 0 {
			break
		}
		if _, err := tx.exec("delete from value where execution = ? and frame = ? and number = ?", x.number, int64(id.Frame), int64(id.Number)); err != nil {
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

// clearRows deletes all frames and values of an execution that have rows of their own.
func (tx *transaction) clearRows(x place) error {
	for _, table := range []struct {
		bit   int64
		query string
	}{{framesApart, "delete from frame where execution = ?"}, {valuesApart, "delete from value where execution = ?"}} {
		if x.apart&table.bit == 0 {
			continue
		}
		if _, err := tx.exec(table.query, x.number); err != nil {
			return err
		}
	}
	return nil
}

// delete deletes an execution with everything that belongs to it.
func (tx *transaction) delete(id string, number int64) error {
	tx.forget(id)
	for _, query := range []string{
		"delete from frame where execution = ?",
		"delete from value where execution = ?",
		"delete from history where key between ?1 << 20 and ?1 << 20 | 1048575",
		"delete from payload where key between ?1 * 2 and ?1 * 2 + 1",
		"delete from message where execution = ?",
		"delete from execution where number = ?",
	} {
		if _, err := tx.exec(query, number); err != nil {
			return err
		}
	}
	return nil
}
