package jsonvalue

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// documents of three sizes: one small record, a list of plain records, a list
// of deep ones.
func documents() []struct {
	name string
	text []byte
} {
	return []struct {
		name string
		text []byte
	}{
		{"79B", []byte(`{"orderId":"ord-0001","amount":129.95,"items":3,"express":false,"note":"none"}`)},
		{"41kB", records(1000, `{"id":%d,"qty":3,"price":19.25,"ok":true}`)},
		{"100kB", records(390, `{"id":"order-%06d","customer":{"name":"Ada Lovelace","email":"ada@example.org","tags":["new","vip"]},`+
			`"lines":[{"sku":"A-100","qty":2,"price":19.5},{"sku":"B-7","qty":1,"price":3.25}],"total":42.25,"paid":true,"note":null,"text":"a \"quoted\" word\n"}`)},
	}
}

func records(n int, format string) []byte {
	var b strings.Builder
	for i := range n {
		b.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
		fmt.Fprintf(&b, format, i)
	}
	return []byte(b.String() + "]")
}

// The ratios are those of encoding/json into any, measured in the same run.
func BenchmarkParse(b *testing.B) {
	for _, doc := range documents() {
		b.Run(doc.name, func(b *testing.B) {
			beside(b, len(doc.text), func() {
				var v any
				_ = json.Unmarshal(doc.text, &v)
			}, func() {
				_, _ = Parse(doc.text)
			})
		})
	}
}

func BenchmarkMarshalJSON(b *testing.B) {
	for _, doc := range documents() {
		v := MustParse(string(doc.text))
		var same any
		if err := json.Unmarshal(doc.text, &same); err != nil {
			b.Fatal(err)
		}
		b.Run(doc.name, func(b *testing.B) {
			beside(b, len(doc.text), func() {
				_, _ = json.Marshal(same)
			}, func() {
				_, _ = v.MarshalJSON()
			})
		})
	}
}

// beside times ours with the benchmark and a baseline in turn with it, several
// calls at a time so that looking at the clock does not count, and reports how
// many times faster ours is. ns/op is both of them together.
func beside(b *testing.B, size int, baseline, ours func()) {
	rounds := max(1, 20000/size)
	var base, own time.Duration
	for b.Loop() {
		own += spent(rounds, ours)
		base += spent(rounds, baseline)
	}
	b.ReportMetric(float64(own.Nanoseconds())/float64(b.N*rounds), "ns/doc")
	b.ReportMetric(testing.AllocsPerRun(10, ours), "allocs/doc")
	b.ReportMetric(float64(base)/float64(own), "x-faster")
}

func spent(rounds int, f func()) time.Duration {
	start := time.Now()
	for range rounds {
		f()
	}
	return time.Since(start)
}
