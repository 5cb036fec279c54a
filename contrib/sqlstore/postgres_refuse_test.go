package sqlstore

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// withParameter returns the URL with one more parameter.
func withParameter(t testing.TB, name, value string) string {
	t.Helper()
	u, err := url.Parse(postgresURL(t))
	require.NoError(t, err)
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestPostgresRefuses(t *testing.T) {
	address := postgresURL(t)
	nobody, err := url.Parse(address)
	require.NoError(t, err)
	nobody.Host = "127.0.0.1:1"
	elsewhere := *nobody
	elsewhere.Host, elsewhere.Path = mustParse(t, address).Host, "/no such database"
	for name, c := range map[string]struct {
		url     string
		prepare func(schema string) []string
		want    string
	}{
		"no URL":             {"postgres://%", nil, "sqlstore: open PostgreSQL: cannot parse"},
		"a server not there": {nobody.String(), nil, "connection refused"},
		"no database":        {elsewhere.String(), nil, `database "no such database" does not exist`},
		"a later version's":  {address, laterVersion, "its tables have version 99, this package knows 1"},
		"another program's": {address, func(s string) []string {
			return []string{"create schema " + s, "create table " + s + ".customer(id bigint)"}
		}, "it is the schema of another program: it has customer"},
		"no right to create": {asGuest(t, address), nil, "the user lacks a right: "},
		"no right to use": {asGuest(t, address), func(s string) []string {
			return []string{"create schema " + s, "create table " + s + ".statemill(version bigint)"}
		}, "the user lacks a right: "},
		"a damaged schema": {address, func(s string) []string {
			return []string{"create schema " + s, "create table " + s + ".statemill(version bigint)"}
		}, "its table statemill is empty"},
		"only to be read": {withParameter(t, "default_transaction_read_only", "on"), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			schema := schemaOf(t, t.TempDir())
			if c.prepare != nil {
				inPostgres(t, c.prepare(quoted(schema))...)
			}
			s, err := OpenPostgres(t.Context(), c.url, schema)
			if c.want == "" {
				require.NoError(t, err, "the store says what it needs")
				create(t, s, "x")
				require.NoError(t, s.Close())
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

func mustParse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

func laterVersion(schema string) []string {
	return []string{"create schema " + schema, "create table " + schema + ".statemill(version bigint)", "insert into " + schema + ".statemill values (99)"}
}

// asGuest returns the URL of a user without rights.
func asGuest(t testing.TB, address string) string {
	t.Helper()
	inPostgres(t, "drop role if exists statemill_guest", "create role statemill_guest login password 'guest'")
	t.Cleanup(func() { inPostgres(t, "drop role if exists statemill_guest") })
	u := mustParse(t, address)
	u.User = url.UserPassword("statemill_guest", "guest")
	return u.String()
}

// The owner of a database makes the schema, and a user with the rights to its rows works in it.
func TestPostgresFewRights(t *testing.T) {
	schema := schemaOf(t, t.TempDir())
	s, err := OpenPostgres(t.Context(), postgresURL(t), schema)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	guest := asGuest(t, postgresURL(t))
	inPostgres(t, "grant usage on schema "+quoted(schema)+" to statemill_guest",
		"grant select, insert, update, delete on all tables in schema "+quoted(schema)+" to statemill_guest")
	t.Cleanup(func() { inPostgres(t, "drop owned by statemill_guest") })
	s, err = OpenPostgres(t.Context(), guest, schema)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	create(t, s, "x")
	inPostgres(t, "revoke insert on all tables in schema "+quoted(schema)+" from statemill_guest")
	_, err = s.Commit(t.Context(), []store.Change{creation("y", nil)})
	require.ErrorContains(t, err, "sqlstore: commit: the user lacks a right: ")
	_, err = s.Load(t.Context(), "x")
	require.NoError(t, err)
}

// A database whose default is not to wait for the disk waits for it here.
func TestPostgresIsDurable(t *testing.T) {
	s, err := OpenPostgres(t.Context(), withParameter(t, "synchronous_commit", "off"), schemaOf(t, t.TempDir()))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.write(t.Context(), func(db session) error {
		row, err := db.first("show synchronous_commit")
		assert.Equal(t, "on", row.text(0))
		return err
	}))
}

// holding locks a row of the schema until the function that it returns is called.
func holding(t *testing.T, s *Postgres, id string) (conn *pgx.Conn, release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), postgresURL(t))
	require.NoError(t, err)
	for _, statement := range []string{"begin", "set local deadlock_timeout = '1h'", s.text("select 1 from main.execution where id = '" + id + "' for update")} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	return conn, func() {
		_, err := conn.Exec(t.Context(), "rollback")
		require.NoError(t, err)
		require.NoError(t, conn.Close(t.Context()))
	}
}

func stepOf(id string) store.Change {
	return store.Change{By: "a", ID: id, From: 1, Revision: 2, Owner: "a", State: []byte("new")}
}

// A statement that the server cancels fails its Commit, which stores nothing and may be tried again.
func TestPostgresStatementTimeout(t *testing.T) {
	for _, parameter := range []string{"statement_timeout", "lock_timeout"} {
		dir := t.TempDir()
		patient, err := openPostgres(t, dir)
		require.NoError(t, err)
		create(t, patient, "x")
		create(t, patient, "y")
		s, err := OpenPostgres(t.Context(), withParameter(t, parameter, "50"), schemaOf(t, dir))
		require.NoError(t, err)
		_, release := holding(t, s, "x")
		_, err = s.Commit(t.Context(), []store.Change{stepOf("y"), stepOf("x")})
		require.ErrorContains(t, err, parameter)
		release()
		refused, err := patient.Commit(t.Context(), []store.Change{stepOf("y"), stepOf("x")})
		require.NoError(t, err)
		require.Nil(t, refused, "nothing was stored by the first")
		require.NoError(t, s.Close())
		require.NoError(t, patient.Close())
	}
}

// A transaction that PostgreSQL ends because of a deadlock is tried again.
func TestPostgresDeadlock(t *testing.T) {
	s, err := openPostgres(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	create(t, s, "x")
	create(t, s, "y")
	other, release := holding(t, s, "y")
	committed := make(chan error)
	go func() {
		message := store.Change{Send: []store.Message{{ID: "m", To: "x"}}} // with it the rows are locked in order
		refused, err := s.Commit(context.WithoutCancel(t.Context()), []store.Change{stepOf("x"), stepOf("y"), message})
		assert.Nil(t, refused)
		committed <- err
	}()
	waitForLock(t)
	_, err = other.Exec(t.Context(), s.text("select 1 from main.execution where id = 'x' for update"))
	require.NoError(t, err, "the store gave way")
	release()
	require.NoError(t, <-committed)
	x, err := s.Load(t.Context(), "x")
	require.NoError(t, err)
	require.Len(t, x.Messages, 1)
	require.Equal(t, int64(2), x.Revision)
}

// waitForLock waits until some transaction waits for another.
func waitForLock(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), postgresURL(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	for waiting := 0; waiting == 0; {
		require.NoError(t, conn.QueryRow(t.Context(), "select count(*) from pg_locks where not granted").Scan(&waiting))
	}
}

// Leases are measured by the clock of the server: a process whose clock is a minute off takes nothing from those
// who are alive. What is due is due by the clock of whoever asks.
func TestPostgresClocksDiffer(t *testing.T) {
	s, err := openPostgres(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	now := time.Now()
	poll := func(owner string, off time.Duration) store.Polled {
		found, err := s.Poll(t.Context(), store.Poll{Owner: owner, Lease: 10 * time.Second, Now: now.Add(off), Limit: 9})
		require.NoError(t, err)
		return found
	}
	create(t, s, "x") // a owns it
	poll("a", -time.Minute)
	assert.Empty(t, poll("b", time.Minute).Claimed)
	poll("a", -time.Minute)
	late := creation("late", nil)
	late.Owner, late.Due = "", now.Add(30*time.Second)
	_, err = s.Commit(t.Context(), []store.Change{late})
	require.NoError(t, err)
	assert.Empty(t, poll("a", -time.Minute).Claimed)
	assert.Equal(t, []string{"late"}, poll("b", time.Minute).Claimed)
	assert.Empty(t, poll("a", time.Minute).Claimed, "once")
}

// A pool of the caller stays open, and its connections are as they were.
func TestUsePostgres(t *testing.T) {
	config, err := pgxpool.ParseConfig(postgresURL(t))
	require.NoError(t, err)
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	s, err := UsePostgres(t.Context(), pool, schemaOf(t, t.TempDir()))
	require.NoError(t, err)
	create(t, s, "x")
	_, err = s.Poll(t.Context(), store.Poll{Owner: "a", Lease: time.Hour, Now: time.Now()})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.ErrorContains(t, s.Close(), "the store is closed")
	_, err = s.Load(t.Context(), "x")
	require.ErrorContains(t, err, "sqlstore: load: the store is closed")
	var path, scan string
	require.NoError(t, pool.QueryRow(t.Context(), "select current_setting('search_path'), current_setting('enable_seqscan')").Scan(&path, &scan))
	assert.Equal(t, `"$user", public on`, path+" "+scan)
}

// What one process sends, another hears of.
func TestPostgresNotifies(t *testing.T) {
	dir := t.TempDir()
	one, err := openPostgres(t, dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, one.Close()) }()
	other, err := openPostgres(t, dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	create(t, one, "x")
	heard := other.Notify(t.Context())
	<-heard // it listens from now on
	_, err = one.Commit(t.Context(), []store.Change{{Send: []store.Message{{ID: "m", To: "x"}}}})
	require.NoError(t, err)
	<-heard
}

// Two processes that begin at once make the schema once.
func TestPostgresMigratesOnce(t *testing.T) {
	server, schema := postgresURL(t), schemaOf(t, t.TempDir())
	opened := make(chan error)
	for range 8 {
		go func() {
			s, err := OpenPostgres(context.WithoutCancel(t.Context()), server, schema)
			if err == nil {
				err = s.Close()
			}
			opened <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-opened)
	}
}

// Every error says of which database it speaks, and none shows the password.
func TestPostgresHidesPasswords(t *testing.T) {
	u := mustParse(t, postgresURL(t))
	u.User, u.Host = url.UserPassword("somebody", "secret17"), "127.0.0.1:1"
	_, err := OpenPostgres(t.Context(), u.String(), "")
	require.Error(t, err)
	assert.False(t, strings.Contains(err.Error(), "secret17"), err)
	_, err = OpenPostgres(t.Context(), "postgres://somebody:secret17@host:port/", "")
	require.Error(t, err)
	assert.False(t, strings.Contains(err.Error(), "secret17"), err)
}
