package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/internal/scripted"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// writing returns a machine whose Map Run has a ResultWriter, and more of it.
func writing(more, express string) string {
	return `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, ` + more + `,
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "` + express + `"}, "StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}},
		"Z": {"Type": "Succeed"}}}`
}

const (
	writer = `"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}}`
	reader = `"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "Parameters": {"Bucket": "b", "Key": "rows.csv"}}`
	list   = `"ItemsPath": "$.list"`
)

// writtenResults are machines that write results. A task takes as long as its item says, and fails
// if that is negative.
var writtenResults = map[string]struct{ definition, input string }{
	"Records":         {writing(list+`, `+writer, "STANDARD"), `{"list": [3, 1, 2]}`},
	"Express":         {writing(list+`, "ToleratedFailureCount": 1, `+writer, "EXPRESS"), `{"list": [3, -1, 2]}`},
	"Flattened":       {writing(list+`, `+strings.Replace(writer, `"Parameters"`, `"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}, "Parameters"`, 1), "STANDARD"), `{"list": [[1, 2], 5, [3]]}`},
	"Tolerated":       {writing(list+`, "ToleratedFailureCount": 2, "MaxConcurrency": 2, `+writer, "STANDARD"), `{"list": [1, -2, 3, -4, 5]}`},
	"Breached":        {writing(list+`, "MaxConcurrency": 2, "ItemBatcher": {"MaxItemsPerBatch": 2}, "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}, `+writer, "STANDARD"), `{"list": [1, 2, -1, 4, 5, 6, 7, 8, 9]}`},
	"Stopped":         {writing(list+`, `+writer, "STANDARD"), `{"list": [9, -1, 9]}`},
	"ExpressBreached": {writing(list+`, "MaxConcurrency": 2, `+writer, "EXPRESS"), `{"list": [9, -1, 9, 3]}`},
	"Read":            {writing(reader+`, "MaxConcurrency": 3, `+writer, "STANDARD"), `{}`},
	"NoBucket":        {writing(list+`, `+strings.Replace(writer, `"b"`, `"none"`, 1), "STANDARD"), `{"list": [1]}`},
	"NoItems":         {writing(list+`, `+writer, "STANDARD"), `{"list": []}`},
}

// itemAnswer is how the task of an item goes. No two take equally long.
func itemAnswer(input jsonvalue.Value) replay.Answer {
	text := input.String()
	hash := fnv.New32()
	_, _ = hash.Write([]byte(text))
	a := replay.Answer{After: time.Duration(1+hash.Sum32()%4099) * 64 * time.Millisecond, Output: input} // what is closer may be mixed up on a busy machine
	if strings.Contains(text, "-") {
		a.Err = &runtime.TaskError{Name: "Boom", Cause: "no"}
	}
	return a
}

// TestResults writes results on Temporal and by a Runner: the files are the same, to the byte.
func TestResults(t *testing.T) {
	for name, c := range writtenResults {
		t.Run(name, func(t *testing.T) { sameResults(t, c.definition, c.input) })
	}
}

// TestRandomResults does so with random Map states.
func TestRandomResults(t *testing.T) {
	for seed := range generate.Programs(60) {
		random := rand.New(rand.NewPCG(1, uint64(seed)))
		pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
		var items []string
		for i := range random.IntN(14) {
			items = append(items, strconv.Itoa((i+1)*pickOne(random, 1, 1, 1, -1)))
		}
		fields := pick(list, reader) + pick(``, `, "MaxConcurrency": 1`, `, "MaxConcurrency": 3`) + pick(``, `, "ToleratedFailureCount": 2`, `, "ToleratedFailurePercentage": 30`) +
			pick(``, `, "ItemBatcher": {"MaxItemsPerBatch": 2}`) + pick(``, `, "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}`)
		if config := pick(`none`, `"Transformation": "NONE"`, `"Transformation": "FLATTEN"`, `"OutputType": "JSONL"`, `"Transformation": "COMPACT"`); config != `none` {
			fields += `, ` + strings.Replace(writer, `"Parameters"`, `"WriterConfig": {`+config+`}, "Parameters"`, 1)
		}
		definition := strings.Replace(writing(fields, pick("STANDARD", "EXPRESS")), "States.ALL", pick("States.ALL", "Never"), 1)
		t.Run(strconv.FormatInt(int64(seed), 10), func(t *testing.T) { sameResults(t, definition, `{"list": [`+strings.Join(items, ", ")+`]}`) })
	}
}

func pickOne(random *rand.Rand, of ...int) int { return of[random.IntN(len(of))] }

