package main

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
