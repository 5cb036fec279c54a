// Package objectstest holds every objects.Objects to its meaning.
package objectstest

import (
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/objects"
)

// Run tests objects that have the bucket "b" with the empty object "seed".
func Run(t *testing.T, o objects.Objects) {
	t.Helper()
	for _, key := range []string{"a/b/c", "a.txt", "a/b.txt", "z", "a-b"} {
		write(t, o, key, "text of "+key)
	}
	require.Equal(t, "text of a/b/c", read(t, o, "a/b/c", 0))
	require.Equal(t, "a/b/c", read(t, o, "a/b/c", 8))
	require.Empty(t, read(t, o, "z", 100))

	_, before, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "z"}, 0)
	require.NoError(t, err)
	write(t, o, "z", "another text")
	require.Equal(t, "another text", read(t, o, "z", 0))
	_, after, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "z"}, 0)
	require.NoError(t, err)
	require.NotEqual(t, before.ETag, after.ETag)

	require.Equal(t, []string{"a-b", "a.txt", "a/b.txt", "a/b/c", "seed", "z"}, keys(t, o, "", ""))
	require.Equal(t, []string{"a/b.txt", "a/b/c"}, keys(t, o, "a/", ""))
	require.Equal(t, []string{"a/b.txt", "a/b/c"}, keys(t, o, "a/b", ""))
	require.Equal(t, []string{"a/b/c", "seed", "z"}, keys(t, o, "", "a/b.txt"))
	require.Empty(t, keys(t, o, "none", ""))

	w, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "half"})
	require.NoError(t, err)
	_, err = io.WriteString(w, "ha")
	require.NoError(t, err)
	require.NotContains(t, keys(t, o, "", ""), "half")
	require.NoError(t, w.Abort())
	require.NoError(t, w.Close())
	require.NotContains(t, keys(t, o, "", ""), "half")

	for _, ref := range []objects.Ref{{Bucket: "b", Key: "none"}, {Bucket: "none", Key: "k"}} {
		_, _, err := o.Open(t.Context(), ref, 0)
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	_, err = o.List(t.Context(), "none", "", "")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = o.Create(t.Context(), objects.Ref{Bucket: "none", Key: "k"})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func keys(t *testing.T, o objects.Objects, prefix, after string) (found []string) {
	t.Helper()
	for {
		page, err := o.List(t.Context(), "b", prefix, after)
		require.NoError(t, err)
		if len(page) == 0 {
			return found
		}
		for _, info := range page {
			found, after = append(found, info.Key), info.Key
		}
	}
}

func write(t *testing.T, to objects.Objects, key, text string) {
	t.Helper()
	w, err := to.Create(t.Context(), objects.Ref{Bucket: "b", Key: key})
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	require.NoError(t, w.Abort())
}

func read(t *testing.T, from objects.Objects, key string, offset int64) string {
	t.Helper()
	r, info, err := from.Open(t.Context(), objects.Ref{Bucket: "b", Key: key}, offset)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, key, info.Key)
	require.Equal(t, int64(len(text))+min(offset, info.Size), info.Size)
	require.NotEmpty(t, info.ETag)
	return string(text)
}
