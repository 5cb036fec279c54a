package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// readOnly reads objects from a file system.
type readOnly struct{ files fs.FS }

// FS returns the objects in a file system, such as the files that a test embeds: a bucket is
// a folder of it. It can be read only: Create fails with errors.ErrUnsupported.
func FS(files fs.FS) Objects { return readOnly{files} }

func (r readOnly) bucket(name string) (fs.FS, error) {
	if !fs.ValidPath(name) || name == "." || strings.Contains(name, "/") {
		return nil, fmt.Errorf("objects: bucket %q: %w", name, fs.ErrInvalid)
	}
	status, err := fs.Stat(r.files, name)
	if err == nil && !status.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("objects: bucket %q: %w", name, err)
	}
	return fs.Sub(r.files, name)
}

// Open implements Objects.
func (r readOnly) Open(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	bucket, err := r.bucket(ref.Bucket)
	if err != nil {
		return nil, Info{}, err
	}
	return openFile(bucket, ref, offset)
}

// List implements Objects.
func (r readOnly) List(ctx context.Context, bucket, prefix, after string) ([]Info, error) {
	files, err := r.bucket(bucket)
	if err != nil {
		return nil, err
	}
	return listFiles(ctx, files, prefix, after)
}

// Create implements Objects.
func (r readOnly) Create(_ context.Context, ref Ref) (Writer, error) {
	return nil, fmt.Errorf("objects: %s can be read only: %w", ref, errors.ErrUnsupported)
}
