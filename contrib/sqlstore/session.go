package sqlstore

import "context"

// session runs statements in a transaction, in the SQL that both databases understand: parameters
// are question marks, and the schema is main, in whose place PostgreSQL has another.
type session interface {
	// query calls row for each row, until it returns false.
	query(query string, args []any, row func(columns) bool) error
	// first returns the first row, or nil.
	first(query string, args ...any) (columns, error)
	// exec returns how many rows a statement changed.
	exec(query string, args ...any) (changed int64, err error)
}

// tables has the methods that are the same for both databases.
type tables struct {
	reading transact // sees one instant
	writing transact // is durable when it returns nil
}

// transact runs f in a transaction. It may run f again if nothing of the first try is stored.
type transact func(ctx context.Context, f func(session) error) error
