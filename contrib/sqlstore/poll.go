package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// Poll implements store.Store.
func (s *SQLite) Poll(ctx context.Context, p store.Poll) (polled store.Polled, err error) {
	if p.Owner == "" {
		return polled, errors.New("sqlstore: a Poll names no Owner")
	}
	err = s.write(ctx, func(tx *transaction) error {
		polled, err = tx.poll(p, time.Now().UnixMilli())
		return err
	})
	if err != nil {
		return store.Polled{}, failure("poll", err)
	}
	return polled, nil
}

// poll does so at an instant of the clock, by which leases are measured.
func (tx *transaction) poll(p store.Poll, clock int64) (polled store.Polled, err error) {
	if err := tx.renew(p, clock); err != nil {
		return polled, err
	}
	if p.Lease <= 0 {
		tx.places.clear()
		_, err := tx.exec(`update execution set owner = null,
			due = case when exists (select 1 from message where message.execution = execution.number) then ? else ? end
			where due = ? and owner = ?`, int64(dueMessage), p.Now.UnixMilli(), int64(dueOwned), p.Owner)
		return polled, err
	}
	if p.Held {
		if polled.Held, err = tx.held(p.Owner); err != nil {
			return polled, err
		}
	}
	if polled.Claimed, polled.More, err = tx.claim(p, clock); err != nil {
		return polled, err
	}
	next, err := tx.first("select min(due) from execution where due > ?", p.Now.UnixMilli())
	if err != nil {
		return polled, err
	}
	polled.Next = next.instant(0)
	lease, err := tx.first("select min(expires) from process where owner <> ?", p.Owner)
	if err != nil {
		return polled, err
	}
	if lease[0] != nil {
		polled.Lapse = max(time.Duration(lease.number(0)-clock)*time.Millisecond, 1)
	}
	more, err := tx.readMessages(p, &polled.Messages)
	polled.More = polled.More || more
	return polled, err
}

// held returns the executions of an owner.
func (tx *transaction) held(owner string) (ids []string, err error) {
	err = tx.query("select id from execution where due = ? and owner = ? order by number", []any{int64(dueOwned), owner}, func(row columns) bool {
		ids = append(ids, row.text(0))
		return true
	})
	return ids, err
}

// renew renews the lease of an owner, or ends it, and forgets owners whose lease is over
// with the messages to them.
func (tx *transaction) renew(p store.Poll, clock int64) error {
	expires := clock + max(p.Lease.Milliseconds(), 0)
	if _, err := tx.exec("insert into process(owner, expires) values (?, ?) on conflict do update set expires = excluded.expires", p.Owner, expires); err != nil {
		return err
	}
	if _, err := tx.exec("delete from process where expires <= ?", clock); err != nil {
		return err
	}
	_, err := tx.exec("delete from message where queue >= ? and queue < ? and substr(queue, ?) not in (select owner from process)",
		store.ProcessQueue, "process;", int64(len(store.ProcessQueue)+1)) // ";" follows ":"
	return err
}

// claim makes executions the owner's that need one.
func (tx *transaction) claim(p store.Poll, clock int64) (claimed []string, more bool, err error) {
	limit := int64(max(p.Limit, 0))
	numbers, ids, err := tx.needing(p, limit+1)
	if err != nil {
		return nil, false, err
	}
	if int64(len(numbers)) > limit {
		numbers, ids, more = numbers[:limit], ids[:limit], true
	}
	for i, number := range numbers {
		tx.forget(ids[i])
		if _, err := tx.exec("update execution set owner = ?, due = ? where number = ?", p.Owner, int64(dueOwned), number); err != nil {
			return nil, false, err
		}
	}
	return ids, more, nil
}

// needing returns the numbers and ids of executions that need an owner, the most urgent first.
func (tx *transaction) needing(p store.Poll, limit int64) (numbers []int64, ids []string, err error) {
	add := func(row columns) bool {
		numbers, ids = append(numbers, row.number(0)), append(ids, row.text(1))
		return true
	}
	dead, err := tx.dead()
	if err != nil {
		return nil, nil, err
	}
	for _, owner := range dead {
		if err := tx.query("select number, id from execution where due = ? and owner = ? order by number limit ?", []any{int64(dueOwned), owner, limit - int64(len(numbers))}, add); err != nil {
			return nil, nil, err
		}
	}
	err = tx.query("select number, id from execution where due between ? and ? order by due, owner, number limit ?",
		[]any{int64(dueMessage), p.Now.UnixMilli(), limit - int64(len(numbers))}, add)
	return numbers, ids, err
}

// dead returns the owners of executions that have no lease. There are few owners, and each is found by
// one look into the index.
func (tx *transaction) dead() (owners []string, err error) {
	for last := ""; ; {
		row, err := tx.first("select min(owner) from execution where due = ? and owner > ?", int64(dueOwned), last)
		if err != nil || row[0] == nil {
			return owners, err
		}
		last = row.text(0)
		alive, err := tx.first("select 1 from process where owner = ?", last)
		if err != nil {
			return owners, err
		}
		if alive == nil {
			owners = append(owners, last)
		}
	}
}

// readMessages reads the messages to the executions of an owner and to its queues. More
// reports that not all of the first fitted.
func (tx *transaction) readMessages(p store.Poll, messages *[]store.Message) (more bool, err error) {
	limit := int64(cmp.Or(max(p.Messages, 0), store.PageSize))
	// The order of the tables is fixed: few messages wait for executions, and an owner may have many.
	err = tx.query("select "+messageColumns+`, e.id from message m indexed by message_execution cross join execution e on e.number = m.execution
		where m.execution is not null and e.owner = ? order by m.execution, m.number limit ?`, []any{p.Owner, limit + 1}, func(row columns) bool {
		if more = int64(len(*messages)) == limit; !more {
			*messages = append(*messages, messageOf(row, row.text(6)))
		}
		return !more
	})
	for _, queue := range p.Queues {
		if err != nil {
			return more, err
		}
		err = tx.query("select "+messageColumns+" from message m where m.queue = ? order by m.number limit ?", []any{queue, limit}, func(row columns) bool {
			*messages = append(*messages, messageOf(row, queue))
			return true
		})
	}
	return more, err
}
