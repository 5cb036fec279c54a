package interp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// A Map Run that has items at hand and no slot for a child rests: nothing is due.
func TestMapRunRests(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 1,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "b", "Key": "k"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`))
	require.NoError(t, err)
	program, err := interp.Compile(machine)
	require.NoError(t, err)
	x := program.New(interp.Header{}, interp.Config{Children: true})
	x.Begin(jsonvalue.Object())
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ready := x.Step(now)
	require.Len(t, ready.Mapping.Read, 1)
	items := make([]interp.Item, 300)
	require.True(t, x.ItemsRead(ready.Mapping.Read[0].Run, interp.Chunk{Items: items, Next: []byte("next")}))
	ready = x.Step(now)
	require.Len(t, ready.Mapping.Children, 1)
	require.Empty(t, ready.Mapping.Read, "enough items are at hand")
	require.Zero(t, ready.Wake)
}

// A driver that makes what is pending elsewhere gets it from the execution as it is stored. A redrive
// begins it.
func TestRemotePending(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 1, "ItemsPath": "$.list", "ItemBatcher": {"MaxItemsPerBatch": 2},
		"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`))
	require.NoError(t, err)
	program, err := interp.Compile(machine)
	require.NoError(t, err)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var told [2][]history.Event
	for i, remote := range []bool{false, true} {
		config := interp.Config{Children: true, RemotePending: remote, History: true}
		x := program.New(interp.Header{}, config)
		step := func() interp.Ready {
			ready := x.Step(now)
			told[i] = append(told[i], ready.History...)
			return ready
		}
		x.Begin(jsonvalue.MustParse(`{"list": [1, 2, 3, 4, 5]}`))
		run := step().Mapping.Write[0].Run
		require.True(t, x.ResultsWritten(run))
		begun := step().Mapping.Children
		require.Len(t, begun, 1)
		names, ok := x.ChildNames(run)
		require.True(t, ok)
		require.Equal(t, begun[0].Header.Execution, names.Execution(0))
		require.True(t, x.ChildDone(interp.ChildEnd{Run: run, Status: interp.Failed, Items: 2}))
		ready := step()
		require.Len(t, ready.Mapping.Write, 1)
		if remote {
			require.Empty(t, ready.Mapping.Children)
			require.True(t, ready.Mapping.Write[0].Pending)
			made := elsewhere(t, program, x).Step(now)
			require.Len(t, made.Mapping.Children, 2)
			require.True(t, made.Mapping.Children[1].Pending)
			require.Len(t, made.Mapping.Write, 1)
			require.True(t, x.PendingChildren(run, 2, 3))
		} else {
			require.Len(t, ready.Mapping.Children, 2)
		}
		require.True(t, x.ResultsWritten(run))
		require.NotNil(t, step().Outcome)
		require.True(t, x.Redrive())
		ready = step()
		require.True(t, ready.Mapping.Write[0].Probe)
		require.True(t, x.ResultsWritten(run))
		require.EqualValues(t, 1, step().Mapping.Redrive[0].N)
		require.True(t, x.ChildDone(interp.ChildEnd{Run: run, Status: interp.Succeeded, Items: 2, Redriven: true}))
		ready = step()
		require.Equal(t, `{"Items":[3,4]}`, ready.Mapping.Children[0].Input.String())
		children := x.MapRuns()[0].Children
		require.Equal(t, interp.MapRunCounts{Pending: 1, Running: 1, Succeeded: 1}, children)
	}
	require.Equal(t, told[0], told[1])
}

// elsewhere returns an execution as it is restored from what is stored of another.
func elsewhere(t *testing.T, p *interp.Program, x *interp.Execution) *interp.Execution {
	all := x.Snapshot()
	data, err := all.Header.MarshalBinary()
	require.NoError(t, err)
	var h interp.Header
	require.NoError(t, h.UnmarshalBinary(data))
	for i, f := range all.Changed {
		data, err := f.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, all.Changed[i].UnmarshalBinary(data))
	}
	y, err := p.Restore(h, all.Changed, all.Values, interp.Config{Children: true})
	require.NoError(t, err)
	return y
}
