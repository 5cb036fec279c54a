package sqlstore

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/statemill/statemill/runtime/store"
	"github.com/statemill/statemill/runtime/storetest"
)

// counted is a store that counts its rows.
type counted struct{ *SQLite }

// Rows implements storetest.Counter.
func (c counted) Rows(ctx context.Context) (n int, err error) {
	err = c.read(ctx, func(tx *transaction) error {
		row, err := tx.first(`select (select count(*) from execution) + (select count(*) from payload) + (select count(*) from frame) +
			(select count(*) from value) + (select count(*) from history) + (select count(*) from message)`)
		if err == nil {
			n = int(row.number(0))
		}
		return err
	})
	return n, err
}

func openFile(t testing.TB, dir string) (*SQLite, error) {
	return OpenSQLite(t.Context(), filepath.Join(dir, "executions.db"))
}

func TestSQLite(t *testing.T) {
	t.Parallel() // the suites wait for disks and servers
	storetest.Run(t, func(t testing.TB, dir string) (store.Store, error) {
		s, err := openFile(t, dir)
		if err != nil {
			return nil, err
		}
		return counted{s}, nil
	})
}

func TestSQLiteDocuments(t *testing.T) {
	storetest.Documents(t, func(t testing.TB, dir string) (store.Documents, error) {
		s, err := openFile(t, dir)
		if err != nil {
			return nil, err
		}
		return s, nil
	})
}
