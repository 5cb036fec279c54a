package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

var errDisk = errors.New("the disk is on fire")

// failing is a statement that fails when a counter that all share reaches 0.
type failing struct {
	statement
	left *int
}

func (f failing) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if *f.left--; *f.left == 0 {
		return nil, errDisk
	}
	return f.statement.ExecContext(ctx, args)
}

func (f failing) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if *f.left--; *f.left == 0 {
		return nil, errDisk
	}
	return f.statement.QueryContext(ctx, args)
}

// Whichever statement fails, the Commit fails and stores nothing; so does every other method.
func TestEveryStatementFails(t *testing.T) {
	s, err := openFile(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	runAllStatements(t, s)
	left := 0
	for query, prepared := range s.tx.statements {
		if query != "rollback" {
			s.tx.statements[query] = failing{prepared, &left}
		}
	}
	old := creation("old", []byte("old"))
	old.Frames, old.Send = []store.Row{{Frame: 1}}, []store.Message{{ID: "m", To: "old"}}
	_, err = s.Commit(t.Context(), []store.Change{old})
	require.NoError(t, err)
	rows, err := counted{s}.Rows(t.Context())
	require.NoError(t, err)

	for _, method := range []struct {
		name string
		run  func() error
	}{
		{"commit", func() error { _, err := s.Commit(t.Context(), everyPart()); return err }},
		{"load", func() error { _, err := s.Load(t.Context(), "old"); return err }},
		{"list", func() error {
			_, err := s.List(t.Context(), store.Query{StateMachine: "machine", Version: "machine:1", After: "old"})
			return err
		}},
		{"describe", func() error { _, err := s.List(t.Context(), store.Query{ID: "old"}); return err }},
		{"history", func() error { _, err := s.History(t.Context(), "old", 0, 9); return err }},
		{"poll", func() error {
			_, err := s.Poll(t.Context(), store.Poll{Owner: "b", Lease: time.Hour, Limit: 9, Queues: []string{"activity:a"}})
			return err
		}},
		{"documents", func() error {
			return s.Write(t.Context(), store.Document{Key: "a", Data: []byte("a")}, store.Document{Key: "b", Data: []byte("b")})
		}},
	} {
		t.Run(method.name, func(t *testing.T) {
			for n := 1; ; n++ {
				left = n
				err := method.run()
				unreached := left > 0
				left = 0
				if unreached {
					require.NoError(t, err)
					require.Greater(t, n, 3, "several statements were run")
					return
				}
				require.ErrorIs(t, err, errDisk)
				if method.name != "commit" {
					continue
				}
				found, err := counted{s}.Rows(t.Context())
				require.NoError(t, err)
				require.Equal(t, rows, found, "statement %d failed, and something was stored", n)
				x, err := s.Load(t.Context(), "old")
				require.NoError(t, err)
				require.Equal(t, int64(1), x.Revision)
				require.Equal(t, "old", string(x.State))
			}
		})
	}
}

// everyPart returns changes that use all of Change.
func everyPart() []store.Change {
	born := creation("new", nil)
	born.Frames, born.Values = []store.Row{{Frame: 1}}, []store.Row{{Frame: 1, Number: 1}}
	born.Record.StateMachine = "another machine"
	born.Children = []store.Change{creation("child", nil)}
	born.History = &store.HistoryPart{First: 1, Last: 2, Data: make([]byte, 3000)}
	step := creation("old", []byte("new"))
	step.From, step.Revision, step.Clear, step.Consume = 1, 2, true, []string{"m"}
	step.Removed, step.Dropped = []interp.FrameID{1}, []interp.ValueID{{Frame: 1}}
	step.Send, step.Definition = []store.Message{{ID: "n", To: "child"}}, []byte("[]")
	return []store.Change{born, step}
}
