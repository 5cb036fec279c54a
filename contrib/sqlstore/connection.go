package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// connection runs statements on one connection, and keeps each prepared. It works below
// database/sql, whose conversions and locks cost as much as a small statement.
type connection struct {
	statements map[string]statement
	args       []driver.NamedValue
	conn       driver.ConnPrepareContext
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepared returns the statement of a text.
func (c *connection) prepared(query string) (statement, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	made, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(statement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver has statements of type %T, which take no context", made), made.Close())
	}
	c.statements[query] = s
	return s, nil
}

// bind makes arguments of a statement. They are valid until the next call.
func (c *connection) bind(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

// exec runs a statement and returns how many rows it changed. A statement is not
// interrupted: contexts are for what waits, and a transaction is short.
func (c *connection) exec(query string, args ...any) (changed int64, err error) {
	result, err := c.result(query, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert runs a statement that inserts a row, and returns the number of the row, or 0 if
// it inserted none.
func (c *connection) insert(query string, args ...any) (number int64, err error) {
	result, err := c.result(query, args)
	if err != nil {
		return 0, err
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return 0, err
	}
	return result.LastInsertId()
}

func (c *connection) result(query string, args []any) (driver.Result, error) {
	s, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), c.bind(args))
}

// query calls row for each row that a statement returns, until it returns false.
func (c *connection) query(query string, args []any, row func(columns) bool) (err error) {
	s, err := c.prepared(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make(columns, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case !row(values):
			return nil
		}
	}
}

// first returns the first row that a statement returns, or nil.
func (c *connection) first(query string, args ...any) (found columns, err error) {
	err = c.query(query, args, func(row columns) bool {
		found = row
		return false
	})
	return found, err
}

// close closes the statements.
func (c *connection) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	clear(c.statements)
	return errors.Join(errs...)
}

// columns is a row. Its methods return the zero value for NULL.
type columns []driver.Value

func (c columns) number(i int) int64 { n, _ := c[i].(int64); return n }

func (c columns) text(i int) string {
	switch v := c[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func (c columns) bytes(i int) []byte {
	switch v := c[i].(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}
