package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/statemill/statemill/runtime/store"
)

// List implements store.Store.
func (s *SQLite) List(ctx context.Context, q store.Query) (records []store.Record, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		if q.ID != "" {
			records, err = tx.describeOne(q.ID)
			return err
		}
		records, err = tx.list(q)
		return err
	})
	if err != nil {
		return nil, failure("list", err)
	}
	return records, nil
}

// describeOne returns one record, with Input and Output.
func (tx *transaction) describeOne(id string) ([]store.Record, error) {
	row, err := tx.first("select "+recordColumns+", x.number, x.input, x.output from execution x where x.id = ?", id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, store.ErrNotFound
	}
	r, rest := recordOf(row), row[recordWidth:]
	if r.Input, err = tx.loadPayload(rest.number(0), inputPayload, rest.bytes(1)); err != nil {
		return nil, err
	}
	if r.Output, err = tx.loadPayload(rest.number(0), outputPayload, rest.bytes(2)); err != nil {
		return nil, err
	}
	return []store.Record{r}, nil
}

// condition is the where clause of a list.
type condition struct {
	clause string
	args   []any
}

func (c *condition) and(clause string, args ...any) {
	if c.clause != "" {
		c.clause += " and "
	}
	c.clause += clause
	c.args = append(c.args, args...)
}

func (tx *transaction) list(q store.Query) ([]store.Record, error) {
	index, where, err := tx.conditions(q)
	if err != nil {
		return nil, err
	}
	statuses := []any{string(q.Status)}
	if q.Status == "" {
		if statuses, err = tx.statuses(index); err != nil {
			return nil, err
		}
	}
	numbers, err := tx.candidates(q, statuses, index, where)
	if err != nil {
		return nil, err
	}
	var records []store.Record
	for _, number := range numbers {
		row, err := tx.first("select "+recordColumns+" from execution x where x.number = ?", number)
		if err != nil {
			return nil, err
		}
		records = append(records, recordOf(row))
	}
	return records, nil
}

// conditions returns the condition that leads into an index, if there is one, and the others.
func (tx *transaction) conditions(q store.Query) (index, where condition, err error) {
	for _, named := range []struct{ column, text string }{{"machine", q.StateMachine}, {"version", q.Version}, {"alias", q.Alias}} {
		if named.text == "" {
			continue
		}
		number, err := tx.findName(named.text) // NULL equals nothing, and so does a name that is not there
		if err != nil {
			return index, where, err
		}
		if named.column == "machine" {
			index.and("machine = ?", number)
			continue
		}
		where.and(named.column+" = ?", number)
	}
	if q.MapRun != "" {
		where, index = join(where, index), condition{"map_run = ?", []any{q.MapRun}} // it is smaller than a machine
	}
	if !q.StoppedBefore.IsZero() {
		where.and("stop < ?", q.StoppedBefore.UnixMilli())
	}
	if q.After != "" {
		row, err := tx.first("select number from execution where id = ?", q.After)
		if err != nil {
			return index, where, err
		}
		if row == nil {
			return index, where, store.ErrNotFound
		}
		where.and(map[bool]string{true: "number > ?", false: "number < ?"}[q.Oldest], row[0])
	}
	return index, where, nil
}

// join returns the condition that both hold.
func join(a, b condition) condition {
	if b.clause != "" {
		a.and(b.clause, b.args...)
	}
	return a
}

// statuses returns the statuses of the executions in an index, each found by one look into
// the index; or nil, which asks for any, without an index.
func (tx *transaction) statuses(index condition) (found []any, err error) {
	if index.clause == "" {
		return []any{nil}, nil
	}
	for last := any(""); ; {
		row, err := tx.first("select min(status) from execution where "+index.clause+" and status > ?", append(slices.Clone(index.args), last)...)
		if err != nil || row[0] == nil {
			return found, err
		}
		last = row[0]
		found = append(found, last)
	}
}

// candidates returns the numbers of the executions of a page. An index has the executions of
// each status in order, so a page is made of the pages of the statuses.
func (tx *transaction) candidates(q store.Query, statuses []any, index, where condition) (numbers []int64, err error) {
	direction := map[bool]string{true: "asc", false: "desc"}[q.Oldest]
	limit := cmp.Or(max(q.Limit, 0), store.PageSize)
	for _, status := range statuses {
		all := condition{clause: "true"}
		all = join(all, index)
		if status != nil {
			all.and("status = ?", status)
		}
		all = join(all, where)
		err := tx.query("select number from execution where "+all.clause+" order by number "+direction+" limit ?", append(all.args, int64(limit)), func(row columns) bool {
			numbers = append(numbers, row.number(0))
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(numbers)
	if !q.Oldest {
		slices.Reverse(numbers)
	}
	return numbers[:min(limit, len(numbers))], nil
}
