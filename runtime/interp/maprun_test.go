package interp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
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
