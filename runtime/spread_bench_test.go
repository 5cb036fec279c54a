package runtime_test

import (
	"context"
	"fmt"
	stdruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// spreads are Map states over a thousand items with real data flow.
var spreads = []struct {
	name, definition string
	item             func(i int) string
}{
	{"records-jsonpath", shapeRecords, record},
	{"orders-jsonata", totalOrders, order},
	{"loans-jsonata", repayLoans, loan},
}

// eachSpread runs a benchmark of each of them.
func eachSpread(b *testing.B, measure func(b *testing.B, run func())) {
	for _, c := range spreads {
		b.Run(c.name, func(b *testing.B) {
			program := mustCompile(c.definition)
			items := make([]jsonvalue.Value, 1000)
			for i := range items {
				items[i] = jsonvalue.MustParse(c.item(i))
			}
			input := jsonvalue.Array(items...)
			measure(b, func() {
				if _, err := runtime.Run(context.Background(), program, input, nil); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkSpread runs a Map state in turn on one processor and on two; x-two-cores is how many times faster the
// second is. It sets GOMAXPROCS itself: of what -cpu lists, testing leaves out
// the first for a benchmark with a Loop.
func BenchmarkSpread(b *testing.B) { eachSpread(b, onTwoCores) }

// BenchmarkCores runs the same on as many processors as its name says: for a profile.
func BenchmarkCores(b *testing.B) {
	eachSpread(b, func(b *testing.B, run func()) {
		for cores := 1; cores <= 2; cores++ {
			b.Run(fmt.Sprint(cores), func(b *testing.B) {
				defer stdruntime.GOMAXPROCS(stdruntime.GOMAXPROCS(cores))
				for b.Loop() {
					run()
				}
			})
		}
	})
}

// onTwoCores times f in turn with one processor and with two.
func onTwoCores(b *testing.B, f func()) {
	defer stdruntime.GOMAXPROCS(stdruntime.GOMAXPROCS(0))
	var took [2]time.Duration
	for b.Loop() {
		for i := range took {
			stdruntime.GOMAXPROCS(i + 1)
			took[i] += timed(5, f)
		}
	}
	for i, d := range took {
		b.ReportMetric(float64(d.Microseconds())/float64(5*b.N), fmt.Sprintf("us/run-%d", i+1))
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "x-two-cores")
}

// shapeRecords takes each record apart with intrinsic functions.
const shapeRecords = `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemsPath": "$",
	"ItemSelector": {"item.$": "$$.Map.Item.Value", "text.$": "States.JsonToString($$.Map.Item.Value)"},
	"ItemProcessor": {"StartAt": "Shape", "States": {
		"Shape": {"Type": "Pass", "Parameters": {
			"hash.$": "States.Hash($.text, 'SHA-256')",
			"parts.$": "States.StringSplit($.text, ',')",
			"again.$": "States.StringToJson($.text)",
			"line.$": "States.Format('{} of {}', $.item.sku, $.item.name)"}, "Next": "Keep"},
		"Keep": {"Type": "Pass", "Parameters": {"hash.$": "$.hash", "n.$": "States.ArrayLength($.parts)", "sku.$": "$.again.sku"}, "End": true}}}}}}`

func record(i int) string {
	return fmt.Sprintf(`{"sku": "A-%04d", "name": "Product number %d", "qty": %d, "price": 19.25,
		"tags": ["new", "vip", "blue"], "dims": {"w": 1, "h": 2, "d": 3}}`, i, i, i%7)
}

// totalOrders adds up each order and sums it up.
const totalOrders = `{"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "Total", "States": {
		"Total": {"Type": "Pass", "Assign": {
			"subtotal": "{% $sum($states.input.lines.(qty * price)) %}",
			"taxable": "{% $sum($states.input.lines[taxed].(qty * price)) %}"}, "Next": "Summary"},
		"Summary": {"Type": "Pass", "Output": {
			"id": "{% $states.input.id %}",
			"total": "{% $round($subtotal + 0.2 * $taxable, 2) %}",
			"skus": "{% $join($distinct($states.input.lines.sku), ',') %}",
			"hash": "{% $hash($string($states.input), 'SHA-256') %}"}, "End": true}}}}}}`

func order(i int) string {
	var lines []string
	for j := range 10 {
		lines = append(lines, fmt.Sprintf(`{"sku": "A-%02d", "name": "Product number %d", "qty": %d, "price": %d.25, "taxed": %t}`,
			(i+j)%50, j, j%7, i%90, j%3 == 0))
	}
	return fmt.Sprintf(`{"id": %d, "lines": [%s]}`, i, strings.Join(lines, ","))
}

// repayLoans finds what each loan costs: much to compute, little to allocate.
const repayLoans = `{"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "Rate", "States": {
		"Rate": {"Type": "Pass", "Assign": {
			"rate": "{% $states.input.percent / 1200 %}",
			"months": "{% $states.input.years * 12 %}"}, "Next": "Repay"},
		"Repay": {"Type": "Pass", "Output": {
			"id": "{% $states.input.id %}",
			"left": "{% $round($reduce([1..$months], function($left, $month) { $left + $left * $rate - $states.input.monthly }, $states.input.amount), 2) %}"},
			"End": true}}}}}}`

func loan(i int) string {
	return fmt.Sprintf(`{"id": "loan-%d", "amount": %d, "percent": %d.5, "years": 10, "monthly": %d}`, i, 10000+i, 1+i%5, 90+i%20)
}
