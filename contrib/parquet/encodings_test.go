package parquet_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	writer "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/stretchr/testify/require"
)

// Each encoding of each type gives the values back, with and without nulls.
func TestEncodings(t *testing.T) {
	plain, dictionary := encoding.Encoding(&writer.Plain), encoding.Encoding(&writer.RLEDictionary)
	for name, c := range map[string]struct {
		node      writer.Node
		encodings []encoding.Encoding
		value     func(i int) writer.Value
		json      func(i int) string
	}{
		"BOOLEAN": {
			writer.Leaf(writer.BooleanType), []encoding.Encoding{plain, &writer.RLE},
			func(i int) writer.Value { return writer.BooleanValue(i%3 == 0 || i > 40) }, func(i int) string { return fmt.Sprint(i%3 == 0 || i > 40) },
		},
		"INT32": {
			writer.Leaf(writer.Int32Type), []encoding.Encoding{plain, dictionary, &writer.DeltaBinaryPacked, &writer.ByteStreamSplit},
			func(i int) writer.Value { return writer.Int32Value(int32(i*i*1_000_003 - 5)) }, func(i int) string { return fmt.Sprint(int32(i*i*1_000_003 - 5)) },
		},
		"INT64": {
			writer.Leaf(writer.Int64Type), []encoding.Encoding{plain, dictionary, &writer.DeltaBinaryPacked, &writer.ByteStreamSplit},
			func(i int) writer.Value { return writer.Int64Value(int64(i) * -1 << 61) }, func(i int) string { return fmt.Sprint(int64(i) * -1 << 61) },
		},
		"FLOAT": {
			writer.Leaf(writer.FloatType), []encoding.Encoding{plain, dictionary, &writer.ByteStreamSplit},
			func(i int) writer.Value { return writer.FloatValue(float32(i) + 0.1) }, func(i int) string { return fmt.Sprint(float32(i) + 0.1) },
		},
		"DOUBLE": {
			writer.Leaf(writer.DoubleType), []encoding.Encoding{plain, dictionary, &writer.ByteStreamSplit},
			func(i int) writer.Value { return writer.DoubleValue(float64(i) + 0.1) }, func(i int) string { return fmt.Sprint(float64(i) + 0.1) },
		},
		"BYTE_ARRAY": {
			writer.String(), []encoding.Encoding{plain, dictionary, &writer.DeltaLengthByteArray, &writer.DeltaByteArray},
			func(i int) writer.Value { return writer.ByteArrayValue(fmt.Append(nil, "text", i/7, i)) }, func(i int) string { return fmt.Sprintf("%q", fmt.Sprint("text", i/7, i)) },
		},
		"FIXED_LEN_BYTE_ARRAY": {
			writer.Leaf(writer.FixedLenByteArrayType(3)), []encoding.Encoding{plain, dictionary, &writer.DeltaByteArray, &writer.ByteStreamSplit},
			func(i int) writer.Value { return writer.FixedLenByteArrayValue([]byte{0, 0, byte(i / 4)}) }, func(i int) string { return fmt.Sprintf("%q", "AAA"+string(digits64[i/4])) },
		},
	} {
		for _, e := range c.encodings {
			for _, version := range []int{1, 2} {
				t.Run(fmt.Sprint(name, " ", e, version), func(t *testing.T) {
					schema := writer.NewSchema("row", writer.Group{"all": writer.Encoded(c.node, e), "some": writer.Optional(writer.Encoded(c.node, e))})
					var out bytes.Buffer
					w := writer.NewWriter(&out, schema, writer.DataPageVersion(version), writer.PageBufferSize(100))
					want := []string{}
					for i := range 200 {
						row := writer.Row{c.value(i).Level(0, 0, 0), writer.NullValue().Level(0, 0, 1)}
						some := "null"
						if i%5 != 2 {
							row[1], some = c.value(i).Level(0, 1, 1), c.json(i)
						}
						_, err := w.WriteRows([]writer.Row{row})
						require.NoError(t, err)
						want = append(want, `{"all":`+c.json(i)+`,"some":`+some+`}`)
					}
					require.NoError(t, w.Close())
					lines, err := read(out.Bytes(), 0)
					require.NoError(t, err)
					require.Equal(t, strings.Join(want, "\n"), strings.Join(lines, "\n"))
					lines, err = read(out.Bytes(), 123)
					require.NoError(t, err)
					require.Equal(t, strings.Join(want[123:], "\n"), strings.Join(lines, "\n"))
				})
			}
		}
	}
}

const digits64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
