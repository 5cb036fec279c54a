package statemillotel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	statemillotel "github.com/statemill/statemill/contrib/otel"
	"github.com/statemill/statemill/runtime/history"
)

const metered = `{"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "InputPath": "$[0]", "ResultPath": null, "Next": "A"},
	"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "InputPath": "$[1]", "ResultPath": null, "Next": "Q"},
	"Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "InputPath": "$[2]", "TimeoutSeconds": 5, "End": true}}}`

// TestMeter reads what a Meter has counted of three executions.
func TestMeter(t *testing.T) {
	program := compile(t, metered)
	reader := sdkmetric.NewManualReader()
	meter, err := statemillotel.NewMeter(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	require.NoError(t, err)
	for _, input := range []string{`[1, 2, 3]`, `[1, -1, 3]`, `[1, 2, 9]`} {
		for _, e := range events(t, program, input) {
			meter.Observe(e)
		}
	}
	require.Equal(t, strings.TrimSpace(`
execution.active machine: 0
execution.duration machine Failed: 2 x 9s
execution.duration machine Succeeded: 1 x 6s
execution.started machine: 3
state.transitions machine: 8
task.duration machine activity failed: 1 x 0s
task.duration machine activity succeeded: 2 x 4s
task.duration machine lambda succeeded: 3 x 3s
task.duration machine service succeeded: 1 x 3s
task.duration machine service timed_out States.Timeout: 1 x 5s
task.schedule.duration machine activity: 3 x 0s
task.schedule.duration machine lambda: 3 x 0s
task.schedule.duration machine service: 2 x 0s
task.scheduled machine activity: 3
task.scheduled machine lambda: 3
task.scheduled machine service: 2`), read(t, reader))

	// Events that came before the process count as nothing, and what goes on has the time that it takes.
	reader = sdkmetric.NewManualReader()
	meter, err = statemillotel.NewMeter(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	require.NoError(t, err)
	all := events(t, program, `[1, 2, 3]`)
	i := slices.IndexFunc(all, func(e history.Event) bool { return e.Type == "TaskStarted" })
	meter.Loaded(all[0].Execution, all[:i+1])
	for _, e := range all[i+1:] {
		meter.Observe(e)
	}
	require.Equal(t, "execution.active machine: -1\nexecution.duration machine Succeeded: 1 x 6s\ntask.duration machine service succeeded: 1 x 3s", read(t, reader))
}

// read returns what a reader has, a line each.
func read(t *testing.T, reader sdkmetric.Reader) string {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(context.Background(), &all))
	var lines []string
	for _, m := range all.ScopeMetrics[0].Metrics {
		name := strings.TrimPrefix(m.Name, "statemill.")
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s: %d", name, about(p.Attributes.ToSlice()), p.Value))
			}
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s: %d x %gs", name, about(p.Attributes.ToSlice()), p.Count, p.Sum))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// about prints attributes but resources: machine, kind, outcome, error.
func about(attributes []attribute.KeyValue) string {
	var values []string
	for _, name := range []attribute.Key{"statemill.machine", "statemill.execution.status", "statemill.task.kind", "statemill.task.outcome", "error.type"} {
		for _, a := range attributes {
			if a.Key == name {
				values = append(values, a.Value.AsString())
			}
		}
	}
	return strings.Join(values, " ")
}
