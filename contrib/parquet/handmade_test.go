package parquet_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// Files are made by hand here that no writer makes any more, or makes at all.

// field is a field of a structure of Thrift.
type field struct {
	id   byte
	kind byte
	text []byte
}

func num(id byte, n int64) field { return field{id, 6, binary.AppendVarint(nil, n)} }

func text(id byte, s string) field {
	return field{id, 8, append(binary.AppendUvarint(nil, uint64(len(s))), s...)}
}

func structure(id byte, fields ...field) field { return field{id, 12, thrift(fields...)} }

func list(id byte, elements ...[]byte) field {
	head := append([]byte{0xfc}, binary.AppendUvarint(nil, uint64(len(elements)))...)
	return field{id, 9, append(head, bytes.Join(elements, nil)...)}
}

func thrift(fields ...field) (out []byte) {
	for _, f := range fields {
		out = append(append(out, f.kind), binary.AppendVarint(nil, int64(f.id))...)
		out = append(out, f.text...)
	}
	return append(out, 0)
}

// group, once and optional begin the elements of a schema.
func group(name string, repetition, children int64, more ...field) []byte {
	return thrift(append([]field{num(3, repetition), text(4, name), num(5, children)}, more...)...)
}

func leaf(name string, kind, repetition int64, more ...field) []byte {
	return thrift(append([]field{num(1, kind), num(3, repetition), text(4, name)}, more...)...)
}

// column is a column with one page.
type column struct {
	kind, codec, values int64
	size                int64 // that the page says of itself
	page                []byte
	encoding            int64
}

