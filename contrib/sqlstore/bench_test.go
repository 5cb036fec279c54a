package sqlstore

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// bare is a database with one table, as small as durable inserts can be.
type bare struct {
	pool   *sql.DB
	insert *sql.Stmt
	data   []byte
}

func openBare(b *testing.B) *bare {
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=locking_mode(exclusive)"+durable)
	require.NoError(b, err)
	pool.SetMaxOpenConns(1)
	_, err = pool.ExecContext(b.Context(), "create table bare(id integer primary key, data blob)")
	require.NoError(b, err)
	insert, err := pool.PrepareContext(b.Context(), "insert into bare(data) values (?)")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, insert.Close()); require.NoError(b, pool.Close()) })
	return &bare{pool, insert, bytes.Repeat([]byte("x"), 300)}
}

// BenchmarkCommit alternates commits of the store with bare inserts of 300 bytes into
// another file of the same disk, each autocommitted, so that both meet the same moments of the machine.
// It reports both rates, and the median of each in microseconds.
//
// A change is the first step or the last of an execution of one task, in turn.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 16, 100, 256} {
		b.Run(fmt.Sprint("changes=", size), func(b *testing.B) {
			s, err := openFile(b, b.TempDir())
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			plain := openBare(b)
			w := workload{start: time.Now()}
			var stored, inserted []time.Duration
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				began := time.Now()
				_, err := plain.insert.ExecContext(b.Context(), plain.data)
				inserted = append(inserted, time.Since(began))
				changes := w.batch(size)
				began = time.Now()
				refused, commitErr := s.Commit(b.Context(), changes)
				stored = append(stored, time.Since(began))
				if err != nil || commitErr != nil || refused != nil {
					b.Fatal(err, commitErr, refused)
				}
			}
			report(b, stored, "commits", size)
			report(b, inserted, "bare", 1)
		})
	}
}

func report(b *testing.B, times []time.Duration, what string, size int) {
	var total time.Duration
	for _, t := range times {
		total += t
	}
	slices.Sort(times)
	b.ReportMetric(float64(len(times))/total.Seconds(), what+"/s")
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, what+"-p50-us")
	if size > 1 {
		b.ReportMetric(float64(size*len(times))/total.Seconds(), "changes/s")
	}
}

// workload makes the changes of executions of one task.
type workload struct {
	start   time.Time
	n       int
	started []store.Change
}

func (w *workload) batch(size int) (changes []store.Change) {
	if len(w.started) > 0 {
		for _, c := range w.started {
			changes = append(changes, w.end(c))
		}
		w.started = nil
		return changes
	}
	for range size {
		w.started = append(w.started, w.begin())
	}
	return w.started
}

// begin makes the Change of a new execution whose task is out: header, one frame, five events.
func (w *workload) begin() store.Change {
	w.n++
	name := fmt.Sprintf("%013x-4d3a-8a2b", w.n) // names rise with time, as UUIDs of version 7 do
	r := &store.Record{Status: interp.Running, Start: w.start}
	r.ExecutionName = name
	r.Execution = "arn:aws:states:us-east-1:000000000000:execution:orders:" + name
	r.StateMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:orders"
	r.StateMachineName, r.RoleARN = "orders", "arn:aws:iam::000000000000:role/orders"
	return store.Change{
		By: "process 1", ID: r.Execution, Revision: 1, Record: r, Owner: "process 1",
		State: make([]byte, 150), Frames: []store.Row{{Frame: 1, Data: make([]byte, 260)}},
		History: &store.HistoryPart{First: 1, Last: 5, Data: make([]byte, 400)},
	}
}

// end makes the Change of an execution that has succeeded.
func (w *workload) end(c store.Change) store.Change {
	r := *c.Record
	r.Status, r.Stop = interp.Succeeded, w.start
	return store.Change{
		By: c.By, ID: c.ID, From: 1, Revision: 2, Record: &r, State: make([]byte, 150), Clear: true,
		History: &store.HistoryPart{First: 6, Last: 9, Data: make([]byte, 300)},
	}
}

// BenchmarkLoad loads a small execution.
func BenchmarkLoad(b *testing.B) {
	s, err := openFile(b, b.TempDir())
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	w := workload{start: time.Now()}
	c := w.begin()
	_, err = s.Commit(b.Context(), []store.Change{c})
	require.NoError(b, err)
	for b.Loop() {
		if _, err := s.Load(b.Context(), c.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPoll polls while many executions wait.
func BenchmarkPoll(b *testing.B) {
	s, err := openFile(b, b.TempDir())
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	w := workload{start: time.Now()}
	for range 100 {
		changes := make([]store.Change, 500)
		for i := range changes {
			changes[i] = w.begin()
			changes[i].Owner, changes[i].Due = "", w.start.Add(time.Hour)
		}
		_, err = s.Commit(b.Context(), changes)
		require.NoError(b, err)
	}
	p := store.Poll{Owner: "process 1", Lease: time.Hour, Now: w.start, Limit: 256}
	for b.Loop() {
		if _, err := s.Poll(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
}
