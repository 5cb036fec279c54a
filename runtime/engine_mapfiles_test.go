package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// TestEngineMappedObjects runs the cases of testdata/mapped_objects.txt in an Engine: the outcome, the
// history and the files are those of a Runner, to the byte.
func TestEngineMappedObjects(t *testing.T) {
	golden.Run(t, "testdata/mapped_objects.txt", func(t *testing.T, c *golden.Case) func(string) string {
		definition, files, _ := strings.Cut(c.Setup, "\nobject ")
		program := compile(t, definition)
		return func(input string) string {
			require.Equal(t, filesOfRunner(t, program, files, input), filesOfEngine(t, program, files, input))
			return mapped(t, program, files, input)
		}
	})
}

func filesOfRunner(t *testing.T, program *runtime.Program, files, input string) (all string) {
	synctest.Test(t, func(t *testing.T) {
		all = withFiles(t, files, func(data objects.Objects) string {
			var events []history.Event
			r := runtime.Runner{Tasks: seconds, Seed: runtime.Seed{1}, Identity: who, Objects: data, Observe: func(e history.Event) {
				if e.Execution == who.Execution {
					events = append(events, e)
				}
			}}
			out, err := r.Run(t.Context(), program, jsonvalue.MustParse(input))
			return outcomeText(out, err) + "\n" + strings.Join(typesOf(events), "\n") + "\n"
		})
	})
	return all
}

func filesOfEngine(t *testing.T, program *runtime.Program, files, input string) (all string) {
	synctest.Test(t, func(t *testing.T) {
		all = withFiles(t, files, func(data objects.Objects) string {
			e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Tasks: seconds, Seed: runtime.Seed{1}, Objects: data})
			require.NoError(t, err)
			_, err = e.Start(t.Context(), program, who, jsonvalue.MustParse(input), nil)
			require.NoError(t, err)
			out, err := e.Wait(t.Context(), who.Execution)
			events := typesOf(historyOf(t, e, who.Execution))
			require.NoError(t, e.Close(context.Background()))
			return outcomeText(out, err) + "\n" + strings.Join(events, "\n") + "\n"
		})
	})
	return all
}

// twoWritten writes the results of items, two at a time.
const twoWritten = `{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "KIND"}, "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}, "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"}}}}}`

// TestEngineResultsSurvive lets the process die after commit n, for every n, and its n-th commit fail,
// while an execution fails, is redriven, and fails and is redriven again: the files are the same.
func TestEngineResultsSurvive(t *testing.T) {
	for kind, succeeded := range map[string]string{"STANDARD": "[5] [10] [60,30,40,50]", "EXPRESS": "[5,60] [10,40] [30,50]"} {
		whole := &faulty.Store{}
		want := filesAfter(t, kind, whole)
		texts := regexp.MustCompile(`SUCCEEDED_0.json\n(.*)`).FindAllStringSubmatch(want, -1)
		require.Equal(t, succeeded, texts[2][1]+" "+texts[0][1]+" "+texts[1][1], kind)
		for n := 1; n <= whole.Commits(); n++ {
			for _, s := range []*faulty.Store{{Last: n}, {Faults: map[int]faulty.Fault{n: faulty.Before}}, {Faults: map[int]faulty.Fault{n: faulty.After}}} {
				require.Equal(t, want, filesAfter(t, kind, s), "%s: commit %d", kind, n)
			}
		}
		t.Logf("%s: %d commits: each was the last one, and failed", kind, whole.Commits())
	}
}

var dates = regexp.MustCompile(`[0-9]{4}-[0-9:.T-]+Z`)