// handmade is a file with one row group.
func handmade(rows int64, schema [][]byte, columns ...column) []byte {
	file := []byte("PAR1")
	var chunks [][]byte
	for _, c := range columns {
		from := len(file)
		file = append(file, thrift(num(1, 0), num(2, c.size), num(3, int64(len(c.page))), structure(5, num(1, c.values), num(2, c.encoding), num(3, 3), num(4, 3)))...)
		file = append(file, c.page...)
		chunks = append(chunks, thrift(structure(3, num(1, c.kind), num(4, c.codec), num(5, c.values), num(7, int64(len(file)-from)), num(9, int64(from)))))
	}
	footer := thrift(list(2, schema...), list(4, thrift(list(1, chunks...), num(3, rows))))
	file = append(file, footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// levels are runs of levels: a count and a level each.
func levels(runs ...uint64) []byte {
	var out []byte
	for i := 0; i < len(runs); i += 2 {
		out = append(binary.AppendUvarint(out, runs[i]<<1), byte(runs[i+1]))
	}
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), out...)
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func ints(all ...uint32) (out []byte) {
	for _, n := range all {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	return out
}

func page(kind, values int64, parts ...[]byte) column {
	all := joined(parts...)
	return column{kind: kind, values: values, size: int64(len(all)), page: all}
}

const (
	required, optional, repeated = 0, 1, 2

	int32Kind, int96Kind, bytesKind = 1, 3, 6
)

// What older writers wrote.
func TestOldForms(t *testing.T) {
	bytesOf := func(s string) []byte { return append(ints(uint32(len(s))), s...) }
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"INT96": {
			handmade(1, [][]byte{group("m", 0, 1), leaf("t", int96Kind, required)}, page(int96Kind, 1, binary.LittleEndian.AppendUint64(nil, 3_600_000_000_001), ints(2_440_589))),
			[]string{`{"t":"1970-01-02T01:00:00.000000001Z"}`},
		},
		"a list without a level between": {
			handmade(2, [][]byte{group("m", 0, 1), group("l", optional, 1, num(6, 3)), leaf("array", int32Kind, repeated)}, page(int32Kind, 3, levels(1, 0, 1, 1, 1, 0), levels(2, 2, 1, 0), ints(7, 8))),
			[]string{`{"l":[7,8]}`, `{"l":null}`},
		},
		"a list of groups without a level between": {
			handmade(1, [][]byte{group("m", 0, 1), group("l", required, 1, num(6, 3)), group("array", repeated, 1), leaf("n", int32Kind, required)}, page(int32Kind, 2, levels(1, 0, 1, 1), levels(2, 1), ints(7, 8))),
			[]string{`{"l":[{"n":7},{"n":8}]}`},
		},
		"a map whose keys are numbers, one of them twice": {
			handmade(1, [][]byte{group("m", 0, 1), group("p", required, 1, num(6, 2)), group("map", repeated, 2), leaf("key", int32Kind, required), leaf("value", bytesKind, optional, num(6, 0))},
				page(int32Kind, 3, levels(1, 0, 2, 1), levels(3, 1), ints(1, 2, 1)), page(bytesKind, 3, levels(1, 0, 2, 1), levels(1, 2, 1, 1, 1, 2), bytesOf("a"), bytesOf("c"))),
			[]string{`{"p":{"1":"c","2":null}}`},
		},
		"a text that is none": {
			handmade(1, [][]byte{group("m", 0, 1), leaf("t", bytesKind, required, num(6, 0))}, page(bytesKind, 1, bytesOf("a\xff"))),
			[]string{`{"t":"a` + "\uFFFD" + `"}`},
		},
		"a meaning that does not fit": {
			handmade(1, [][]byte{group("m", 0, 1), leaf("t", int32Kind, required, num(6, 0))}, page(int32Kind, 1, ints(5))),
			[]string{`{"t":5}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(c.file, 0)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// Files that contradict themselves, and those that a few bytes make large, are refused with the reason, and take no more
// memory than is said.
func TestContradictions(t *testing.T) {
	one := [][]byte{group("m", 0, 1), leaf("n", int32Kind, optional)}
	lists := [][]byte{group("m", 0, 1), leaf("n", int32Kind, repeated)}
	two := [][]byte{group("m", 0, 2), leaf("a", int32Kind, required), leaf("b", int32Kind, required)}
	bombs := map[int64][]byte{1: snappy.Encode(nil, make([]byte, 8<<20)), 2: gzipped(t, make([]byte, 8<<20)), 6: zstandard(t, make([]byte, 8<<20))}
	cases := map[string]struct {
		file []byte
		want string
	}{
		"a page that would be large":      {handmade(1, one, column{kind: int32Kind, codec: 6, values: 1, size: 1 << 30, page: []byte{1}}), "the pages that are read at a time take more than 268435456 bytes"},
		"a row of nulls without end":      {handmade(1, lists, page(int32Kind, 1<<31-1, levels(1, 0, 1<<31-2, 1), levels(1<<31-1, 1), ints(1))), "it ends early"},
		"a large row":                     {handmade(1, append([][]byte{group("m", 0, 1), group("l", required, 1, num(6, 3)), group("list", repeated, 1)}, leaf("n", int32Kind, optional)), page(int32Kind, 1<<31-1, levels(1, 0, 1<<31-2, 1), levels(1<<31-1, 1))), "a row has more than 8388608 bytes"},
		"columns of several lengths":      {handmade(2, two, page(int32Kind, 2, ints(1, 2)), page(int32Kind, 1, ints(1))), "the values do not make up the rows of the row group"},
		"more rows than values":           {handmade(9, one, page(int32Kind, 1, levels(1, 1), ints(1))), "the values do not make up the rows of the row group"},
		"fewer values than are said":      {handmade(2, one, page(int32Kind, 2, levels(2, 1), ints(1))), "it ends early"},
		"a number of no dictionary":       {handmade(1, one, column{kind: int32Kind, values: 1, size: 9, page: joined(levels(1, 1), []byte{1, 2, 1}), encoding: 8}), "a value is not in the dictionary"},
		"an encoding that does not fit":   {handmade(1, one, column{kind: int32Kind, values: 1, size: 6, page: levels(1, 1), encoding: 6}), "encoding 6 is not supported for its type"},
		"a group of nothing":              {handmade(1, [][]byte{group("m", 0, 1), group("g", required, 0)}), `parquet: the footer: group "g" has no columns`},
		"a schema that ends early":        {handmade(1, [][]byte{group("m", 0, 3), leaf("n", int32Kind, required)}), "parquet: the footer: the schema: it ends early"},
		"a schema of too many":            {handmade(1, [][]byte{group("m", 0, 1), leaf("n", int32Kind, required), leaf("n", int32Kind, required)}), "parquet: the footer: the schema has 1 elements that belong to nothing"},
		"another type than in the schema": {handmade(1, one, page(bytesKind, 1)), `parquet: the footer: column "n" of a row group has another type than in the schema`},
	}
	for codec, bomb := range bombs {
		cases[[]string{1: "snappy", 2: "gzip", 6: "zstd"}[codec]+" that becomes more than it says"] = struct {
			file []byte
			want string
		}{handmade(1, one, column{kind: int32Kind, codec: codec, values: 1, size: 10, page: bomb}), "a page has another size than its header says"}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := read(c.file, 0)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(512<<20))
		})
	}
}

func gzipped(t *testing.T, text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func zstandard(t *testing.T, text []byte) []byte {
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	defer w.Close()
	return w.EncodeAll(text, nil)
}
