package asltest_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/asltest"
	"github.com/statemill/statemill/runtime/objects"
)

// A distributed Map state reads its items from a folder of the test. Its children count as
// iterations: their states have visits, and the path of each is a path of its own.
func TestObjects(t *testing.T) {
	wf := asltest.New(t, `{"StartAt": "Orders", "States": {"Orders": {"Type": "Map", "End": true, "ToleratedFailureCount": 1,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "Parameters": {"Bucket": "orders", "Key": "new.csv"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Known?", "States": {
			"Known?": {"Type": "Choice", "Choices": [{"Variable": "$.price", "StringEquals": "x", "Next": "Refuse"}], "Default": "Charge"},
			"Refuse": {"Type": "Fail", "Error": "NoPrice"},
			"Charge": {"Type": "Task", "Resource": "charge", "End": true}}}}}}`)
	wf.Objects = objects.Dir("testdata/buckets")
	charge := wf.Task("charge")
	charge.Returns(`"charged"`)
	run := wf.Run(`{}`)
	run.WantOutput(`["charged", "charged"]`)
	run.WantPath("Orders")
	orders := run.Visits("Orders")[0]
	orders.WantPath(0, "Known?", "Charge")
	orders.WantPath(1, "Known?", "Refuse")
	orders.WantPath(2, "Known?", "Charge")
	require.Equal(t, []int{1, 0, 1}, []int{run.Visits("Known?")[0].Rule, run.Visits("Known?")[1].Rule, run.Visits("Known?")[2].Rule})
	charge.WantInput(1, `{"id": "3", "price": "30"}`)
}

// An Engine has the objects and formats of the test, too.
func TestObjectsOfEngine(t *testing.T) {
	wf := asltest.New(t, `{"StartAt": "Rows", "States": {"Rows": {"Type": "Map", "MaxConcurrency": 5, "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}, "Parameters": {"Bucket": "orders", "Key": "new.csv"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Row", "States": {
			"Row": {"Type": "Pass", "End": true}}}}}}`)
	wf.Objects = objects.Dir("testdata/buckets")
	wf.Formats.Parquet = func(_ io.ReaderAt, size, _ int64) (objects.Rows, error) { return &oneRow{size}, nil }
	wf.Run(`{}`).WantOutput(`[{"size": 23}]`)
	wf.Engine = inMemory
	wf.Run(`{}`).WantOutput(`[{"size": 23}]`)
}

// oneRow is a file with one row, its size.
type oneRow struct{ size int64 }

func (r *oneRow) Next() (jsonvalue.Value, error) {
	size := r.size
	if r.size = 0; size == 0 {
		return jsonvalue.Value{}, io.EOF
	}
	return jsonvalue.Object(jsonvalue.Member{Name: "size", Value: jsonvalue.Int(size)}), nil
}

func (r *oneRow) Close() error { return nil }
