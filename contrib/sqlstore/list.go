package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/statemill/statemill/runtime/store"
)

// List implements store.Store.
func (t *tables) List(ctx context.Context, q store.Query) (records []store.Record, err error) {
	err = t.reading(ctx, func(db session) error {
		if q.ID != "" {
			records, err = describeOne(db, q.ID)
			return err
		}
		records, err = list(db, q)
		return err
	})
	if err != nil {
		return nil, failure("list", err)
	}
	return records, nil
}

// describeOne returns one record, with Input and Output.
func describeOne(db session, id string) ([]store.Record, error) {
	row, err := db.first("select "+recordColumns+", x.number, x.input, x.output from main.execution x where x.id = ?", id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, store.ErrNotFound
	}
	r, rest := recordOf(row), row[recordWidth:]
	if r.Input, err = loadPayload(db, rest.number(0), inputPayload, rest.bytes(1)); err != nil {
		return nil, err
	}
	if r.Output, err = loadPayload(db, rest.number(0), outputPayload, rest.bytes(2)); err != nil {
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

func list(db session, q store.Query) ([]store.Record, error) {
	index, where, err := conditions(db, q)
	if err != nil {
		return nil, err
	}
	asked := []any{string(q.Status)}
	if q.Status == "" {
		if asked, err = statuses(db, index); err != nil {
			return nil, err
		}
	}
	numbers, err := candidates(db, q, asked, index, where)
	if err != nil {
		return nil, err
	}
	return describe(db, q, numbers)
}

// rowsAtOnce is how many rows one statement reads.
const rowsAtOnce = 50

// describe returns the records of a page.
func describe(db session, q store.Query, numbers []int64) (records []store.Record, err error) {
	read := recordColumns
	if q.Data {
		read += ", " + dataColumn("input", inputPayload) + ", " + dataColumn("output", outputPayload)
	}
	text := "select " + read + " from main.execution x where x.number in (?" + strings.Repeat(", ?", rowsAtOnce-1) + ") order by x.number " + direction(q)
	for some := range slices.Chunk(numbers, rowsAtOnce) {
		asked := make([]any, rowsAtOnce) // the last one again and again: the text of the statement is the same then
		for i := range asked {
			asked[i] = some[min(i, len(some)-1)]
		}
		var failed error
		err := db.query(text, asked, func(row columns) bool {
			r := recordOf(row)
			if q.Data {
				r.Input, failed = payloadOf(row.bytes(recordWidth))
				if failed == nil {
					r.Output, failed = payloadOf(row.bytes(recordWidth + 1))
				}
			}
			records = append(records, r)
			return failed == nil
		})
		if err = cmp.Or(err, failed); err != nil {
			return nil, err
		}
	}
	return records, nil
}

func direction(q store.Query) string {
	if q.Oldest {
		return "asc"
	}
	return "desc"
}

// conditions returns the condition that leads into an index, if there is one, and the others.
func conditions(db session, q store.Query) (index, where condition, err error) {
	for _, named := range []struct{ column, text string }{{"machine", q.StateMachine}, {"version", q.Version}, {"alias", q.Alias}} {
		if named.text == "" {
			continue
		}
		number, err := findName(db, named.text) // NULL equals nothing, and so does a name that is not there
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
		row, err := db.first("select number from main.execution where id = ?", q.After)
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
func statuses(db session, index condition) (found []any, err error) {
	if index.clause == "" {
		return []any{nil}, nil
	}
	for last := any(""); ; {
		row, err := db.first("select min(status) from main.execution where "+index.clause+" and status > ?", append(slices.Clone(index.args), last)...)
		if err != nil || row[0] == nil {
			return found, err
		}
		last = row[0]
		found = append(found, last)
	}
}

// candidates returns the numbers of the executions of a page. An index has the executions of
// each status in order, so a page is made of the pages of the statuses.
func candidates(db session, q store.Query, statuses []any, index, where condition) (numbers []int64, err error) {
	limit := cmp.Or(max(q.Limit, 0), store.PageSize)
	for _, status := range statuses {
		all := condition{clause: "true"}
		all = join(all, index)
		if status != nil {
			all.and("status = ?", status)
		}
		all = join(all, where)
		err := db.query("select number from main.execution where "+all.clause+" order by number "+direction(q)+" limit ?", append(all.args, int64(limit)), func(row columns) bool {
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
