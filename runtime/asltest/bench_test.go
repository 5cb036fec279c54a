package asltest_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/asltest"
)

// BenchmarkRun times a run of the kit in turn with runtime.Runner and the same results.
func BenchmarkRun(b *testing.B) {
	const definition = "../../examples/order/order.asl.json"
	answers := map[string]string{
		"validate": `{"id": "A-1", "total": 12, "card": "4711", "lines": ["cup", "pot"]}`, "inventory": `{"missing": 0}`,
		"pack": `{"parcel": 1}`, "backorder": `{}`, "charge": `{"amount": 12}`,
	}
	wf := asltest.Load(b, definition)
	mux := runtime.Mux{}
	answer := func(pattern, text string) {
		v := jsonvalue.MustParse(text)
		mux[pattern] = runtime.InvokerFunc(func(_ context.Context, _ *runtime.Task) (jsonvalue.Value, error) { return v, nil })
		wf.Task(pattern).Returns(text).Optional()
	}
	for name, text := range answers {
		answer("*:function:"+name, text)
	}
	answer("*:sns:publish", `{}`)
	answer("*:sqs:sendMessage", `{}`)
	text, err := os.ReadFile(definition)
	require.NoError(b, err)
	sm, err := asl.Parse(text)
	require.NoError(b, err)
	program, err := runtime.Compile(sm)
	require.NoError(b, err)
	var own, bare time.Duration
	for b.Loop() {
		start := time.Now()
		wf.Run(`{}`)
		middle := time.Now()
		if _, err := (runtime.Runner{Tasks: mux}).Run(b.Context(), program, jsonvalue.Object()); err != nil {
			b.Fatal(err)
		}
		own, bare = own+middle.Sub(start), bare+time.Since(middle)
	}
	b.ReportMetric(float64(own)/float64(bare), "x-runner")
	b.ReportMetric(float64(own.Nanoseconds())/float64(b.N), "ns/run")
}

// BenchmarkStory times the path of a run of 12,500 visits that fails.
func BenchmarkStory(b *testing.B) {
	said := &recorder{TB: b}
	wf := asltest.New(said, endless)
	run := wf.Run(`{}`)
	for b.Loop() {
		said.told.Reset()
		run.WantSuccess()
	}
}
