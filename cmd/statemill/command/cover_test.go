package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The coverage of several test processes adds up.
func TestCover(t *testing.T) {
	dir := t.TempDir()
	for _, only := range []string{"TestSold", "TestDeclined|TestBackorder"} {
		c := exec.Command("go", "test", "-count=1", "-run", only, "./examples/order")
		c.Dir, c.Env = "../../..", append(os.Environ(), "ASLTEST_COVERDIR="+dir)
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	var out, errs bytes.Buffer
	page := filepath.Join(t.TempDir(), "cover.html")
	require.Equal(t, 1, Run(t.Context(), []string{"cover", dir, "--min", "99", "--html", page}, &out, &errs, nil))
	require.Regexp(t, `order\.asl\.json: [78]\d\.\d % \(\d+ of 45\)`, out.String())
	require.Contains(t, out.String(), "never: retrier exhausted  [/States/Charge/Retry[0]]")
	require.Regexp(t, `^coverage is [78]\d\.\d %, and at least 99\.0 % is wanted\n$`, errs.String())
	require.FileExists(t, page)
	require.Equal(t, 0, Run(t.Context(), []string{"cover", dir, "--min", "70"}, &out, &errs, nil))
}

func TestCoverNothing(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 2, Run(t.Context(), []string{"cover", t.TempDir()}, &out, &errs, nil))
	require.Contains(t, errs.String(), "holds no coverage")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.json"), []byte(`{"version": 7}`), 0o600))
	require.Equal(t, 2, Run(t.Context(), []string{"cover", dir}, &out, &errs, nil))
	require.Contains(t, errs.String(), "version 7")
}
