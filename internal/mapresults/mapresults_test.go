package mapresults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// TestFiles writes the files of testdata/files.txt. The setup of a case is an interp.WriteResults,
// and how large a file may be; an input is children, one a line: index, status and text. Whatever
// the order in which they come, the files are the same.
func TestFiles(t *testing.T) {
	golden.Run(t, "testdata/files.txt", func(t *testing.T, c *golden.Case) func(string) string {
		return func(input string) string {
			lines := strings.Split(strings.TrimSpace(input), "\n")
			first := written(t, c.Setup, lines)
			for i := range lines {
				turned := append(append([]string{}, lines[i:]...), lines[:i]...)
				require.Equal(t, first, written(t, c.Setup, turned), "from child %d on", i)
			}
			return first
		}
	})
}

func written(t *testing.T, setup string, lines []string) string {
	where := interp.WriteResults{ARN: "arn:run", Bucket: "b", Folder: "out/id/"}
	express, most := "", int64(0)
	_, err := fmt.Sscan(setup, &where.Transformation, &where.OutputType, &express, &most)
	require.NoError(t, err)
	to := objects.Memory()
	to.Put("b", "other", "")
	w := New(to, where)
	w.MaxFile = most
	require.NoError(t, w.Probe(t.Context()))
	for _, line := range lines {
		c := childOf(t, line)
		c.Express = express == "EXPRESS"
		require.NoError(t, w.Add(t.Context(), c))
	}
	require.NoError(t, w.Close(t.Context()))
	var out strings.Builder
	found, err := to.List(t.Context(), "b", "out/", "")
	require.NoError(t, err)
	for _, o := range found {
		text, _ := to.Get("b", o.Key)
		fmt.Fprintf(&out, "%s %d\n%s\n", o.Key, o.Size, strings.TrimSuffix(text, "\n"))
	}
	return out.String()
}

func childOf(t *testing.T, line string) *Child {
	words := strings.SplitN(line, " ", 3)
	c := &Child{
		Began: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), Ended: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC),
		Identity: interp.Identity{Execution: "arn:child" + words[0], ExecutionName: "name" + words[0], StateMachine: "arn:machine"},
	}
	_, err := fmt.Sscan(words[0], &c.Index)
	require.NoError(t, err)
	c.Input, c.Status = jsonvalue.Int(c.Index), interp.Status(words[1])
	switch words[1] {
	case "PENDING":
		c.Pending = true
	case "SUCCEEDED":
		c.Output = jsonvalue.MustParse(words[2])
	case "ABORTED":
		c.Failure = history.ErrorInfo{Cause: words[2], HasCause: true}
	case "REDRIVEN":
		c.Status, c.Output, c.Redrives, c.RedriveAt = interp.Succeeded, jsonvalue.MustParse(words[2]), 1, c.Ended
	default:
		c.Failure = history.ErrorInfo{Error: "E", Cause: words[2], HasError: true, HasCause: true}
	}
	return c
}

// A Writer that ends early leaves no file that is not complete.
func TestAbort(t *testing.T) {
	to := objects.Memory()
	to.Put("b", "other", "")
	w := New(to, interp.WriteResults{Bucket: "b", Transformation: "COMPACT"})
	require.NoError(t, w.Add(t.Context(), childOf(t, "0 SUCCEEDED 1")))
	require.NoError(t, w.Add(t.Context(), childOf(t, "2 SUCCEEDED 1")))
	require.ErrorContains(t, w.Close(t.Context()), "child 1 of the Map Run is missing")
	require.NoError(t, w.Abort())
	found, err := to.List(t.Context(), "b", "", "")
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// full is an Objects whose writers fail at some call.
type full struct {
	objects.Objects
	left int
	open int
}

var errFull = errors.New("the disk is full")

func (f *full) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if f.left--; f.left < 0 {
		return nil, errFull
	}
	w, err := f.Objects.Create(ctx, ref)
	f.open++
	return &fullWriter{w, f}, err
}

