package sqlstore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// A loss of power leaves a WAL whose end is missing. The test copies the file and its WAL after each commit, cuts
// the copied WAL at random lengths, opens the copies, and expects in each the first so many commits.
func TestTornWAL(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.raw(func(tx *transaction) error {
		_, err := tx.first("pragma wal_autocheckpoint = 60") // pages: the WAL is moved into the database now and then
		return err
	}))
	create(t, s, "counter")
	var before []byte
	moved, cut := 0, 0
	for i := int64(1); i <= 45; i++ {
		commitNumbered(t, s, i)
		database, wal := readBoth(t, file)
		require.Equal(t, i, countCommits(t, database, wal), "a commit that has returned is there")
		// When a checkpoint has moved the WAL into the database, and nothing has been written since, the
		// WAL is not needed and its end cannot be missing: it was synced before.
		if bytes.Equal(before, database) {
			last := int64(0)
			for _, length := range cuts(rng, len(wal)) {
				n := countCommits(t, database, wal[:length])
				require.LessOrEqual(t, last, n, "a longer WAL has no fewer commits")
				require.LessOrEqual(t, n, i)
				last = n
				cut++
			}
		} else {
			moved++
		}
		before = database
	}
	require.Greater(t, moved, 2, "how often the WAL was moved")
	require.Greater(t, cut, 50, "how many WALs were cut")
}

// commitNumbered commits the change with a number: it creates one execution, and counts in another.
func commitNumbered(t *testing.T, s *SQLite, i int64) {
	t.Helper()
	text := fmt.Appendf(nil, "commit %d", i)
	created := creation(fmt.Sprint("x", i), text)
	count := store.Change{By: "a", ID: "counter", From: i, Revision: i + 1, Owner: "a", State: text}
	for f := range 3 {
		count.Frames = append(count.Frames, store.Row{Frame: 1, Number: uint32(f), Data: text})
	}
	if i%7 == 0 {
		created.Values = []store.Row{{Frame: 1, Number: 1, Data: bytes.Repeat(text, 5_000)}}
	}
	refused, err := s.Commit(t.Context(), []store.Change{created, count})
	require.NoError(t, err)
	require.Nil(t, refused)
}

// cuts returns lengths for a WAL, rising.
func cuts(rng *rand.Rand, length int) []int {
	step := max(length/4, 1)
	var lengths []int
	for at := rng.IntN(step); at < length; at += 1 + rng.IntN(2*step) {
		lengths = append(lengths, at)
	}
	return lengths
}

func readBoth(t *testing.T, file string) (database, wal []byte) {
	t.Helper()
	database, err := os.ReadFile(file)
	require.NoError(t, err)
	wal, err = os.ReadFile(file + "-wal")
	require.NoError(t, err)
	return database, wal
}

// countCommits opens a copy and returns how many of the commits it has, which must be the first.
func countCommits(t *testing.T, database, wal []byte) int64 {
	t.Helper()
	file := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, os.WriteFile(file, database, 0o600))
	require.NoError(t, os.WriteFile(file+"-wal", wal, 0o600))
	s, err := OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	n := countNumbered(t, s)
	check, err := s.conn.QueryContext(t.Context(), "pragma integrity_check")
	require.NoError(t, err)
	defer check.Close()
	require.True(t, check.Next())
	var result string
	require.NoError(t, check.Scan(&result))
	require.Equal(t, "ok", result)
	return n
}

// countNumbered returns how many of the numbered commits a store has, which must be the first.
func countNumbered(t *testing.T, s *SQLite) int64 {
	t.Helper()
	records, err := s.List(t.Context(), store.Query{Oldest: true})
	require.NoError(t, err)
	if len(records) == 0 {
		return 0 // not even the first execution
	}
	require.Equal(t, "counter", records[0].Execution)
	for i, r := range records[1:] {
		require.Equal(t, fmt.Sprint("x", i+1), r.Execution)
	}
	n := int64(len(records) - 1)
	counter, err := s.Load(t.Context(), "counter")
	require.NoError(t, err)
	require.Equal(t, n+1, counter.Revision)
	if n > 0 {
		want := fmt.Sprintf("commit %d", n)
		require.Equal(t, want, string(counter.State))
		require.Equal(t, want, string(counter.Frames[0].Data))
	}
	return n
}
