package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	stdruntime "runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Two cases run at a time: the task of each waits for that of the other. What comes of them is in the
// order of the file.
func TestSideBySide(t *testing.T) {
	defer stdruntime.GOMAXPROCS(stdruntime.GOMAXPROCS(2))
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.asl.json"),
		[]byte(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true}}}`), 0o600))
	var text strings.Builder
	text.WriteString("definition: a.asl.json\ntasks: {f: {exec: meet}}\ncases:\n")
	const cases = 20
	for i := range cases {
		fmt.Fprintf(&text, "  - {name: case %d, output: %d}\n", i, i%3)
	}
	file := filepath.Join(folder, "a.asltest.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))

	both := make(chan struct{})
	meet := runtime.Function(func(ctx context.Context, _ jsonvalue.Value) (int, error) {
		select {
		case both <- struct{}{}:
		case <-both:
		case <-ctx.Done():
		}
		return 1, ctx.Err()
	})
	f, err := Read(file, Options{Perform: func(string) (runtime.TaskInvoker, error) { return meet, nil }})
	require.NoError(t, err)
	outcomes, covered, err := (&Runner{Context: t.Context()}).Run(f)
	require.NoError(t, err)
	require.Len(t, outcomes, cases)
	for i, o := range outcomes {
		require.Equal(t, fmt.Sprint("case ", i), o.Case.Name)
		if i%3 == 1 {
			require.Empty(t, o.Problems)
		} else {
			require.Equal(t, []string{fmt.Sprintf("%s:%d: output differs\n  ! $: got 1, want %d", file, i+4, i%3)}, o.Problems)
		}
	}
	reached, of := covered.Counts()
	require.Equal(t, of, reached)
}
