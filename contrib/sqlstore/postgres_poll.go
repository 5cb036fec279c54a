package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/statemill/statemill/runtime/store"
)

// Poll implements store.Store. Leases are measured by the clock of the server.
func (s *Postgres) Poll(ctx context.Context, p store.Poll) (polled store.Polled, err error) {
	if p.Owner == "" {
		return polled, errors.New("sqlstore: a Poll names no Owner")
	}
	err = s.again(ctx, func() error {
		return s.with(ctx, func(conn *pgx.Conn) error {
			asked := asking{store: s, ctx: ctx, conn: conn, Poll: p}
			polled, err = asked.poll()
			return err
		})
	})
	if err != nil {
		return store.Polled{}, failure("poll", err)
	}
	return polled, nil
}

// asking is one Poll.
type asking struct {
	store.Poll
	store *Postgres
	ctx   context.Context
	conn  *pgx.Conn
}

func (a *asking) poll() (polled store.Polled, err error) {
	p := a.begin()
	if a.Lease <= 0 {
		p.add("update main.execution set owner = null, due = case when inbox > 0 then ?::bigint else ?::bigint end where due = ? and owner = ?",
			int64(dueMessage), a.Now.UnixMilli(), int64(dueOwned), a.Owner)
		p.add(endWriting)
		return polled, p.send(a.ctx, a.conn)
	}
	if a.Held {
		p.rows(textsTo(&polled.Held), "select id from main.execution where due = ? and owner = ? order by number", int64(dueOwned), a.Owner)
	}
	var dead []string
	p.rows(textsTo(&dead), deadOwners, int64(dueOwned), int64(dueOwned))
	if err := p.send(a.ctx, a.conn); err != nil {
		return polled, err
	}
	numbers, err := a.needing(dead, &polled)
	if err != nil {
		return polled, err
	}
	return polled, a.finish(numbers, &polled)
}

// begin renews the lease of the owner, or ends it, and forgets owners whose lease is over with
// the messages to them. What another Poll is just forgetting is left to it.
func (a *asking) begin() *pipeline {
	p := &pipeline{store: a.store}
	p.add(beginWriting)
	p.add(settings)
	p.add(`insert into main.process(owner, expires) values (?, clock_timestamp() + ? * interval '1 microsecond')
		on conflict (owner) do update set expires = excluded.expires`, a.Owner, max(a.Lease, 0).Microseconds())
	p.add(`delete from main.process where owner in (select owner from main.process where expires <= clock_timestamp() for update skip locked)`)
	p.add(`delete from main.message where number in (select number from main.message
		where queue >= ? and queue < ? and substr(queue, ?) not in (select owner from main.process) limit 10000 for update skip locked)`,
		store.ProcessQueue, "process;", int64(len(store.ProcessQueue)+1)) // ";" follows ":"
	return p
}

// deadOwners finds the owners of executions that have no lease. There are few owners, and each is found by
// one look into the index.
const deadOwners = `with recursive found(owner) as (
		select min(owner) from main.execution where due = ?
		union all
		select (select min(owner) from main.execution where due = ? and owner > found.owner) from found where found.owner is not null)
	select owner from found where owner is not null
		and not exists (select 1 from main.process p where p.owner = found.owner and p.expires > clock_timestamp()) order by owner`

// needing locks executions that need an owner, the most urgent first, and returns the numbers of those that
// the owner may take. What another process is just changing is left to it.
func (a *asking) needing(dead []string, polled *store.Polled) (numbers []int64, err error) {
	limit := int64(max(a.Limit, 0))
	p := &pipeline{store: a.store}
	found := func(row columns) error {
		if int64(len(numbers)) == limit {
			polled.More = true
			return nil
		}
		numbers, polled.Claimed = append(numbers, row.number(0)), append(polled.Claimed, row.text(1))
		return nil
	}
	if len(dead) > 0 {
		p.rows(found, "select number, id from main.execution where due = ? and owner = any(?) order by due, owner, number limit ? for no key update skip locked",
			int64(dueOwned), dead, limit+1)
	}
	p.rows(found, "select number, id from main.execution where due between ? and ? order by due, owner, number limit ? for no key update skip locked",
		int64(dueMessage), a.Now.UnixMilli(), limit+1)
	return numbers, p.send(a.ctx, a.conn)
}

// finish makes executions the owner's, and reads what is there for it.
func (a *asking) finish(numbers []int64, polled *store.Polled) error {
	p := &pipeline{store: a.store}
	if len(numbers) > 0 {
		p.add("update main.execution set owner = ?, due = ? where number = any(?)", a.Owner, int64(dueOwned), numbers)
	}
	p.rows(func(row columns) error {
		polled.Next = row.instant(0)
		return nil
	}, "select min(due) from main.execution where due > ?", a.Now.UnixMilli())
	p.rows(func(row columns) error {
		if row[0] != nil {
			polled.Lapse = max(time.Duration(row.number(0))*time.Microsecond, 1)
		}
		return nil
	}, "select cast(extract(epoch from min(expires) - clock_timestamp()) * 1000000 as bigint) from main.process where owner <> ?", a.Owner)
	limit := int64(cmp.Or(max(a.Messages, 0), store.PageSize))
	// Few messages wait for executions, and an owner may have many: offset 0 keeps the order of the tables.
	p.rows(func(row columns) error {
		if int64(len(polled.Messages)) == limit {
			polled.More = true
			return nil
		}
		polled.Messages = append(polled.Messages, messageOf(row, row.text(6)))
		return nil
	}, "select "+messageColumns+`, e.id from main.message m
		cross join lateral (select id from main.execution x where x.number = m.execution and x.owner = ? offset 0) e
		where m.execution is not null order by m.execution, m.number limit ?`, a.Owner, limit+1)
	for _, queue := range a.Queues {
		p.rows(func(row columns) error {
			polled.Messages = append(polled.Messages, messageOf(row, queue))
			return nil
		}, "select "+messageColumns+" from main.message m where m.queue = ? order by m.number limit ?", queue, limit)
	}
	p.add(endWriting)
	return p.send(a.ctx, a.conn)
}

// textsTo appends the first column of each row.
func textsTo(texts *[]string) func(columns) error {
	return func(row columns) error {
		*texts = append(*texts, row.text(0))
		return nil
	}
}
