package runtime_test

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// lineFormats stand for those of other modules: PARQUET is lines of JSON, and zstd is gzip.
var lineFormats = objects.Formats{
	Parquet: func(file io.ReaderAt, size, row int64) (objects.Rows, error) {
		rows := lineRows{bufio.NewScanner(io.NewSectionReader(file, 0, size))}
		for range row {
			rows.Scan()
		}
		return rows, nil
	},
	Zstd: func(from io.Reader) (io.ReadCloser, error) { return gzip.NewReader(from) },
}

type lineRows struct{ *bufio.Scanner }

func (r lineRows) Next() (jsonvalue.Value, error) {
	if !r.Scan() {
		return jsonvalue.Value{}, io.EOF
	}
	if r.Text() == "bad" {
		return jsonvalue.Value{}, errors.New("row 2 cannot be read")
	}
	return jsonvalue.Parse(r.Bytes())
}

func (r lineRows) Close() error { return nil }

const mapsParquet = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}, "Parameters": {"Bucket": "b", "Key": "k.zst"}}, "ItemProcessor": {
	"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "X", "States": {"X": {"Type": "Pass", "End": true}}}}}}`

// Runner and Engine read what Formats read, and refuse what nobody reads before the first state.
func TestFormats(t *testing.T) {
	packed := new(strings.Builder)
	w := gzip.NewWriter(packed)
	_, _ = w.Write([]byte(`{"n":1}` + "\n" + `{"n":2}` + "\n"))
	require.NoError(t, w.Close())
	for _, c := range []struct{ format, object, refused string }{
		{"PARQUET", "{\"n\":1}\n{\"n\":2}\n", "PARQUET cannot be read, because Formats has no Parquet: package github.com/statemill/statemill/contrib/parquet reads it"},
		{"JSONL", packed.String(), "k.zst is compressed by zstd and cannot be read, because Formats has no Zstd: package github.com/statemill/statemill/contrib/parquet reads it"},
	} {
		from := objects.Memory()
		from.Put("b", "k.zst", c.object)
		program := compile(t, strings.Replace(mapsParquet, "PARQUET", c.format, 1))
		for driver, run := range drivers(t, from) {
			t.Run(c.format+" "+driver, func(t *testing.T) {
				_, err := run(program, objects.Formats{})
				require.ErrorIs(t, err, runtime.ErrRefused)
				require.ErrorContains(t, err, c.refused)
				out, err := run(program, lineFormats)
				require.NoError(t, err)
				require.Equal(t, `[{"n":1},{"n":2}]`, out.String())
			})
		}
	}
}

// What a format says against a file is the cause of the failure.
func TestFormatsFail(t *testing.T) {
	from := objects.Memory()
	from.Put("b", "k.zst", "{\"n\":1}\nbad\n")
	for driver, run := range drivers(t, from) {
		t.Run(driver, func(t *testing.T) {
			_, err := run(compile(t, mapsParquet), lineFormats)
			var failed *runtime.ExecutionError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, []string{"States.ItemReaderFailed", "row 2 cannot be read"}, []string{failed.Name, failed.Cause})
		})
	}
}

// drivers are a Runner and an Engine, each with some formats.
func drivers(t *testing.T, from objects.Objects) map[string]func(*runtime.Program, objects.Formats) (jsonvalue.Value, error) {
	return map[string]func(*runtime.Program, objects.Formats) (jsonvalue.Value, error){
		"Runner": func(p *runtime.Program, f objects.Formats) (jsonvalue.Value, error) {
			return runtime.Runner{Objects: from, Formats: f}.Run(t.Context(), p, jsonvalue.Object())
		},
		"Engine": func(p *runtime.Program, f objects.Formats) (jsonvalue.Value, error) {
			e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Objects: from, Formats: f})
			require.NoError(t, err)
			defer e.Close(t.Context())
			record, err := e.Start(t.Context(), p, runtime.Identity{}, jsonvalue.Object(), nil)
			if err != nil {
				return jsonvalue.Value{}, err
			}
			return e.Wait(t.Context(), record.Execution)
		},
	}
}
