package sqlstore

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// scanned says which tables a statement may read whole: those of one row or few, and executions in the order
// of their numbers.
var scanned = []string{"SCAN statemill", "SCAN sqlite_master", "SCAN process", "SCAN execution"}

// Every statement finds its rows by an index, and sorts nothing.
func TestPlans(t *testing.T) {
	s, err := openFile(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	runAllStatements(t, s)
	require.NoError(t, s.raw(func(tx *transaction) error {
		for _, query := range slices.Sorted(maps.Keys(tx.statements)) {
			if !strings.HasPrefix(query, "select") && !strings.HasPrefix(query, "update") && !strings.HasPrefix(query, "delete") {
				continue
			}
			args := make([]any, strings.Count(query, "?"))
			require.NoError(t, tx.query("explain query plan "+query, args, func(row columns) bool {
				step := strings.Replace(row.text(3), "SCAN main.", "SCAN ", 1)
				if strings.HasPrefix(step, "SCAN") {
					assert.Contains(t, scanned, step, query)
				}
				assert.NotContains(t, step, "TEMP B-TREE", query)
				return true
			}))
		}
		return nil
	}))
}

// runAllStatements makes the store use everything that it has.
func runAllStatements(t *testing.T, s *SQLite) {
	ctx := t.Context()
	c := creation("x", []byte("state"))
	c.Frames, c.Values = []store.Row{{Frame: 1}}, []store.Row{{Frame: 1, Number: 1}}
	c.Record.StateMachine, c.Record.StateMachineVersion, c.Record.MapRun = "machine", "machine:1", "run"
	c.Send = []store.Message{{ID: "m", To: "x"}, {ID: "o", To: "activity:a"}}
	c.History = &store.HistoryPart{First: 1, Last: 2, Data: make([]byte, 3000)}
	c.Definition = []byte("{}")
	commit := func(c store.Change) {
		refused, err := s.Commit(ctx, []store.Change{c})
		require.NoError(t, err)
		require.Nil(t, refused)
	}
	commit(c)
	c = store.Change{By: "a", ID: "x", From: 1, Revision: 2, Record: c.Record, Clear: true, Consume: []string{"m"}, Removed: []interp.FrameID{1}, Dropped: []interp.ValueID{{Frame: 1}}}
	commit(c)
	_, err := s.Load(ctx, "x")
	require.NoError(t, err)
	for _, q := range []store.Query{{ID: "x"}, {StateMachine: "machine", StoppedBefore: time.Now()}, {MapRun: "run", Version: "machine:1", After: "x"}, {StateMachine: "machine", Status: interp.Running}, {Oldest: true}} {
		_, err := s.List(ctx, q)
		require.NoError(t, err)
	}
	for _, limit := range []int{1, -1} {
		_, err := s.History(ctx, "x", 1, limit)
		require.NoError(t, err)
	}
	for _, lease := range []time.Duration{time.Hour, 0} {
		_, err := s.Poll(ctx, store.Poll{Owner: "b", Lease: lease, Now: time.Now(), Limit: 1, Queues: []string{"activity:a"}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Write(ctx, store.Document{Key: "d", Data: []byte("x")}))
	docs, err := s.Scan(ctx, "d", "", 1)
	require.NoError(t, err)
	docs[0].Data = nil
	require.NoError(t, s.Write(ctx, docs...))
	c.From, c.Revision, c.Delete, c.Consume = 2, 3, true, nil
	commit(c)
}
