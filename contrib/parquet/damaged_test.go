package parquet_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	writer "github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/contrib/parquet"
)

// withFooter makes a file of a footer.
func withFooter(footer ...byte) []byte {
	file := append([]byte("PAR1"), footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// What is no file of the format, or one that is too large, is refused with the reason.
func TestRefused(t *testing.T) {
	lz4 := write(t, []order{{ID: 1}}, writer.Compression(&writer.Lz4Raw))
	for want, file := range map[string][]byte{
		"parquet: the file is too short to be one":                                                  []byte("PAR1PAR1"),
		`parquet: the file ends with "n,id", and not with "PAR1"`:                                   []byte("a,b,c,n,id,n,id"),
		"parquet: the file is encrypted":                                                            []byte("PARE0000PARE"),
		"parquet: the footer: there is no schema":                                                   withFooter(0),
		"parquet: the footer has 4294967295 bytes: expected at most 16, as the file has":            []byte("PAR1\x00\x00\x00\x00\xff\xff\xff\xffPAR1"),
		"parquet: the footer: unexpected EOF":                                                       withFooter(0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07), // a schema of 2^31 columns
		"parquet: the footer: structures nest more than 32 deep":                                    withFooter(bytes.Repeat([]byte{0x1c}, 100)...),
		`parquet: column "id": compression LZ4_RAW is not supported: expected SNAPPY, GZIP or ZSTD`: lz4,
	} {
		_, err := read(file, 0)
		require.EqualError(t, err, want)
	}
}

// A file whose pages take much more than a row holds no more of them in memory than one for each column.
func TestMemory(t *testing.T) {
	type row struct {
		Text string `parquet:"text"`
		Num  int64  `parquet:"num"`
	}
	rows := make([]row, 60_000)
	for i := range rows {
		rows[i] = row{strings.Repeat("x", 500), int64(i)}
	}
	file := write(t, rows, writer.Compression(&writer.Zstd)) // a row group of 30 MB
	rows = nil
	r, err := parquet.Formats().Parquet(bytes.NewReader(file), int64(len(file)), 0)
	require.NoError(t, err)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := uint64(0)
	for n := 0; ; n++ {
		_, err := r.Next()
		if err == io.EOF {
			require.Equal(t, 60_000, n)
			break
		}
		require.NoError(t, err)
		if n%6_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
	}
	require.Less(t, most, uint64(8<<20))
	require.NoError(t, r.Close())
}

// Whatever is changed in a file, it is read to its end or to an error.
func TestDamaged(t *testing.T) {
	for name, file := range files(t, 4) {
		for i := 0; i < len(file); i += 1 + len(file)/100 {
			for _, x := range []byte{1, 0x80, 0xff} {
				damaged := bytes.Clone(file)
				damaged[i] ^= x
				_, _ = readSome(damaged, 0)
				_, _ = readSome(damaged, 3)
			}
			_, err := read(file[:i], 0)
			require.Error(t, err, "%s cut to %d bytes", name, i)
		}
	}
}

// From any row on, a file has the rows that it has behind that row, however it is damaged.
func FuzzRows(f *testing.F) {
	for _, file := range files(f, 4) {
		f.Add(file, uint8(3))
	}
	f.Add(withFooter(0), uint8(0))
	f.Fuzz(func(t *testing.T, file []byte, row uint8) {
		whole, err := readSome(file, 0)
		rest, restErr := readSome(file, int64(row))
		if err == nil && restErr == nil && len(whole) < most {
			require.Equal(t, whole[min(int(row), len(whole)):], append([]string{}, rest...))
		}
	})
}

// most is how many rows the fuzz test reads: a few bytes can be millions of nulls.
const most = 1000

func readSome(file []byte, row int64) (lines []string, err error) {
	rows, err := parquet.Formats().Parquet(bytes.NewReader(file), int64(len(file)), row)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines = []string{}
	for len(lines) < most {
		v, err := rows.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, v.String())
	}
	return lines, nil
}

// What zstd has compressed is read as a stream; what would take too much memory is not.
func TestZstd(t *testing.T) {
	text := strings.Repeat("some text\n", 100_000)
	pack := func(window int) []byte {
		var out bytes.Buffer
		w, err := zstd.NewWriter(&out, zstd.WithWindowSize(window))
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.Bytes()
	}
	r, err := parquet.Formats().Zstd(bytes.NewReader(pack(1 << 20)))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
	require.NoError(t, r.Close())
	for _, bad := range [][]byte{pack(256 << 20), []byte("no zstd"), pack(1 << 20)[:50]} {
		r, err := parquet.Formats().Zstd(bytes.NewReader(bad))
		if err == nil {
			_, err = io.ReadAll(r)
			require.NoError(t, r.Close())
		}
		require.Error(t, err)
	}
}
