package runtime_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// TestMappedObjects runs the cases of testdata/mapped_objects.txt in virtual time: a definition
// and objects, one a line, and inputs. It prints what TestDistributed does, and the files that
// are written. No object stays open.
func TestMappedObjects(t *testing.T) {
	golden.Run(t, "testdata/mapped_objects.txt", func(t *testing.T, c *golden.Case) func(string) string {
		definition, files, _ := strings.Cut(c.Setup, "\nobject ")
		program := compile(t, definition)
		return func(input string) string {
			first := mapped(t, program, files, input)
			require.Equal(t, first, mapped(t, program, files, input), "two runs are alike")
			return first
		}
	})
}

func mapped(t *testing.T, program *runtime.Program, files, input string) string {
	return withFiles(t, files, func(data objects.Objects) string { return distributed(t, program, input, data) })
}

// withFiles returns what a run prints that has some files, and the files that it writes.
func withFiles(t *testing.T, files string, run func(objects.Objects) string) string {
	memory := objects.Memory()
	memory.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	there := make(map[string]bool)
	for line := range strings.SplitSeq(files, "\nobject ") {
		place, text, _ := strings.Cut(line, " ")
		bucket, key, _ := strings.Cut(place, "/")
		if text == "" {
			text = `""`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &text))
		memory.Put(bucket, key, packed(t, key, text))
		there[place] = true
	}
	data := &counted{Objects: memory}
	out := run(data)
	require.Zero(t, data.open.Load(), "objects that are open")
	for _, bucket := range []string{"data", "out"} {
		found, err := memory.List(t.Context(), bucket, "", "")
		if !errors.Is(err, fs.ErrNotExist) {
			require.NoError(t, err)
		}
		for _, o := range found {
			if place := bucket + "/" + o.Key; !there[place] {
				text, _ := memory.Get(bucket, o.Key)
				out += fmt.Sprintf("%s %d\n%s\n", place, o.Size, strings.TrimSuffix(text, "\n"))
			}
		}
	}
	return out
}

func packed(t testing.TB, key, text string) string {
	if !strings.HasSuffix(key, ".gz") {
		return text
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, errors.Join(err, w.Close()))
	return b.String()
}

// counted are objects that count what is open.
type counted struct {
	objects.Objects
	open atomic.Int64
}

func (c *counted) Open(ctx context.Context, ref objects.Ref, offset int64) (io.ReadCloser, objects.Info, error) {
	r, info, err := c.Objects.Open(ctx, ref, offset)
	if err != nil {
		return nil, info, err
	}
	c.open.Add(1)
	return &countedReader{r, c}, info, nil
}

type countedReader struct {
	io.ReadCloser
	of *counted
}

func (r *countedReader) Close() error {
	r.of.open.Add(-1)
	return r.ReadCloser.Close()
}

func (c *counted) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	w, err := c.Objects.Create(ctx, ref)
	if err != nil {
		return nil, err
	}
	c.open.Add(1)
	return &countedWriter{Writer: w, of: c}, nil
}

type countedWriter struct {
	objects.Writer
	of    *counted
	ended bool
}

func (w *countedWriter) Close() error { return w.end(w.Writer.Close) }
func (w *countedWriter) Abort() error { return w.end(w.Writer.Abort) }

func (w *countedWriter) end(how func() error) error {
	if !w.ended {
		w.of.open.Add(-1)
	}
	w.ended = true
	return how()
}

