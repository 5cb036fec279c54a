package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// TestItems reads the files of testdata/items.txt. The setup of a case is an ItemReader; an
// input is objects, as a JSON object of "bucket/key" and text. It prints the items. They are
// the same if each chunk has one item and a reader of its own.
func TestItems(t *testing.T) {
	golden.Run(t, "testdata/items.txt", func(t *testing.T, c *golden.Case) func(string) string {
		m := mapOf(t, c.Setup)
		return func(input string) string {
			from := objects.Memory()
			from.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
			var files []struct{ Key, Text string }
			require.NoError(t, json.Unmarshal([]byte(input), &files))
			for _, f := range files {
				bucket, key, _ := strings.Cut(f.Key, "/")
				from.Put(bucket, key, pack(t, key, f.Text))
			}
			whole := printed(t, m, from, 1000)
			require.Equal(t, whole, printed(t, m, from, 1), "one at a time")
			return whole
		}
	})
}

// formats stand for those of other modules: rows of PARQUET are lines of JSON, read backwards to see
// that each place can be read at any time, and zstd is gzip.
var formats = objects.Formats{
	Parquet: func(file io.ReaderAt, size, row int64) (objects.Rows, error) {
		text := make([]byte, size)
		for i := size - 1; i >= 0; i-- {
			if _, err := file.ReadAt(text[i:i+1], i); err != nil {
				return nil, fmt.Errorf("parquet: %w", err)
			}
		}
		lines := slices.Collect(strings.Lines(string(text)))
		return &fileOfLines{lines[min(int(row), len(lines)):]}, nil
	},
	Zstd: func(from io.Reader) (io.ReadCloser, error) { return gzip.NewReader(from) },
}

type fileOfLines struct{ lines []string }

func (f *fileOfLines) Next() (jsonvalue.Value, error) {
	if len(f.lines) == 0 {
		return jsonvalue.Value{}, io.EOF
	}
	line := f.lines[0]
	f.lines = f.lines[1:]
	return jsonvalue.Parse([]byte(line))
}

func (f *fileOfLines) Close() error { return nil }

func mapOf(t testing.TB, reader string) *asl.Map {
	machine, err := asl.Parse([]byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemReader": ` + reader + `,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`))
	require.NoError(t, err)
	return machine.States[0].(*asl.Map)
}

func pack(t testing.TB, key, text string) string {
	if !packed(key) {
		return text
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func printed(t *testing.T, m *asl.Map, from objects.Objects, most int) string {
	var out strings.Builder
	r := interp.ReadItems{Map: m, Parameters: m.ItemReader.Parameters.Value, Where: "In M. ", Max: most}
	var d *Reader
	for range 1000 {
		var err error
		if d == nil || most == 1 {
			d, err = New(from, formats, &r)
		}
		var c interp.Chunk
		if err == nil {
			c, err = d.Read(t.Context(), &r)
		}
		if err != nil {
			fmt.Fprintln(&out, "error:", err)
			return out.String()
		}
		for _, item := range c.Items {
			fmt.Fprintf(&out, "%s %s", item.Source, item.Value)
			if item.Keyed {
				fmt.Fprintf(&out, " key %q", item.Key)
			}
			fmt.Fprintln(&out)
		}
		if most == 1 || c.Ended {
			require.NoError(t, d.Close())
		}
		if c.Ended {
			return out.String()
		}
		r.Cursor = c.Next
	}
	return "it does not end"
}

// A file that is replaced while it is read is noticed.
func TestChanged(t *testing.T) {
	m := mapOf(t, `{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "b", "Key": "k"}}`)
	from := objects.Memory()
	from.Put("b", "k", "1\n2\n3\n")
	r := interp.ReadItems{Map: m, Parameters: m.ItemReader.Parameters.Value, Max: 1}
	d, err := New(from, formats, &r)
	require.NoError(t, err)
	c, err := d.Read(t.Context(), &r)
	require.NoError(t, err)
	from.Put("b", "k", "other\n")
	r.Cursor = c.Next
	d, err = New(from, formats, &r)
	require.NoError(t, err)
	_, err = d.Read(t.Context(), &r)
	require.EqualError(t, err, "The object s3://b/k was changed while its items were read.")
}

// Whatever a file says, it is read to its end or to an error, the same way in one chunk and
// in many.
func FuzzItems(f *testing.F) {
	f.Add("CSV", "a,b\n1,\"x\ny\"\n")
	f.Add("JSON", `[1, {"a": [2]}]`)
	f.Add("JSON", `{"a": 1, "b": [2]}`)
	f.Add("JSONL", "1\n\n{}\n")
	f.Fuzz(func(t *testing.T, format, text string) {
		config := ""
		switch format {
		case "CSV":
			config = `, "CSVHeaderLocation": "FIRST_ROW"`
		case "JSON", "JSONL":
		default:
			return
		}
		m := mapOf(t, `{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "`+format+`"`+config+`}, "Parameters": {"Bucket": "b", "Key": "k"}}`)
		from := objects.Memory()
		from.Put("b", "k", text)
		whole := printed(t, m, from, 1000)
		if one := printed(t, m, from, 1); len(whole) < 10_000 {
			whole, _, _ = strings.Cut(whole, "error:") // it may quote an offset
			one, _, _ = strings.Cut(one, "error:")
			require.Equal(t, whole, one)
		}
	})
}
