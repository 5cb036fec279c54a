package jsonata_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// speed are the expressions that are measured, over an invoice.
var speed = []struct{ id, expr string }{
	{"path", "Account.Order.Product.Price"},
	{"predicate", "Account.Order.Product[Price > 30 and Quantity < 4].SKU"},
	{"sum", "$sum(Account.Order.Product.(Price * Quantity))"},
	{"map-lambda", `$map(Account.Order.Product, function($p, $i) { $i & ":" & $p.SKU })`},
	{"sort", "Account.Order.Product^(>Price, Quantity).SKU"},
	{"group-by", "Account.Order.Product{`Product Name`: $sum(Quantity)}"},
	{"concat", "Account.Order.Product.(`Product Name` & \" (\" & SKU & \") x\" & Quantity)"},
	{"formatNumber", `Account.Order.Product.$formatNumber(Price * Quantity, "#,##0.00")`},
	{"match-regex", `Account.Order.Product.$match(SKU, /(\d{3})(\d+)/).groups[1]`},
	{"now", "$now()"},
	{"conditional", `Account.Order.Product.(Price > 50 ? "high" : Price > 30 ? "mid" : "low")`},
	{"transform", `$ ~> |Account.Order.Product|{"Total": Price * Quantity}, ["Description"]|`},
	{"literal", "42"},
	{"single-field", "Account.`Account Name`"},
	{"choice", "Account.Order[0].Product[0].Price > 30 and $exists(Account.Order)"},
}

// BenchmarkExpressions measures one evaluation. With STATEMILL_JSONATA_JS
// naming a folder in which npm has installed jsonata, the same is measured under
// Node, and js/op tells how many times as long that takes.
func BenchmarkExpressions(b *testing.B) {
	text, err := os.ReadFile("testdata/invoice.json")
	require.NoError(b, err)
	env := jsonata.Env{Input: jsonvalue.MustParse(string(text)), Now: time.Unix(1_790_000_000, 0)}
	reference := measureReference(b, text)
	for _, s := range speed {
		expr := jsonata.MustCompile(s.expr)
		b.Run(s.id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := expr.EvalWith(env); err != nil {
					b.Fatal(err)
				}
			}
			if js := reference[s.id]; js > 0 {
				b.ReportMetric(js, "js-ns/op")
				b.ReportMetric(js/(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "js/op")
			}
		})
	}
}

// inState are expressions as they occur in states, over an order of 42 lines.
var inState = []struct{ id, expr string }{
	{"input", "$states.input"},
	{"sum", "$sum($states.input.lines.(qty * price))"},
	{"sum-if", "$sum($states.input.lines[taxed].(qty * price))"},
	{"map", `$map($states.input.lines, function($l) { {"sku": $l.sku, "amount": $round($l.qty * $l.price, 2)} })`},
	{"count", "$count($states.input.lines)"},
	{"join", `$join($states.input.lines.sku, ",")`},
	{"label", `$uppercase($states.input.customer.name) & ", " & $states.input.customer.address.city`},
}

// BenchmarkInState measures one evaluation in the dialect of Step Functions.
func BenchmarkInState(b *testing.B) {
	text, err := os.ReadFile("../runtime/testdata/workloads/jsonata-order.input.json")
	require.NoError(b, err)
	env := jsonata.Env{NoInput: true, Variables: states{input: jsonvalue.MustParse(string(text))}}
	for _, s := range inState {
		expr, err := jsonata.Config{Dialect: jsonata.StepFunctions}.Compile(s.expr)
		require.NoError(b, err)
		b.Run(s.id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := expr.EvalWith(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// measureReference returns the nanoseconds that jsonata-js takes, if it is
// there.
func measureReference(b *testing.B, input []byte) map[string]float64 {
	folder := os.Getenv("STATEMILL_JSONATA_JS")
	if folder == "" {
		b.Log("STATEMILL_JSONATA_JS is not set: no comparison with jsonata-js")
		return nil
	}
	expressions := map[string]string{}
	for _, s := range speed {
		expressions[s.id] = s.expr
	}
	job, err := json.Marshal(map[string]any{"input": json.RawMessage(input), "expressions": expressions})
	require.NoError(b, err)
	node := exec.Command("node", "testdata/speed.mjs", folder)
	node.Stdin, node.Stderr = bytes.NewReader(job), os.Stderr
	out, err := node.Output()
	require.NoError(b, err)
	var reference map[string]float64
	require.NoError(b, json.Unmarshal(out, &reference))
	return reference
}

func BenchmarkCompile(b *testing.B) {
	for _, s := range speed {
		b.Run(s.id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				jsonata.MustCompile(s.expr)
			}
		})
	}
}
