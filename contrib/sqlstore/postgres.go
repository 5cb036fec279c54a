package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/statemill/statemill/runtime/store"
)

// Postgres is a store.Store, store.Notifier and store.Documents in a schema of PostgreSQL. All methods
// may be called at the same time, in as many processes as there are.
type Postgres struct {
	tables
	pool   *pgxpool.Pool
	own    bool // the pool was opened here
	schema string
	texts  sync.Map // statements as they are written here, and as PostgreSQL gets them
	names  memory[int64]
	places memory[place] // of executions that this process has changed or loaded last
	news   *news
}

var (
	_ store.Store     = (*Postgres)(nil)
	_ store.Documents = (*Postgres)(nil)
	_ store.Notifier  = (*Postgres)(nil)
)

// PostgresSchema is the schema that is used if none is named.
const PostgresSchema = "statemill"

// OpenPostgres connects to a database of PostgreSQL 13 or later, and keeps everything in a schema of
// it, which is made if it is not there. Any number of processes may use one schema.
// The URL is one that pgx understands: "postgres://user:password@host/database".
// Default of schema: PostgresSchema.
//
// A database that does not answer, a user who may not do what is needed, and a schema that another
// program uses or a later version has written are refused, and left as they are.
func OpenPostgres(ctx context.Context, url, schema string) (*Postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open PostgreSQL: %w", err)
	}
	// A server that is gone without a word is noticed within half a minute.
	config.ConnConfig.DialFunc = (&net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}).DialContext
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open PostgreSQL: %w", err)
	}
	s, err := UsePostgres(ctx, pool, schema)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.own = true
	return s, nil
}

// UsePostgres keeps everything in a schema of a database to which the caller has a pool. Close leaves the
// pool open. In other respects it does what OpenPostgres does.
//
// The store uses one connection of the pool for each method that runs, and, from the first Notify on, one more
// that leaves the pool. All that it sets holds for one transaction.
func UsePostgres(ctx context.Context, pool *pgxpool.Pool, schema string) (*Postgres, error) {
	if schema == "" {
		schema = PostgresSchema
	}
	s := &Postgres{pool: pool, schema: schema, news: newNews(pool, schema)}
	s.tables = tables{reading: s.read, writing: s.write}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: use the schema %s of PostgreSQL: %w", schema, explainPostgres(err))
	}
	go s.news.tell()
	return s, nil
}

// Close ends what runs in the background, and closes the pool if OpenPostgres has opened
// it. Other methods return an error from then on.
func (s *Postgres) Close() error {
	if !s.news.stop() {
		return errors.New("sqlstore: the store is closed")
	}
	if s.own {
		s.pool.Close()
	}
	return nil
}

// text returns a statement as PostgreSQL gets it: with its own schema, and with numbered parameters.
func (s *Postgres) text(statement string) string {
	if known, ok := s.texts.Load(statement); ok {
		return known.(string)
	}
	var text strings.Builder
	for n, part := range strings.Split(strings.ReplaceAll(statement, "main.", quoted(s.schema)+"."), "?") {
		if n > 0 {
			fmt.Fprintf(&text, "$%d", n)
		}
		text.WriteString(part)
	}
	s.texts.Store(statement, text.String())
	return text.String()
}

// The statements that begin and end transactions.
const (
	beginWriting = "begin isolation level read committed read write"
	beginReading = "begin isolation level repeatable read read only"
	endWriting   = "commit"

	// settings make a transaction durable whatever the default of the database is, and keep PostgreSQL from plans that
	// fit tables which are empty: each statement finds its rows by an index. They end with the transaction.
	settings = `select set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, true),
		set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
		set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`
)

// with runs f with a connection. If f leaves a transaction open, that is rolled back.
func (s *Postgres) with(ctx context.Context, f func(*pgx.Conn) error) error {
	if s.news.stopped() {
		return errors.New("the store is closed")
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return explainPostgres(err)
	}
	defer conn.Release()
	err = f(conn.Conn())
	if err != nil && !conn.Conn().IsClosed() && conn.Conn().PgConn().TxStatus() != 'I' {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.Exec(bounded, "rollback") // if it fails, the pool closes the connection
	}
	return explainPostgres(err)
}

// read implements transact.
func (s *Postgres) read(ctx context.Context, f func(session) error) error {
	return s.again(ctx, func() error { return s.transact(ctx, f, beginReading) })
}

// write implements transact.
func (s *Postgres) write(ctx context.Context, f func(session) error) error {
	return s.again(ctx, func() error { return s.transact(ctx, f, beginWriting, settings) })
}

func (s *Postgres) transact(ctx context.Context, f func(session) error, begin ...string) error {
	return s.with(ctx, func(conn *pgx.Conn) error {
		p := pipeline{store: s}
		for _, statement := range begin {
			p.add(statement)
		}
		if err := p.send(ctx, conn); err != nil {
			return err
		}
		if err := f(&postgresSession{ctx, s, conn}); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, endWriting)
		return err
	})
}

// tries is how often a transaction is begun that fails for no reason of its own.
const tries = 10

// again runs a transaction, and runs it once more if PostgreSQL has ended it for the sake of
// another, or if its connection had been closed: nothing of it is stored then.
func (s *Postgres) again(ctx context.Context, f func() error) (err error) {
	for range tries {
		if err = f(); !isPassing(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// postgresSession implements session.
type postgresSession struct {
	ctx   context.Context
	store *Postgres
	conn  *pgx.Conn
}

func (p *postgresSession) query(query string, args []any, row func(columns) bool) error {
	rows, err := p.conn.Query(p.ctx, p.store.text(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := columnsOf(rows)
		if err != nil {
			return err
		}
		if !row(values) {
			break
		}
	}
	rows.Close()
	return rows.Err()
}

// columnsOf reads the row that is next.
func columnsOf(rows pgx.Rows) (columns, error) {
	values, err := rows.Values()
	if err != nil {
		return nil, err
	}
	row := make(columns, len(values))
	for i, v := range values {
		row[i] = v
	}
	return row, nil
}

func (p *postgresSession) first(query string, args ...any) (found columns, err error) {
	err = p.query(query, args, func(row columns) bool {
		found = row
		return false
	})
	return found, err
}

func (p *postgresSession) exec(query string, args ...any) (int64, error) {
	tag, err := p.conn.Exec(p.ctx, p.store.text(query), args...)
	return tag.RowsAffected(), err
}

// pipeline gathers statements that are sent together: they take one round trip.
type pipeline struct {
	store *Postgres
	batch pgx.Batch
}

// add adds a statement, and what is done with each of its rows, if anything is.
func (p *pipeline) add(statement string, args ...any) *pgx.QueuedQuery {
	return p.batch.Queue(p.store.text(statement), args...)
}

// rows has row called for each row of a statement.
func (p *pipeline) rows(row func(columns) error, statement string, args ...any) {
	p.add(statement, args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			values, err := columnsOf(rows)
			if err == nil {
				err = row(values)
			}
			if err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func (p *pipeline) send(ctx context.Context, conn *pgx.Conn) error {
	if p.batch.Len() == 0 {
		return nil
	}
	return conn.SendBatch(ctx, &p.batch).Close()
}

// quoted returns a name as it stands in a statement.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
