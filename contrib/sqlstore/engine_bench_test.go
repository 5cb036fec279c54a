package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// BenchmarkEngine runs executions of one task, each started and waited for by one of
// so many clients. Bare inserts of 300 bytes into another file of the same disk come
// before and after. It reports both rates, and the time of the processor that an
// execution takes in this whole process.
func BenchmarkEngine(b *testing.B) {
	benchmarkEngine(b, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}`, []int{1, 16, 100, 256})
}

// BenchmarkEngineActivity does so with a task that one of as many workers takes and answers.
func BenchmarkEngineActivity(b *testing.B) {
	benchmarkEngine(b, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+killedActivity+`", "End": true}}}`, []int{1, 16, 100})
}

// BenchmarkEngineNested does so with a task that starts an execution of one task, and waits
// for its end.
func BenchmarkEngineNested(b *testing.B) {
	benchmarkEngine(b, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
		"Parameters": {"StateMachineArn": "`+killedMachine+`"}, "End": true}}}`, []int{1, 16, 100})
}

func benchmarkEngine(b *testing.B, definition string, numbers []int) {
	program, err := compiled(definition)
	require.NoError(b, err)
	child, err := compiled(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}`)
	require.NoError(b, err)
	config := runtime.EngineConfig{
		Tasks: runtime.Mux{"t": runtime.InvokerFunc(echo)},
		StateMachine: func(_ context.Context, arn string) (runtime.Machine, error) {
			return runtime.Machine{Program: child, Identity: runtime.Identity{StateMachine: arn, StateMachineName: "child"}}, nil
		},
	}
	for _, clients := range numbers {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			s, err := openFile(b, b.TempDir())
			require.NoError(b, err)
			engine, err := runtime.Open(b.Context(), s, config)
			require.NoError(b, err)
			if strings.Contains(definition, killedActivity) {
				for range clients {
					go answerWork(b.Context(), engine)
				}
			}
			plain := openBare(b)
			before := plain.rate(b)
			b.ReportAllocs()
			b.ResetTimer()
			cpu := processor(b)
			runAll(b, engine, program, clients)
			b.StopTimer()
			b.ReportMetric(float64((processor(b)-cpu).Microseconds())/float64(b.N), "cpu-us/op")
			rate := float64(b.N) / b.Elapsed().Seconds()
			bare := (before + plain.rate(b)) / 2
			b.ReportMetric(rate, "executions/s")
			b.ReportMetric(bare, "bare/s")
			b.ReportMetric(2*rate/bare, "of-bare/2")
			require.NoError(b, engine.Close(context.Background()))
			require.NoError(b, s.Close())
		})
	}
}

// answerWork is a worker of the activity.
func answerWork(ctx context.Context, engine *runtime.Engine) {
	for {
		task, err := engine.PollActivity(ctx, killedActivity, "")
		if err != nil {
			return
		}
		_ = engine.SucceedTask(ctx, task.Token, task.Input)
	}
}

func echo(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }

// runAll runs b.N executions by so many clients.
func runAll(b *testing.B, engine *runtime.Engine, program *runtime.Program, clients int) {
	var next atomic.Int64
	var all sync.WaitGroup
	input := jsonvalue.MustParse(`{"order": 7}`)
	for range clients {
		all.Go(func() {
			for next.Add(1) <= int64(b.N) {
				record, err := engine.Start(b.Context(), program, runtime.Identity{}, input, nil)
				if err == nil {
					_, err = engine.Wait(b.Context(), record.Execution)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// rate returns how many inserts there are in a second. The first ones do not count: until the
// log has its full length each makes the file longer, and takes almost twice as long.
func (p *bare) rate(b *testing.B) float64 {
	const first, inserts = 1500, 1000
	p.insertAll(b, first)
	began := time.Now()
	p.insertAll(b, inserts)
	return inserts / time.Since(began).Seconds()
}

func (p *bare) insertAll(b *testing.B, n int) {
	for range n {
		_, err := p.insert.ExecContext(b.Context(), p.data)
		require.NoError(b, err)
	}
}

// processor returns the time of the processor that this process has had.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
