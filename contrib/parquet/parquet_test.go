package parquet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	writer "github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/contrib/parquet"
	"github.com/statemill/statemill/jsonvalue"
)

// read returns the rows of a file behind a row, a line each, and the error that ends them.
func read(file []byte, row int64) (lines []string, err error) {
	rows, err := parquet.Formats().Parquet(bytes.NewReader(file), int64(len(file)), row)
	if err != nil {
		return nil, err
	}
	for {
		v, err := rows.Next()
		if err == io.EOF {
			return lines, rows.Close()
		}
		if err != nil {
			return lines, errors.Join(err, rows.Close())
		}
		lines = append(lines, v.String())
	}
}

func write[T any](t testing.TB, rows []T, options ...writer.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := writer.NewGenericWriter[T](&out, options...)
	for len(rows) > 0 { // many rows at once would be a page
		n := min(len(rows), 50)
		_, err := w.Write(rows[:n])
		require.NoError(t, err)
		rows = rows[n:]
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

type everything struct {
	Flag      bool               `parquet:"flag"`
	Int       int32              `parquet:"int"`
	Long      int64              `parquet:"long"`
	Unsigned  uint32             `parquet:"unsigned"`
	Unsigned8 uint64             `parquet:"unsigned8"`
	Float     float32            `parquet:"float"`
	Double    float64            `parquet:"double"`
	Text      string             `parquet:"text"`
	Kind      string             `parquet:"kind,enum"`
	JSON      string             `parquet:"json,json"`
	Bytes     []byte             `parquet:"bytes"`
	UUID      [16]byte           `parquet:"uuid,uuid"`
	Day       int32              `parquet:"day,date"`
	Noon      int32              `parquet:"noon,time(millisecond)"`
	Seen      int64              `parquet:"seen,timestamp(microsecond)"`
	Local     int64              `parquet:"local,timestamp(nanosecond:local)"`
	Price     int64              `parquet:"price,decimal(2:18)"`
	Small     int32              `parquet:"small,decimal(4:9)"`
	Maybe     *string            `parquet:"maybe,optional"`
	Many      []int32            `parquet:"many"`
	List      []*string          `parquet:"list,list,optional"`
	Prices    map[string]float64 `parquet:"prices"`
	Inside    struct {
		A int32  `parquet:"a"`
		B *int32 `parquet:"b,optional"`
	} `parquet:"inside"`
}

// Each type becomes what the documentation says.
func TestTypes(t *testing.T) {
	a := "a"
	noon := time.Date(2026, 1, 2, 3, 4, 5, 600_700_000, time.UTC)
	row := everything{
		Flag: true, Int: -5, Long: math.MinInt64, Unsigned: math.MaxUint32, Unsigned8: math.MaxUint64, Float: 0.1, Double: 1e300,
		Text: "ä\"", Kind: "RED", JSON: `{"a": 1}`, Bytes: []byte{0, 255}, UUID: [16]byte{0x33, 0x18, 0xdd, 0xf7, 15: 0xb1}, Day: 20455, Noon: 11_045_678,
		Seen: noon.UnixMicro(), Local: noon.UnixNano() + 1, Price: -1230, Small: 7, Maybe: &a, Many: []int32{1, 2}, List: []*string{&a, nil},
		Prices: map[string]float64{"x": 2.5},
	}
	row.Inside.A = 1
	file := write(t, []everything{row, {Float: float32(math.NaN()), Double: math.Inf(-1), Seen: -1, List: []*string{}}})
	lines, err := read(file, 0)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.JSONEq(t, `{"flag": true, "int": -5, "long": -9223372036854775808, "unsigned": 4294967295, "unsigned8": 18446744073709551615, "float": 0.1,
		"double": 1E300, "text": "ä\"", "kind": "RED", "json": "{\"a\": 1}", "bytes": "AP8=", "uuid": "3318ddf7-0000-0000-0000-0000000000b1", "day": "2026-01-02",
		"noon": "03:04:05.678", "seen": "2026-01-02T03:04:05.600700Z", "local": "2026-01-02T03:04:05.600700001", "price": -12.30, "small": 0.0007,
		"maybe": "a", "many": [1, 2], "list": ["a", null], "prices": {"x": 2.5}, "inside": {"a": 1, "b": null}}`, lines[0])
	require.Contains(t, lines[0], `"price":-12.3,"small":7.0E-4`)
	require.Contains(t, lines[0], `"long":-9223372036854775808`)
	require.Contains(t, lines[1], `"float":"NaN","double":"-Infinity"`)
	require.Contains(t, lines[1], `"seen":"1969-12-31T23:59:59.999999Z"`)
	require.Contains(t, lines[1], `"many":[],"list":[],"prices":{}`)
}

type order struct {
	ID    int64             `parquet:"id" json:"id"`
	Name  string            `parquet:"name,dict" json:"name"`
	Paid  bool              `parquet:"paid" json:"paid"`
	Price float64           `parquet:"price,split" json:"price"`
	Count int32             `parquet:"count,delta" json:"count"`
	Note  string            `parquet:"note,delta" json:"note"`
	Lines []line            `parquet:"lines" json:"lines"`
	Tags  []string          `parquet:"tags,list" json:"tags"`
	Of    *line             `parquet:"of,optional" json:"of"`
	More  map[string]string `parquet:"more" json:"more"`
}

type line struct {
	SKU   string  `parquet:"sku,delta" json:"sku"`
	Parts []int64 `parquet:"parts" json:"parts"`
}

func orders(n int) []order {
	all := make([]order, n)
	for i := range all {
		o := order{ID: int64(i), Name: fmt.Sprint("name", i%7), Paid: i%3 == 0, Price: float64(i) / 8, Count: int32(i * i), Note: strings.Repeat("x", i%11) + fmt.Sprint(i)}
		o.Lines, o.Tags, o.More = []line{}, []string{}, map[string]string{}
		for j := range i % 4 {
			l := line{SKU: fmt.Sprint("sku-", i, j), Parts: []int64{}}
			for k := range j {
				l.Parts = append(l.Parts, int64(k)-int64(i)<<33)
			}
			o.Lines = append(o.Lines, l)
			o.Tags = append(o.Tags, fmt.Sprint("t", j))
			o.More["key"] = fmt.Sprint(j)
		}
		if i%5 == 0 {
			o.Of = &line{SKU: "of", Parts: []int64{1}}
		}
		all[i] = o
	}
	return all
}

// files are the same orders, written in many ways.
func files(t testing.TB, n int) map[string][]byte {
	all := make(map[string][]byte)
	for codec, option := range map[string]writer.WriterOption{
		"plain": writer.Compression(&writer.Uncompressed), "snappy": writer.Compression(&writer.Snappy), "gzip": writer.Compression(&writer.Gzip), "zstd": writer.Compression(&writer.Zstd),
	} {
		for _, version := range []int{1, 2} {
			all[fmt.Sprint(codec, version)] = write(t, orders(n), option, writer.DataPageVersion(version), writer.PageBufferSize(500), writer.MaxRowsPerRowGroup(int64(n/3+1)))
		}
	}
	return all
}

// Whatever pages, encodings and compression a writer chooses, the rows are the same, from any row on.
func TestWritten(t *testing.T) {
	const n = 400
	want := make([]string, n)
	for i, o := range orders(n) {
		text, err := json.Marshal(o)
		require.NoError(t, err)
		want[i] = jsonvalue.MustParse(string(text)).String()
	}
	for name, file := range files(t, n) {
		t.Run(name, func(t *testing.T) {
			got, err := read(file, 0)
			require.NoError(t, err)
			require.Len(t, got, n)
			for i := range got {
				require.JSONEq(t, want[i], got[i])
			}
			for row := int64(0); row <= n+1; row += 83 {
				rest, err := read(file, row)
				require.NoError(t, err)
				require.Equal(t, got[min(row, n):], append([]string{}, rest...), "from row %d", row)
			}
		})
	}
}

// Decimals that are bytes have a sign.
func TestDecimals(t *testing.T) {
	for _, digits := range []string{"0", "-1", "-128", "255", "123456789012345678901234567890", "-123456789012345678901234567890"} {
		n, _ := new(big.Int).SetString(digits, 10)
		var b [16]byte
		new(big.Int).And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))).FillBytes(b[:])
		schema := writer.NewSchema("row", writer.Group{"n": writer.Decimal(0, 38, writer.FixedLenByteArrayType(16))})
		var out bytes.Buffer
		w := writer.NewWriter(&out, schema)
		_, err := w.WriteRows([]writer.Row{{writer.FixedLenByteArrayValue(b[:]).Level(0, 0, 0)}})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		lines, err := read(out.Bytes(), 0)
		require.NoError(t, err)
		require.Equal(t, []string{`{"n":` + digits + `}`}, lines)
	}
}

// BenchmarkRows reads rows of ten columns, with lists and a map.
func BenchmarkRows(b *testing.B) {
	file := write(b, orders(10_000), writer.Compression(&writer.Snappy))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		lines, err := read(file, 0)
		require.NoError(b, err)
		require.Len(b, lines, 10_000)
	}
}
