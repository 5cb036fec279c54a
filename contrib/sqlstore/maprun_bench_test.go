package sqlstore

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// BenchmarkMapRun maps over 10,000 items, each a child of one task, all at once. Bare inserts into another file of
// the same disk come before and after. It reports both rates, how many changes of executions a commit has, and the time
// of the processor that a child takes in this whole process.
func BenchmarkMapRun(b *testing.B) {
	const children = 10_000
	program, err := compiled(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ResultSelector": {}, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}}}}`)
	require.NoError(b, err)
	items := make([]jsonvalue.Value, children)
	for i := range items {
		items[i] = jsonvalue.Int(int64(i))
	}
	file, err := openFile(b, b.TempDir())
	require.NoError(b, err)
	s := &countedStore{Store: file}
	engine, err := runtime.Open(b.Context(), s, runtime.EngineConfig{Tasks: runtime.InvokerFunc(echo)})
	require.NoError(b, err)
	plain := openBare(b)
	before := plain.rate(b)
	b.ResetTimer()
	cpu := processor(b)
	for i := range b.N {
		record, err := engine.Start(b.Context(), program, runtime.Identity{ExecutionName: fmt.Sprint(i)}, jsonvalue.Array(items...), nil)
		require.NoError(b, err)
		_, err = engine.Wait(b.Context(), record.Execution)
		require.NoError(b, err)
	}
	b.StopTimer()
	n := float64(b.N * children)
	b.ReportMetric(float64((processor(b)-cpu).Microseconds())/n, "cpu-us/child")
	rate, bare := n/b.Elapsed().Seconds(), (before+plain.rate(b))/2
	batch := float64(s.changes.Load()) / float64(s.commits.Load())
	b.ReportMetric(rate, "children/s")
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric(batch, "changes/commit")
	b.ReportMetric(rate/(bare*batch), "of-bare*batch")
	require.NoError(b, engine.Close(context.Background()))
	require.NoError(b, file.Close())
}

// countedStore counts commits, and changes of executions in them.
type countedStore struct {
	store.Store
	commits, changes atomic.Int64
}

func (s *countedStore) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	s.commits.Add(1)
	for i := range changes {
		s.changes.Add(1 + int64(len(changes[i].Children)))
	}
	return s.Store.Commit(ctx, changes)
}
