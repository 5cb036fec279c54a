package suite

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/objects"
)

// short gives lists in pages of two.
type short struct{ objects.Objects }

func (s short) List(ctx context.Context, bucket, prefix, after string) ([]objects.Info, error) {
	all, err := s.Objects.List(ctx, bucket, prefix, after)
	return all[:min(2, len(all))], err
}

// A run sees the folder and what it has written, and the folder stays as it is.
func TestScratch(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "b"), 0o700))
	for _, key := range []string{"a", "c", "e", "f", "h"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "b", key), []byte("there"), 0o600))
	}
	s := newScratch(folder, time.Unix(0, 0))
	s.Objects = short{s.Objects}
	listed := func() (keys string) {
		for after := ""; ; {
			page, err := s.List(t.Context(), "b", "", after)
			require.NoError(t, err)
			if len(page) == 0 {
				return keys
			}
			for _, o := range page {
				keys, after = keys+o.Key, o.Key
			}
		}
	}
	require.Equal(t, "acefh", listed())
	for _, key := range []string{"b", "c", "d", "z"} {
		w, err := s.Create(t.Context(), objects.Ref{Bucket: "b", Key: key})
		require.NoError(t, err)
		_, err = io.WriteString(w, "written")
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, w.Abort())
	}
	w, err := s.Create(t.Context(), objects.Ref{Bucket: "b", Key: "never"})
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	require.NoError(t, w.Close())
	require.Equal(t, "abcdefhz", listed())
	for key, want := range map[string]string{"a": "there", "b": "written", "c": "written"} {
		r, _, err := s.Open(t.Context(), objects.Ref{Bucket: "b", Key: key}, 0)
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, want, string(text))
	}
	_, err = s.Create(t.Context(), objects.Ref{Bucket: "none", Key: "k"})
	require.ErrorIs(t, err, os.ErrNotExist)
	files, err := os.ReadDir(filepath.Join(folder, "b"))
	require.NoError(t, err)
	require.Len(t, files, 5)
}
