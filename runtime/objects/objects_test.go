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

	"github.com/statemill/statemill/internal/objectstest"
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

func TestObjects(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { objectstest.Run(t, open(t)) })
	}
}

// They keep no versions.
func TestVersions(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			_, _, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "seed", Version: "1"}, 0)
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
	r, _, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "k"}, 1)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, errors.Join(err, r.Close()))
	require.Equal(t, "ext", string(text))
	found, err := o.List(t.Context(), "b", "", "")
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "d/k", found[0].Key)
	_, err = o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "new"})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, _, err = o.Open(t.Context(), objects.Ref{Bucket: "none", Key: "k"}, 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