type fullWriter struct {
	objects.Writer
	of *full
}

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.of.left--; w.of.left < 0 {
		return 0, errFull
	}
	return w.Writer.Write(p)
}

func (w *fullWriter) Close() error {
	w.of.open--
	if w.of.left--; w.of.left < 0 {
		return errors.Join(errFull, w.Writer.Abort())
	}
	return w.Writer.Close()
}

func (w *fullWriter) Abort() error {
	w.of.open--
	return w.Writer.Abort()
}

// Whatever call fails, the error comes out, and nothing stays open.
func TestFull(t *testing.T) {
	write := func(left int) (*full, error) {
		memory := objects.Memory()
		memory.Put("b", "other", "")
		to := &full{Objects: memory, left: left}
		w := New(to, interp.WriteResults{Bucket: "b", Transformation: "NONE"})
		err := w.Probe(t.Context())
		for i := 0; i < 4 && err == nil; i++ {
			err = w.Add(t.Context(), childOf(t, fmt.Sprint(i, []string{" SUCCEEDED 1", " FAILED x"}[i%2])))
		}
		if err == nil {
			err = w.Close(t.Context())
		}
		require.NoError(t, w.Abort())
		return to, err
	}
	for left := range 100 {
		to, err := write(left)
		require.Zero(t, to.open, "after %d calls", left)
		if err == nil {
			require.Positive(t, left)
			return
		}
		require.ErrorIs(t, err, errFull)
	}
	t.Fatal("it always fails")
}

// TestRedriven writes the files of three redrives: the manifest of each names what succeeded before.
func TestRedriven(t *testing.T) {
	to := objects.Memory()
	to.Put("b", "other", "")
	where := interp.WriteResults{ARN: "arn:run", Bucket: "b", Folder: "id/", Transformation: "COMPACT", OutputType: "JSON"}
	for n, test := range []struct{ child, files string }{
		{"0 FAILED x", `"FAILED":[{"Key":"id/FAILED_0.json","Size":333}],"PENDING":[],"SUCCEEDED":[]`},
		{"0 FAILED x", `"FAILED":[{"Key":"id/Redrive-1/FAILED_0.json","Size":333}],"PENDING":[],"SUCCEEDED":[]`},
		{"1 SUCCEEDED 7", `"FAILED":[],"PENDING":[],"SUCCEEDED":[{"Key":"id/Redrive-2/SUCCEEDED_0.json","Size":3}]`},
		{"2 PENDING", `"FAILED":[],"PENDING":[{"Key":"id/Redrive-3/PENDING_0.json","Size":67}],` +
			`"SUCCEEDED":[{"Key":"id/Redrive-2/SUCCEEDED_0.json","Size":3},{"Key":"id/Redrive-3/SUCCEEDED_0.json","Size":2}]`},
	} {
		if n > 0 {
			where.LastFolder, where.Folder = where.Folder, fmt.Sprintf("id/Redrive-%d/", n)
		}
		w := New(to, where)
		require.NoError(t, w.Append(t.Context(), childOf(t, test.child)))
		require.NoError(t, w.Close(t.Context()))
		text, _ := to.Get("b", where.Folder+"manifest.json")
		require.Equal(t, `{"DestinationBucket":"b","MapRunArn":"arn:run","ResultFiles":{`+test.files+`}}`, text)
	}
	text, _ := to.Get("b", "id/Redrive-3/SUCCEEDED_0.json")
	require.Equal(t, "[]", text)

	for name, manifest := range map[string]string{
		"no JSON": "{", "no files": "{}", "a file without a size": `{"ResultFiles":{"SUCCEEDED":[{"Key":"k"}]}}`,
	} {
		to.Put("b", "last/manifest.json", manifest)
		where.LastFolder = "last/"
		require.ErrorContains(t, New(to, where).Close(t.Context()), "the manifest of the results before these, last/manifest.json", name)
	}
}
