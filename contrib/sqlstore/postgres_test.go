package sqlstore

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
	"github.com/statemill/statemill/runtime/storetest"
)

// postgresVariable is the variable of the environment with the URL of a database of PostgreSQL, in
// which the tests make schemas and delete them. Without it they are skipped.
const postgresVariable = "STATEMILL_POSTGRES"

// postgresURL returns the URL, or skips the test.
func postgresURL(t testing.TB) string {
	t.Helper()
	url := os.Getenv(postgresVariable)
	if url == "" {
		t.Skip(postgresVariable + " is not set")
	}
	return url
}

// schemaOf returns the schema that stands for a folder, and deletes it when the test ends.
func schemaOf(t testing.TB, dir string) string {
	t.Helper()
	h := fnv.New64a()
	_, _ = h.Write([]byte(dir))
	name := fmt.Sprintf("test %x", h.Sum64())
	t.Cleanup(func() { inPostgres(t, "drop schema if exists "+quoted(name)+" cascade") })
	return name
}

// inPostgres runs statements as somebody else would.
func inPostgres(t testing.TB, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.WithoutCancel(t.Context()), postgresURL(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	for _, statement := range statements {
		_, err := conn.Exec(context.WithoutCancel(t.Context()), statement)
		require.NoError(t, err, statement)
	}
}

func openPostgres(t testing.TB, dir string) (*Postgres, error) {
	return OpenPostgres(t.Context(), postgresURL(t), schemaOf(t, dir))
}

// countedPostgres is a store that counts its rows.
type countedPostgres struct{ *Postgres }

// Rows implements storetest.Counter.
func (c countedPostgres) Rows(ctx context.Context) (n int, err error) {
	err = c.read(ctx, func(db session) error {
		row, err := db.first(`select (select count(*) from main.execution) + (select count(*) from main.payload) + (select count(*) from main.frame) +
			(select count(*) from main.value) + (select count(*) from main.history) + (select count(*) from main.message)`)
		if err == nil {
			n = int(row.number(0))
		}
		return err
	})
	return n, err
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, dir string) (store.Store, error) {
		s, err := openPostgres(t, dir)
		if err != nil {
			return nil, err
		}
		return countedPostgres{s}, nil
	})
}

func TestPostgresDocuments(t *testing.T) {
	storetest.Documents(t, func(t testing.TB, dir string) (store.Documents, error) { return openPostgres(t, dir) })
}
