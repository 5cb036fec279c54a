package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"github.com/statemill/statemill/runtime/store"
)

// SQLite is a store.Store and store.Documents in a database of SQLite. All methods may
// be called at the same time.
type SQLite struct {
	tables
	turn chan struct{} // holds a value while nobody uses the connection
	pool *sql.DB       // nil if it is the caller's
	conn *sql.Conn
	tx   transaction
}

var (
	_ store.Store     = (*SQLite)(nil)
	_ store.Documents = (*SQLite)(nil)
)

// OpenSQLite opens a file, and makes it if it is not there; its folder must be. The file belongs
// to this store until Close: a second one, in this process or another, gets store.ErrInUse.
//
// A file that is no database, that another program uses for its own tables, that cannot be written,
// or that a later version has written is refused and left as it is.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: its folder: %w", path, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("sqlstore: open %s: it is a folder, not a file: %w", path, fs.ErrInvalid)
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: %w", path, explain(err))
	}
	pool.SetMaxOpenConns(1)
	s, err := open(ctx, pool, (*transaction).own)
	if code(err) == sqliteBusy {
		err = fmt.Errorf("%w: %w", store.ErrInUse, err)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: %w", path, errors.Join(err, pool.Close()))
	}
	s.pool = pool
	return s, nil
}

// UseSQLite keeps executions in a database of the caller, beside the caller's tables, through one
// connection that it takes from the pool until Close. The driver is that of modernc.org/sqlite, and
// the connection has journal_mode WAL and synchronous FULL or EXTRA, or it is refused.
//
// With locking_mode NORMAL several processes may share the database: an owner then counts as
// dead when its lease is over. Set busy_timeout, or a Commit fails while another process
// writes.
func UseSQLite(ctx context.Context, pool *sql.DB) (*SQLite, error) {
	s, err := open(ctx, pool, (*transaction).check)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: use a database: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, pool *sql.DB, prepare func(*transaction) error) (*SQLite, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	s := &SQLite{turn: make(chan struct{}, 1), conn: conn, tx: transaction{
		connection: connection{statements: make(map[string]statement)},
	}}
	s.tables = tables{
		reading: func(ctx context.Context, f func(session) error) error {
			return s.read(ctx, func(tx *transaction) error { return f(tx) })
		},
		writing: func(ctx context.Context, f func(session) error) error {
			return s.write(ctx, func(tx *transaction) error { return f(tx) })
		},
	}
	err = s.raw(prepare)
	if err == nil {
		s.turn <- struct{}{}
		err = s.write(ctx, (*transaction).migrate)
	}
	if err == nil {
		err = s.raw((*transaction).shareLeases)
	}
	if err != nil {
		if left := s.release(); code(left) != code(err) { // the same refusal is not told twice
			err = errors.Join(err, left)
		}
		return nil, err
	}
	return s, nil
}

// own makes the database one that this connection alone uses. Until it knows whose database it is, it
// changes nothing.
func (tx *transaction) own() error {
	if _, err := tx.first("pragma locking_mode = exclusive"); err != nil {
		return err
	}
	foreign, err := tx.first("select name from sqlite_master where not exists (select 1 from sqlite_master where name = 'statemill')")
	if err != nil {
		return err
	}
	if foreign != nil {
		return fmt.Errorf("it is the database of another program: it has %s", foreign.text(0))
	}
	for _, pragma := range []string{"journal_mode = wal", "synchronous = full", "cache_size = -16384", "temp_store = memory"} {
		if _, err := tx.first("pragma " + pragma); err != nil {
			return err
		}
	}
	return tx.check()
}

// check holds the connection to what durable commits need.
func (tx *transaction) check() error {
	journal, err := tx.first("pragma journal_mode")
	if err != nil {
		return err
	}
	if journal == nil || journal.text(0) != "wal" {
		return fmt.Errorf("journal_mode is %q, expected wal", journal.text(0))
	}
	synchronous, err := tx.first("pragma synchronous")
	if err == nil && synchronous.number(0) < 2 {
		err = fmt.Errorf("synchronous is %d, expected 2 (full) or 3 (extra)", synchronous.number(0))
	}
	return err
}

// shareLeases decides where leases are kept. A connection that owns the database keeps
// them in a table of its own memory, which hides the other: nobody else reads them, every owner that
// has none in it is dead, and renewing them writes nothing to disk.
func (tx *transaction) shareLeases() error {
	mode, err := tx.first("pragma locking_mode")
	if err != nil || mode.text(0) != "exclusive" {
		return err
	}
	tx.alone = true
	_, err = tx.exec("create temp table process(owner text primary key, expires integer not null) without rowid")
	return err
}

// Close waits until no other method runs, and gives the file or the connection back. Other
// methods return an error from then on.
func (s *SQLite) Close() error {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	return s.release()
}

func (s *SQLite) release() error {
	err := s.raw(func(tx *transaction) error {
		_, drop := tx.exec("drop table if exists temp.process")
		return errors.Join(drop, tx.close())
	})
	err = errors.Join(err, s.conn.Close())
	if s.pool != nil {
		err = errors.Join(err, s.pool.Close())
	}
	return err
}

// raw gives f the connection.
func (s *SQLite) raw(f func(tx *transaction) error) error {
	err := s.conn.Raw(func(c any) error {
		conn, ok := c.(driver.ConnPrepareContext)
		if !ok {
			return fmt.Errorf("the driver has connections of type %T, which prepare no statements", c)
		}
		s.tx.conn = conn
		return f(&s.tx)
	})
	return explain(err)
}

// read runs f in a transaction that sees one instant.
func (s *SQLite) read(ctx context.Context, f func(tx *transaction) error) error {
	return s.transact(ctx, "begin", f)
}

// write runs f in a transaction, which is durable when write returns nil.
func (s *SQLite) write(ctx context.Context, f func(tx *transaction) error) error {
	return s.transact(ctx, "begin immediate", f)
}

func (s *SQLite) transact(ctx context.Context, begin string, f func(tx *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.turn <- struct{}{} }()
	return s.raw(func(tx *transaction) error {
		if _, err := tx.exec(begin); err != nil {
			return err
		}
		err := f(tx)
		if err == nil {
			_, err = tx.exec("commit")
		}
		if err != nil {
			tx.names.clear() // some of them may have been inserted just now
			tx.places.clear()
			// Some errors end the transaction: then there is nothing to roll back.
			_, _ = tx.exec("rollback")
		}
		return err
	})
}

// transaction is the connection while one caller has it.
type transaction struct {
	connection
	alone  bool          // no other connection changes the database
	names  memory[int64] // numbers of names
	places memory[place] // of executions that were changed last, if alone
	values []any         // the memory of arguments
}

// The codes of SQLite that callers want to tell apart.
const (
	sqliteBusy     = 5
	sqliteReadOnly = 8
	sqliteFull     = 13
	sqliteNoDB     = 26
)

// code returns the primary code of an error of SQLite, or 0.
func code(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code() & 0xff
	}
	return 0
}

// explain says in plain words why SQLite refused something.
func explain(err error) error {
	if errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("the store is closed: %w", err)
	}
	text, known := map[int]string{
		sqliteBusy: "another connection is using the database", sqliteReadOnly: "the file cannot be written",
		sqliteFull: "the disk is full", sqliteNoDB: "the file is no database of SQLite",
	}[code(err)]
	if !known {
		return err
	}
	return fmt.Errorf("%s: %w", text, err)
}
