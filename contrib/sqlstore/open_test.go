package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
	"github.com/statemill/statemill/runtime/storetest"
)

// shared is a store in a database that others use, too, with the pool that it is in.
type shared struct {
	counted
	pool *sql.DB
}

func (s shared) Close() error { return errors.Join(s.counted.Close(), s.pool.Close()) }

// use opens a file as a caller with a pool of its own would.
func use(t testing.TB, file, options string) (shared, error) {
	pool, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)"+options)
	require.NoError(t, err)
	s, err := UseSQLite(t.Context(), pool)
	if err != nil {
		return shared{}, errors.Join(err, pool.Close())
	}
	return shared{counted{s}, pool}, nil
}

const durable = "&_pragma=journal_mode(wal)&_pragma=synchronous(full)"

func TestSharedDatabase(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, dir string) (store.Store, error) {
		return use(t, filepath.Join(dir, "shared.db"), durable)
	})
}

func TestUseRefusesWhatIsNotDurable(t *testing.T) {
	for options, want := range map[string]string{
		"": `journal_mode is "delete", expected wal`,
		"&_pragma=journal_mode(wal)&_pragma=synchronous(normal)": "synchronous is 1, expected 2 (full) or 3 (extra)",
	} {
		_, err := use(t, filepath.Join(t.TempDir(), "shared.db"), options)
		require.ErrorContains(t, err, want)
	}
	file := filepath.Join(t.TempDir(), "shared.db")
	s, err := use(t, file, durable)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = use(t, file, durable+"&mode=ro")
	require.ErrorContains(t, err, "the file cannot be written")
}

// The caller's tables stay beside those of the store.
func TestUseBesideOtherTables(t *testing.T) {
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "shared.db")+"?_pragma=busy_timeout(60000)"+durable)
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.ExecContext(t.Context(), "create table customer(id integer); insert into customer values (7)")
	require.NoError(t, err)
	s, err := UseSQLite(t.Context(), pool)
	require.NoError(t, err)
	create(t, s, "x")
	require.NoError(t, s.Close())
	var id int
	require.NoError(t, pool.QueryRowContext(t.Context(), "select id from customer").Scan(&id))
	assert.Equal(t, 7, id)
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		prepare func(t *testing.T, file string)
		want    string
		is      error
	}{
		"a folder that is not there": {"none/x.db", nil, "its folder: stat", fs.ErrNotExist},
		"a folder":                   {".", nil, "it is a folder, not a file", fs.ErrInvalid},
		"a file that is no database": {"x.db", func(t *testing.T, file string) {
			require.NoError(t, os.WriteFile(file, []byte("a text that is longer than the header of a database, which has one hundred bytes, and says something else"), 0o600))
		}, "the file is no database of SQLite", nil},
		"a damaged file": {"x.db", func(t *testing.T, file string) {
			s, err := OpenSQLite(t.Context(), file)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			copy(text[100:], make([]byte, 2000))
			require.NoError(t, os.WriteFile(file, text, 0o600))
		}, "malformed", nil},
		"another program's database": {"x.db", func(t *testing.T, file string) {
			inDatabase(t, file, "create table customer(id integer)")
		}, "it is the database of another program: it has customer", nil},
		"a later version's": {"x.db", func(t *testing.T, file string) {
			s, err := OpenSQLite(t.Context(), file)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			inDatabase(t, file, "update statemill set version = 99")
		}, "its tables have version 99, this package knows 1", nil},
		"a file that cannot be written": {"x.db", func(t *testing.T, file string) {
			if os.Geteuid() == 0 {
				t.Skip("root writes to any file")
			}
			inDatabase(t, file, "create table statemill(version)")
			require.NoError(t, os.Chmod(file, 0o400))
		}, "the file cannot be written", nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.file)
			if c.prepare != nil {
				c.prepare(t, file)
			}
			before, _ := os.ReadFile(file)
			s, err := OpenSQLite(t.Context(), file)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, file)
			assert.Nil(t, s)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			after, _ := os.ReadFile(file)
			assert.Equal(t, before, after, "the file is left as it is")
		})
	}
}

// inDatabase runs statements in a file.
func inDatabase(t *testing.T, file, statements string) {
	t.Helper()
	pool, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = pool.ExecContext(t.Context(), statements)
	require.NoError(t, err)
	require.NoError(t, pool.Close())
}

func TestNamesOfFiles(t *testing.T) {
	for _, name := range []string{"a b.db", "100%25.db", "what?.db", "a#b&c=d.db", "日本.db", "file:x.db"} {
		file := filepath.Join(t.TempDir(), name)
		s, err := OpenSQLite(t.Context(), file)
		require.NoError(t, err, name)
		require.NoError(t, s.Close())
		assert.FileExists(t, file)
	}
}

const childFile = "SQLSTORE_TEST_FILE"

// A file is of one process: this test starts itself as a second one.
func TestInUse(t *testing.T) {
	if file := os.Getenv(childFile); file != "" {
		s, err := OpenSQLite(t.Context(), file)
		if errors.Is(err, store.ErrInUse) {
			fmt.Println("in use:", err)
		}
		if err == nil {
			fmt.Println("opened")
			require.NoError(t, s.Close())
		}
		return
	}
	file := filepath.Join(t.TempDir(), "x.db")
	second := func() string {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestInUse$")
		command.Env = append(os.Environ(), childFile+"="+file)
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	s, err := OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	assert.Contains(t, second(), "in use: sqlstore: open "+file)
	create(t, s, "x")
	_, err = OpenSQLite(t.Context(), file)
	require.ErrorIs(t, err, store.ErrInUse)
	assert.Equal(t, 1, strings.Count(err.Error(), "another connection"), "%v", err)
	assert.Contains(t, second(), "in use", "a second store in this process does not take the lock away")
	create(t, s, "y")
	require.NoError(t, s.Close())
	assert.Contains(t, second(), "opened")
}

// create commits a new execution.
func create(t testing.TB, s store.Store, id string) {
	t.Helper()
	refused, err := s.Commit(t.Context(), []store.Change{creation(id, nil)})
	require.NoError(t, err)
	require.Nil(t, refused)
}

func creation(id string, state []byte) store.Change {
	r := &store.Record{Status: interp.Running}
	r.Execution = id
	return store.Change{By: "a", ID: id, Revision: 1, Owner: "a", Record: r, State: state}
}

func TestFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	pages := func(n int) {
		require.NoError(t, s.raw(func(tx *transaction) error {
			_, err := tx.first(fmt.Sprint("pragma max_page_count = ", n))
			return err
		}))
	}
	pages(60)
	stored := 0
	for ; stored < 1000; stored++ {
		if _, err = s.Commit(t.Context(), []store.Change{creation(fmt.Sprint(stored), make([]byte, 5000))}); err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "sqlstore: commit: the disk is full: change 0, of execution")
	require.Positive(t, stored)
	require.Error(t, s.Write(t.Context(), store.Document{Key: "x", Data: make([]byte, 50_000)}))

	check := func(want int) {
		records, err := s.List(t.Context(), store.Query{})
		require.NoError(t, err)
		require.Len(t, records, want, "what was committed is there, and nothing else")
	}
	check(stored)
	pages(10_000)
	create(t, s, "again")
	require.NoError(t, s.Close())
	s, err = OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	check(stored + 1)
	require.NoError(t, s.Close())
}

func TestClosed(t *testing.T) {
	s, err := openFile(t, t.TempDir())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = s.Load(t.Context(), "x")
	require.ErrorContains(t, err, "sqlstore: load: the store is closed")
	require.ErrorContains(t, s.Close(), "the store is closed")
}