// sameResults runs an execution on Temporal and by a Runner, and compares all that comes of it.
func sameResults(t *testing.T, definition, text string) {
	t.Helper()
	header := interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}}
	bucket := func() *objects.MemoryObjects {
		m := objects.Memory()
		m.Put("b", "rows.csv", "name,n\na,1\nb,2\nc,-3\nd,4\ne,5\nf,6\ng,7\n")
		return m
	}
	program, input := compiled(t, definition), jsonvalue.MustParse(text)
	clock, want := runtime.NewVirtualClock(scripted.Start), bucket()
	var events []history.Event
	runner := runtime.Runner{
		Clock: clock, Objects: want, Identity: header.Identity, Seed: header.Seed,
		Observe: func(e history.Event) {
			if e.Execution == header.Execution {
				events = append(events, e)
			}
		},
		Tasks: runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			a := itemAnswer(task.Input)
			if err := clock.Sleep(ctx, a.After); err != nil {
				return jsonvalue.Value{}, err
			}
			if a.Err != nil {
				return jsonvalue.Value{}, a.Err
			}
			return a.Output, nil
		}),
	}
	out, err := runner.Run(t.Context(), program, input)
	failure := new(runtime.ExecutionError)
	if !errors.As(err, &failure) {
		require.NoError(t, err)
	}

	got := bucket()
	s := &simulated{
		t: t, worker: &Worker{Objects: got}, program: program, input: input, begins: scripted.Start, header: header,
		answer: func(_ string, _ interp.TaskID, input jsonvalue.Value) replay.Answer { return itemAnswer(input) },
	}
	s.worker.siblings = s
	r := s.run()
	require.Equal(t, []string{out.String(), failure.Name, failure.Cause}, []string{r.output.String(), r.name, r.cause}, definition)
	require.Equal(t, printedFiles(t, want), printedFiles(t, got), definition)
	require.Equal(t, scripted.Printed("", out, "", "", events), scripted.Printed("", r.output, "", "", s.events), definition)
}

// printedFiles returns the results in a bucket.
func printedFiles(t *testing.T, o *objects.MemoryObjects) string {
	var out strings.Builder
	found, err := o.List(t.Context(), "b", "out/", "")
	require.NoError(t, err)
	for _, f := range found {
		text, _ := o.Get("b", f.Key)
		fmt.Fprintf(&out, "%s\n%s\n", f.Key, text)
	}
	return out.String()
}

// faultyObjects fail at some call, or end the process there.
type faultyObjects struct {
	objects.Objects
	left int
}

var errFull = errors.New("the disk is full")

func (f *faultyObjects) fails() bool {
	f.left--
	return f.left < 0
}

func (f *faultyObjects) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if f.fails() {
		return nil, errFull
	}
	w, err := f.Objects.Create(ctx, ref)
	return &faultyWriter{w, f}, err
}

type faultyWriter struct {
	objects.Writer
	of *faultyObjects
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if w.of.fails() {
		return 0, errFull
	}
	return w.Writer.Write(p)
}

func (w *faultyWriter) Close() error {
	if w.of.fails() {
		return errors.Join(errFull, w.Abort())
	}
	return w.Writer.Close()
}

// TestWrittenAgain performs the activity that writes results again after it has failed anywhere: what comes of it is the
// same. A failure is that of the Map Run, and no file is left that is not complete.
func TestWrittenAgain(t *testing.T) {
	c, header := writtenResults["Breached"], interp.Header{Identity: scripted.Names, Seed: interp.Seed{7}}
	bucket := objects.Memory()
	bucket.Put("b", "other", "")
	s := &simulated{
		t: t, worker: &Worker{Objects: bucket}, program: compiled(t, c.definition), input: jsonvalue.MustParse(c.input), begins: scripted.Start, header: header,
		answer: func(_ string, _ interp.TaskID, input jsonvalue.Value) replay.Answer { return itemAnswer(input) },
	}
	s.worker.siblings = s
	s.run()
	want := printedFiles(t, bucket)
	last := s.seen.jobs[len(s.seen.jobs)-1].arg.(writeResults)
	require.NotNil(t, last.Pending)
	for left := 0; ; left++ {
		bucket := objects.Memory()
		bucket.Put("b", "other", "")
		perform := func(to objects.Objects) error {
			w := &Worker{Objects: to, siblings: s}
			return performs(t, writeActivity, w.write, last, new(written))
		}
		faulty := &faultyObjects{Objects: bucket, left: left}
		err := perform(faulty)
		if err == nil {
			require.Greater(t, left, 8)
			require.Equal(t, want, printedFiles(t, bucket))
			return
		}
		var app *temporal.ApplicationError
		require.ErrorAs(t, err, &app)
		require.True(t, app.NonRetryable())
		require.Contains(t, app.Message(), errFull.Error())
		for _, file := range strings.Split(printedFiles(t, bucket), "\n") {
			require.True(t, file == "" || strings.HasPrefix(file, "out/") || strings.HasSuffix(file, "]") || strings.HasSuffix(file, "}"), file)
		}
		require.NoError(t, perform(bucket))
		require.Equal(t, want, printedFiles(t, bucket))
	}
}
