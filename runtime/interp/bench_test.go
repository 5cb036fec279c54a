package interp_test

import (
	stdruntime "runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

func compiled(t testing.TB, definition string) *interp.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	program, err := interp.Compile(machine)
	require.NoError(t, err)
	return program
}

// BenchmarkWaiting tells what an execution costs that waits: the time to start
// it and the memory it holds, its input and names apart.
func BenchmarkWaiting(b *testing.B) {
	program := compiled(b, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}`)
	input := jsonvalue.MustParse(`{"orderId": "A-1"}`)
	start := time.UnixMilli(1_000_000)
	names := interp.Identity{
		Execution: "arn:aws:states:us-east-1:000000000000:execution:M:e", ExecutionName: "e",
		StateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:M", StateMachineName: "M", RoleARN: "arn:aws:iam::000000000000:role/R",
	}
	for name, c := range map[string]struct {
		config interp.Config
		header interp.Header
	}{
		"forgetting": {config: interp.Config{Forget: true}},
		"keeping":    {},
		"with names": {config: interp.Config{History: true, Inline: 1024}, header: interp.Header{Identity: names}},
	} {
		b.Run(name, func(b *testing.B) {
			executions := make([]*interp.Execution, 0, b.N)
			before := heap()
			b.ResetTimer()
			for range b.N {
				x := program.New(c.header, c.config)
				x.Begin(input)
				x.Step(start)
				x.Rest()
				executions = append(executions, x)
			}
			b.StopTimer()
			b.ReportMetric((heap()-before)/float64(b.N), "B/waiting")
			stdruntime.KeepAlive(executions)
		})
	}
}

func heap() float64 {
	stdruntime.GC()
	var m stdruntime.MemStats
	stdruntime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
