package objects_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/objects"
)

// stores are those that the suite is run on, each with the bucket "b".
var stores = map[string]func(t *testing.T) objects.Objects{
	"memory": func(*testing.T) objects.Objects {
		m := objects.Memory()
		m.Put("b", "seed", "")
		return m
	},
	"dir": func(t *testing.T) objects.Objects {
		root := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(root, "b"), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(root, "b", "seed"), nil, 0o666))
		return objects.Dir(root)
	},
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

func TestObjects(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			o := open(t)
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
		})
	}
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

func TestNothingThere(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			for _, ref := range []objects.Ref{{Bucket: "b", Key: "none"}, {Bucket: "none", Key: "k"}} {
				_, _, err := o.Open(t.Context(), ref, 0)
				require.ErrorIs(t, err, fs.ErrNotExist)
			}
			_, err := o.List(t.Context(), "none", "", "")
			require.ErrorIs(t, err, fs.ErrNotExist)
			_, err = o.Create(t.Context(), objects.Ref{Bucket: "none", Key: "k"})
			require.ErrorIs(t, err, fs.ErrNotExist)
			_, _, err = o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "seed", Version: "1"}, 0)
			require.ErrorIs(t, err, errors.ErrUnsupported)
		})
	}
}

// No key and no link leads out of the folder.
func TestDirIsClosed(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "inside", "b"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(root, "secret"), []byte("x"), 0o666))
	require.NoError(t, os.Symlink(filepath.Join(root, "secret"), filepath.Join(root, "inside", "b", "link")))
	o := objects.Dir(filepath.Join(root, "inside"))
	for _, ref := range []objects.Ref{{Bucket: "b", Key: "../../secret"}, {Bucket: "..", Key: "secret"}, {Bucket: "b", Key: "link"}, {Bucket: "", Key: "k"}, {Bucket: "b", Key: "/x"}} {
		_, _, err := o.Open(t.Context(), ref, 0)
		require.Error(t, err, ref.String())
	}
	for _, key := range []string{"../x", "x/", "", ".", "a//b"} {
		_, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: key})
		require.Error(t, err, key)
	}
}

func TestFS(t *testing.T) {
	o := objects.FS(fstest.MapFS{"b/k": {Data: []byte("text")}, "b/d/k": {Data: []byte("deep")}})
	require.Equal(t, "ext", read(t, o, "k", 1))
	require.Equal(t, []string{"d/k", "k"}, keys(t, o, "", ""))
	_, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "new"})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, _, err = o.Open(t.Context(), objects.Ref{Bucket: "none", Key: "k"}, 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
