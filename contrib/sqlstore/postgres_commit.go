package sqlstore

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/statemill/statemill/runtime/store"
)

// Commit implements store.Store.
func (s *Postgres) Commit(ctx context.Context, changes []store.Change) (refused []error, err error) {
	if err := store.Check(changes); err != nil {
		return nil, err
	}
	err = s.again(ctx, func() error {
		c := commission{store: s, ctx: ctx, changes: changes, refused: make([]error, len(changes))}
		err := s.with(ctx, c.commit)
		if err != nil {
			c.forget()
		}
		refused = c.refused
		return err
	})
	if err != nil {
		return nil, failure("commit", err)
	}
	if !slices.ContainsFunc(refused, func(err error) bool { return err != nil }) {
		return nil, nil
	}
	return refused, nil
}

// commission is one Commit.
type commission struct {
	store   *Postgres
	ctx     context.Context
	conn    *pgx.Conn
	changes []store.Change
	refused []error
	names   map[string]int64
	sent    bool // messages are stored
}

func (c *commission) commit(conn *pgx.Conn) (err error) {
	c.conn = conn
	if c.names, err = c.store.numberNames(c.ctx, conn, c.changes); err != nil {
		return err
	}
	again, err := c.commitPlain()
	if err != nil || len(again) == 0 {
		return err
	}
	if err := c.commitAll(again); err != nil {
		return err
	}
	if c.sent {
		c.store.news.announce()
	}
	return nil
}

// forget forgets the places of all executions that the changes name.
func (c *commission) forget() {
	for i := range c.changes {
		c.store.places.forget(c.changes[i].ID)
	}
}

// commitPlain commits the changes in one round trip, if each touches nothing but the row of its execution. It
// returns the indexes of those that are left to commitAll: all of them, or those that were
// refused by what this process remembers.
func (c *commission) commitPlain() (again []int, err error) {
	var all writes
	var creations creations
	for i := range c.changes {
		if !c.gatherPlain(&all, &creations, &c.changes[i]) {
			return indexes(len(c.changes)), nil
		}
	}
	if all.besidesRows() {
		return indexes(len(c.changes)), nil
	}
	stored := make(map[string]bool, len(c.changes))
	numbers := make(map[int64]bool)
	p := pipeline{store: c.store}
	p.add(beginWriting)
	p.add(settings)
	creations.store(&p, func(id string, number int64) {
		stored[id] = true
		x := all.after[id]
		x.number = number
		all.after[id] = x
	})
	all.store(&p, func(number int64) { numbers[number] = true })
	p.add(endWriting)
	if err := p.send(c.ctx, c.conn); err != nil {
		return nil, err
	}
	for i := range c.changes {
		change := &c.changes[i]
		x := all.after[change.ID]
		switch {
		case stored[change.ID], change.From != 0 && numbers[x.number]:
			c.remember(change.ID, x)
		case change.From == 0:
			c.refused[i] = store.ErrExists
		default:
			c.store.places.forget(change.ID)
			again = append(again, i)
		}
	}
	return again, nil
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// gatherPlain gathers a change of an execution whose place is known, if it does not speak of messages,
// definitions or other executions.
func (c *commission) gatherPlain(all *writes, creations *creations, change *store.Change) bool {
	if change.ID == "" || change.Delete || change.Definition != nil || len(change.Children)+len(change.Consume)+len(change.Send) > 0 {
		return false
	}
	if change.From == 0 {
		creations.add(change, c.names)
		all.addRows(place{}, change)
		return true
	}
	x, known := c.store.places.get(change.ID)
	if !known || x.revision != change.From {
		return false
	}
	all.updates.add(x, change, 0)
	all.addRows(x, change)
	return true
}

// remember keeps the place of an execution that this process will change again soon.
func (c *commission) remember(id string, x place) {
	if x.owner == "" {
		c.store.places.forget(id)
		return
	}
	c.store.places.set(id, x)
}

// commitAll commits changes of any kind.
func (c *commission) commitAll(which []int) error {
	first := true
	for len(which) > 0 {
		n := c.independent(which)
		w := wave{commission: c, which: which[:n], first: first, last: n == len(which)}
		if err := w.run(); err != nil {
			return err
		}
		which, first = which[n:], false
	}
	return nil
}

// independent returns how many of the changes, from the first, can be stored table by
// table as well as one after the other: none consumes a message that an earlier one
// sends or consumes, names an execution to which an earlier one sends, or creates one after an earlier one's children.
func (c *commission) independent(which []int) int {
	messages, destinations, children := make(map[string]bool), make(map[string]bool), false
	for n, i := range which {
		change := &c.changes[i]
		taken := func(id string) bool { return messages[id] }
		reached := func(child store.Change) bool { return destinations[child.ID] }
		creates := change.ID != "" && change.From == 0 || len(change.Children) > 0
		if slices.ContainsFunc(change.Consume, taken) || destinations[change.ID] || slices.ContainsFunc(change.Children, reached) || children && creates {
			return n
		}
		children = children || len(change.Children) > 0
		for _, id := range change.Consume {
			messages[id] = true
		}
		eachSent(change, func(m *store.Message) { messages[m.ID], destinations[m.To] = true, true })
	}
	return len(which)
}

// eachSent calls f for each message that a change and its children send, in the order in which
// they are stored.
func eachSent(change *store.Change, f func(*store.Message)) {
	for i := range change.Children {
		eachSent(&change.Children[i], f)
	}
	for i := range change.Send {
		f(&change.Send[i])
	}
}