// filesAfter returns the files of an execution that fails at its items 10 and 30, in this order, and is redriven
// when it has failed.
func filesAfter(t *testing.T, kind string, s *faulty.Store) string {
	t.Helper()
	program := compile(t, strings.Replace(twoWritten, "KIND", kind, 1))
	data := objects.Memory()
	data.Put("b", "k", "[5, 10, 60, 30, 40, 50]")
	synctest.Test(t, func(t *testing.T) {
		memory := store.Memory()
		s.Store = memory
		for redrives := 0; redrives < 3; redrives++ {
			config := runtime.EngineConfig{Objects: data, Name: "process", Seed: runtime.Seed{1}, Tasks: invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
				n, _ := task.Input.AsInt64()
				out, err := seconds.InvokeTask(ctx, task)
				if err == nil && (n == 10 && redrives == 0 || n == 30 && redrives == 1) {
					err = &runtime.TaskError{Name: "Broken"}
				}
				return out, err
			})}
			for done := false; !done; {
				e, err := runtime.Open(t.Context(), s, config)
				require.NoError(t, err)
				ctx, cancel := untilDeath(t, s)
				if record, err := e.Describe(ctx, who.Execution); errors.Is(err, store.ErrNotFound) {
					_, _ = e.Start(ctx, program, who, jsonvalue.Object(), nil)
				} else if err == nil && record.Redrives < redrives {
					_, _ = e.Redrive(ctx, who.Execution, nil)
				}
				out, err := e.Wait(ctx, who.Execution)
				_ = e.Close(context.Background())
				cancel()
				var ended *runtime.ExecutionError
				done = err == nil && redrives == 2 || errors.As(err, &ended) && redrives < 2
				require.True(t, done || isDead(s), "%s, %v", out, err)
				if isDead(s) {
					s = &faulty.Store{Store: memory}
				}
			}
		}
	})
	var all strings.Builder
	found, err := data.List(t.Context(), "b", "p/", "")
	require.NoError(t, err)
	for _, o := range found {
		text, _ := data.Get("b", o.Key)
		text = dates.ReplaceAllString(text, "date") // a commit that fails takes time
		fmt.Fprintf(&all, "%s\n%s\n", o.Key, text)
	}
	return all.String()
}

// A redrive that finds no place for its results leaves the Map Run as it was, and the next one goes on
// with it (recorded).
func TestEngineResultsRefused(t *testing.T) {
	data := objects.Memory()
	data.Put("b", "k", "[-1, 2]")
	place := &refusing{Objects: data}
	synctest.Test(t, func(t *testing.T) {
		var mended atomic.Bool
		e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Objects: place, Tasks: invoke(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			if mended.Load() {
				return task.Input, nil
			}
			return seconds.InvokeTask(ctx, task)
		})})
		require.NoError(t, err)
		defer e.Close(context.Background())
		_, err = e.Start(t.Context(), compile(t, strings.Replace(twoWritten, "KIND", "STANDARD", 1)), who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		_, err = e.Wait(t.Context(), who.Execution)
		require.ErrorContains(t, err, "tolerated failure threshold")
		first, err := e.MapRuns(t.Context(), who.Execution)
		require.NoError(t, err)

		mended.Store(true)
		place.refuses.Store(true)
		_, err = e.Redrive(t.Context(), who.Execution, nil)
		require.NoError(t, err)
		_, err = e.Wait(t.Context(), who.Execution)
		require.ErrorContains(t, err, "Failed to write a test manifest into the specified output bucket. Access Denied")
		runs, err := e.MapRuns(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Equal(t, first, runs)

		place.refuses.Store(false)
		_, err = e.Redrive(t.Context(), who.Execution, nil)
		require.NoError(t, err)
		out, err := e.Wait(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Contains(t, out.String(), "/Redrive-2/manifest.json")
		runs, err = e.MapRuns(t.Context(), who.Execution)
		require.NoError(t, err)
		require.Equal(t, first[0].ARN, runs[0].ARN)
		require.Equal(t, 2, runs[0].Redrives)
		require.Equal(t, int64(2), runs[0].Children.Succeeded)
	})
}

// refusing are objects that nothing can be written to, for a while.
type refusing struct {
	objects.Objects
	refuses atomic.Bool
}

func (r *refusing) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if r.refuses.Load() {
		return nil, fs.ErrPermission
	}
	return r.Objects.Create(ctx, ref)
}

// An execution that is stopped gives its files up, also while they are being written.
func TestEngineResultsStopped(t *testing.T) {
	data := objects.Memory()
	data.Put("b", "k", "[1]")
	place := &hanging{Objects: data}
	synctest.Test(t, func(t *testing.T) {
		e, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{Objects: place, Tasks: seconds})
		require.NoError(t, err)
		defer e.Close(context.Background())
		_, err = e.Start(t.Context(), compile(t, strings.Replace(twoWritten, "KIND", "STANDARD", 1)), who, jsonvalue.Object(), nil)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, int32(1), place.waiting.Load())
		_, err = e.Stop(t.Context(), who.Execution, "", "enough")
		require.NoError(t, err)
		synctest.Wait()
		require.Zero(t, place.waiting.Load())
	})
}

// hanging are objects of which only manifests can be created.
type hanging struct {
	objects.Objects
	waiting atomic.Int32
}

func (h *hanging) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if strings.HasSuffix(ref.Key, "manifest.json") {
		return h.Objects.Create(ctx, ref)
	}
	h.waiting.Add(1)
	<-ctx.Done()
	h.waiting.Add(-1)
	return nil, ctx.Err()
}