const mapsLines = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "data", "Key": "in.jsonl"}},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "p"}}}}}`

// lines returns objects with a file of JSONL, and a bucket for results.
func lines(n int) *objects.MemoryObjects {
	memory := objects.Memory()
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i)
	}
	memory.Put("data", "in.jsonl", b.String())
	memory.Put("out", "other", "")
	return memory
}

// An execution that ends early closes what it reads, and leaves no file that is not complete.
func TestMappedObjectsCancelled(t *testing.T) {
	program := compile(t, mapsLines)
	ctx, cancel := context.WithCancel(t.Context())
	memory := lines(100_000)
	data := &counted{Objects: memory}
	var done atomic.Int64
	r := runtime.Runner{Objects: data, Limits: runtime.Limits{Children: 10}, Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if done.Add(1) == 500 {
			cancel()
		}
		return task.Input, nil
	})}
	_, err := r.Run(ctx, program, jsonvalue.MustParse("{}"))
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, data.open.Load())
	found, err := memory.List(t.Context(), "out", "p/", "")
	require.NoError(t, err)
	require.Len(t, found, 1, "the manifest of the test")
}

// Objects that panic fail the state, and not the process.
func TestObjectsPanic(t *testing.T) {
	_, err := runtime.Runner{Objects: panics{lines(1)}, Tasks: invoke(nil)}.Run(t.Context(), compile(t, mapsLines), jsonvalue.MustParse("{}"))
	require.ErrorContains(t, err, "States.ItemReaderFailed")
	require.ErrorContains(t, err, "no objects today")
}

type panics struct{ objects.Objects }

func (panics) Open(context.Context, objects.Ref, int64) (io.ReadCloser, objects.Info, error) {
	panic("no objects today")
}

// Items and results are in folders. A folder that is not there cannot be written.
func TestMappedFolder(t *testing.T) {
	root := t.TempDir()
	for _, bucket := range []string{"data", "out"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, bucket), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(root, "data", "in.jsonl"), []byte("1\n2\n3\n"), 0o600))
	r := runtime.Runner{Objects: objects.Dir(root), Tasks: invoke(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })}
	out, err := r.Run(t.Context(), compile(t, mapsLines), jsonvalue.MustParse("{}"))
	require.NoError(t, err)
	details, _ := out.Get("ResultWriterDetails")
	key, _ := details.Get("Key")
	name, _ := key.AsString()
	text, err := os.ReadFile(filepath.Join(root, "out", filepath.FromSlash(name)))
	require.NoError(t, err)
	require.Contains(t, string(text), `"SUCCEEDED":[{"Key":"p/`)

	require.NoError(t, os.Remove(filepath.Join(root, "out", filepath.FromSlash(name))))
	require.NoError(t, os.RemoveAll(filepath.Join(root, "out")))
	_, err = r.Run(t.Context(), compile(t, mapsLines), jsonvalue.MustParse("{}"))
	require.ErrorContains(t, err, "Failed to write a test manifest into the specified output bucket. The specified bucket does not exist.")
}

// The results of many small children are as large as their commas make them.
func TestManySmallResults(t *testing.T) {
	program := compile(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ResultPath": null,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "data", "Key": "in.jsonl"}},
		"ItemSelector": 1, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`)
	_, err := runtime.Runner{Objects: lines(3000), Limits: runtime.Limits{Payload: 5000}}.Run(t.Context(), program, jsonvalue.MustParse("{}"))
	require.ErrorContains(t, err, "States.DataLimitExceeded")
}

// Batches that are larger than what is read at a time are full, but for the last.
func TestMappedBatches(t *testing.T) {
	program := compile(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 3, "ItemBatcher": {"MaxItemsPerBatch": 700},
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "data", "Key": "in.jsonl"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength($.Items)"}, "OutputPath": "$.n", "End": true}}}}}}`)
	out, err := runtime.Runner{Objects: lines(5000)}.Run(t.Context(), program, jsonvalue.MustParse("{}"))
	require.NoError(t, err)
	require.Equal(t, "[700,700,700,700,700,700,700,100]", out.String())
}

// BenchmarkMappedObjects maps over the lines of a file in a folder and writes the results into
// another, with children of one Pass state, in turn with executions of that state alone: x-alone is how
// many times longer an item takes. heap-MB is the most that the heap had when the file of results grew.
func BenchmarkMappedObjects(b *testing.B) {
	alone := compile(b, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`)
	program := compile(b, strings.NewReplacer(`"STANDARD"`, `"EXPRESS"`, `"Type": "Task", "Resource": "t"`, `"Type": "Pass"`).Replace(mapsLines))
	const items = 100_000
	root := b.TempDir()
	for _, bucket := range []string{"data", "out"} {
		require.NoError(b, os.Mkdir(filepath.Join(root, bucket), 0o700))
	}
	text, _ := lines(items).Get("data", "in.jsonl")
	require.NoError(b, os.WriteFile(filepath.Join(root, "data", "in.jsonl"), []byte(text), 0o600))
	measured := &measured{Objects: objects.Dir(root)}
	r, in := runtime.Runner{Objects: measured}, jsonvalue.MustParse("{}")
	var together, each time.Duration
	for b.Loop() {
		together += timed(1, func() {
			if _, err := r.Run(b.Context(), program, in); err != nil {
				b.Fatal(err)
			}
		})
		each += timed(items, func() {
			if _, err := r.Run(b.Context(), alone, in); err != nil {
				b.Fatal(err)
			}
		})
		require.NoError(b, os.RemoveAll(filepath.Join(root, "out", "p")))
	}
	b.ReportMetric(float64(together.Nanoseconds())/float64(b.N*items), "ns/item")
	b.ReportMetric(float64(together)/float64(each), "x-alone")
	b.ReportMetric(float64(measured.most.Load())/(1<<20), "heap-MB")
}

// measured are objects that look at the heap whenever something is written.
type measured struct {
	objects.Objects
	most atomic.Uint64
}

func (m *measured) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	w, err := m.Objects.Create(ctx, ref)
	return &measuredWriter{w, m}, err
}

type measuredWriter struct {
	objects.Writer
	of *measured
}

func (w *measuredWriter) Write(p []byte) (int, error) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	w.of.most.Store(max(w.of.most.Load(), sample[0].Value.Uint64()))
	return w.Writer.Write(p)
}
