package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	for text, want := range map[string]string{
		"AKIA one\n\n# a comment\n  BKIA\ttwo\n": "",
		"AKIA one\nBKIA\n":                       "keys:2: expected an access key and its secret, found 1 words",
		"AKIA one\nAKIA two\n":                   "keys:2: the access key was named before",
		"# none\n":                               "the file has no key",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		secret, err := readKeys(file)
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		two, known := secret("BKIA")
		require.True(t, known)
		require.Equal(t, "two", two)
		_, known = secret("CKIA")
		require.False(t, known)
	}
	_, err := readKeys(file + ".none")
	require.ErrorContains(t, err, "--keys: ")
	secret, err := readKeys("")
	require.NoError(t, err)
	require.Nil(t, secret)
}

// Definitions are served although the server asks all clients for a signature.
func TestKeysWithSource(t *testing.T) {
	folder := t.TempDir()
	file, definition := filepath.Join(folder, "keys"), filepath.Join(folder, "order.asl.json")
	require.NoError(t, os.WriteFile(file, []byte("AKIA one\n"), 0o600))
	require.NoError(t, os.WriteFile(definition, []byte(`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`), 0o600))
	url, stop := serve(t, definition, "--keys", file, "--db", "memory", "--watch")
	status, answer := call(t, url, "ListStateMachines", "{}")
	require.Equal(t, 400, status)
	require.Contains(t, answer, "MissingAuthenticationToken")
	code, errs := stop()
	require.Zero(t, code, errs)
	require.Contains(t, errs, "created arn:aws:states:us-east-1:123456789012:stateMachine:order")
}
