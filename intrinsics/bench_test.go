package intrinsics

import (
	"math/rand/v2"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

func BenchmarkEval(b *testing.B) {
	env := Env{
		Input:  jsonvalue.MustParse(`{"id": "A-17", "count": 41, "list": [3, 1, 2, 3], "a": {"x": 1, "y": 2}, "b": {"y": 3}, "text": "{\"k\": [1, 2]}"}`),
		Random: rand.NewPCG(1, 2),
	}
	for _, text := range []string{
		"States.Format('Order {} is number {}', $.id, States.MathAdd($.count, 1))",
		"States.MathAdd($.count, 1)",
		"States.ArrayContains($.list, 2)",
		"States.ArrayUnique($.list)",
		"States.JsonMerge($.a, $.b, false)",
		"States.StringToJson($.text)",
		"States.StringSplit($.id, '-')",
		"States.Hash($.id, 'SHA-256')",
		"States.UUID()",
	} {
		b.Run(text, func(b *testing.B) {
			call := mustParse(b, text)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := call.EvalWith(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		mustParse(b, "States.Format('Order {} is number {}', $.id, States.MathAdd($.count, 1))")
	}
}
