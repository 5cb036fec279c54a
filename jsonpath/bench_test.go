package jsonpath

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ohler55/ojg/jp"
	"github.com/ohler55/ojg/oj"

	"github.com/statemill/statemill/jsonvalue"
)

// orders is a document of n orders of three lines each.
func orders(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"id":"order-%d","customer":{"name":"Ada","address":{"city":"London","zip":"N1"}},`+
			`"total":%d.5,"paid":%t,"lines":[{"sku":"A-%d","qty":%d},{"sku":"B","qty":2},{"sku":"C","qty":3,"gift":true}]}`,
			i, i*50%97, i%3 == 0, i, i%7))
	}
	return `{"region":"eu","customer":{"address":{"city":"Paris"}},"orders":[` + strings.Join(list, ",") + `]}`
}

// walk follows names that are only known at run time, as those of a path are.
//
//go:noinline
func walk(v jsonvalue.Value, names []string) (jsonvalue.Value, bool) {
	for _, name := range names {
		var ok bool
		if v, ok = v.Get(name); !ok {
			return v, false
		}
	}
	return v, true
}

// walkConstants has its names in the code, which the compiler compares with
// single instructions.
func walkConstants(v jsonvalue.Value) (jsonvalue.Value, bool) {
	v, ok := v.Get("customer")
	if !ok {
		return v, false
	}
	if v, ok = v.Get("address"); !ok {
		return v, false
	}
	return v.Get("city")
}

// BenchmarkNames compares a definite path with the same walk by hand.
func BenchmarkNames(b *testing.B) {
	doc := jsonvalue.MustParse(orders(10))
	path := MustParse("$.customer.address.city")
	names := []string{"customer", "address", "city"}
	b.Run("path", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := path.Get(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by-hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := walk(doc, names); !ok {
				b.Fatal("nothing")
			}
		}
	})
	b.Run("by-hand-constants", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := walkConstants(doc); !ok {
				b.Fatal("nothing")
			}
		}
	})
}

// byHand are loops that find what paths find, with the result as their only
// allocation: how fast these could be. The room is for what is found on the way.
var byHand = map[string]func(doc jsonvalue.Value, room []jsonvalue.Value) []jsonvalue.Value{
	"wildcard": func(doc jsonvalue.Value, room []jsonvalue.Value) []jsonvalue.Value {
		orders, _ := doc.Get("orders")
		for _, order := range orders.Elements() {
			if id, ok := order.Get("id"); ok {
				room = append(room, id)
			}
		}
		return room
	},
	"wildcards": func(doc jsonvalue.Value, room []jsonvalue.Value) []jsonvalue.Value {
		orders, _ := doc.Get("orders")
		for _, order := range orders.Elements() {
			lines, _ := order.Get("lines")
			for _, line := range lines.Elements() {
				if qty, ok := line.Get("qty"); ok {
					room = append(room, qty)
				}
			}
		}
		return room
	},
	"filter": func(doc jsonvalue.Value, room []jsonvalue.Value) []jsonvalue.Value {
		orders, _ := doc.Get("orders")
		for _, order := range orders.Elements() {
			total, _ := order.Get("total")
			if f, ok := total.AsFloat64(); !ok || f <= 40 {
				continue
			}
			if id, ok := order.Get("id"); ok {
				room = append(room, id)
			}
		}
		return room
	},
}

// BenchmarkGet compares kinds of paths with ojg on the same documents, and some
// with loops by hand: x-ojg and x-by-hand are how many times longer those take.
func BenchmarkGet(b *testing.B) {
	for _, n := range []int{3, 150} {
		doc := jsonvalue.MustParse(orders(n))
		generic := oj.MustParseString(orders(n))
		for _, c := range []struct{ name, path string }{
			{"names", "$.customer.address.city"},
			{"index", "$.orders[2].lines[0].sku"},
			{"wildcard", "$.orders[*].id"},
			{"wildcards", "$.orders[*].lines[*].qty"},
			{"filter", "$.orders[?(@.total > 40)].id"},
			{"filter-text", "$.orders[?(@.id == 'order-2')].total"},
			{"scan", "$..sku"},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				path, expr := MustParse(c.path), jp.MustParseString(c.path)
				room := make([]jsonvalue.Value, 0, 3*n)
				functions := []func(){
					func() { _, _ = path.Get(doc) },
					func() { expr.Get(generic) },
					func() { jsonvalue.Array(byHand[c.name](doc, room)...) },
				}
				if byHand[c.name] == nil {
					functions = functions[:2]
				}
				took := inTurn(b, functions)
				b.ReportMetric(took[0], "ns/get")
				b.ReportMetric(testing.AllocsPerRun(10, functions[0]), "allocs/get")
				b.ReportMetric(took[1]/took[0], "x-ojg")
				if len(took) > 2 {
					b.ReportMetric(took[2]/took[0], "x-by-hand")
				}
			})
		}
	}
}

// inTurn returns how many nanoseconds a call of each function takes. They are
// called in turn, for some milliseconds each: a machine has slow spells, and the
// garbage of one function should not be collected while another is timed.
func inTurn(b *testing.B, functions []func()) []float64 {
	const slice = 5 * time.Millisecond
	calls, took := make([]int, len(functions)), make([]float64, len(functions))
	for i, f := range functions {
		calls[i] = 100 * max(1, int(slice/max(1, spent(100, f))))
	}
	for b.Loop() {
		for i, f := range functions {
			took[i] += float64(spent(calls[i], f).Nanoseconds()) / float64(calls[i])
		}
	}
	for i := range took {
		took[i] /= float64(b.N)
	}
	return took
}

func spent(calls int, f func()) time.Duration {
	start := time.Now()
	for range calls {
		f()
	}
	return time.Since(start)
}

// BenchmarkMissing is a path that fails, message included.
func BenchmarkMissing(b *testing.B) {
	doc := jsonvalue.MustParse(orders(3))
	path := MustParse("$.customer.address.street")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := path.Get(doc); err == nil {
			b.Fatal("found")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"$.customer.address.city", "$.orders[?(@.total > 40)].id"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				MustParse(text)
			}
		})
	}
}
