package objects

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// dir keeps objects in folders.
type dir struct{ root string }

// Dir returns the objects in a folder of the file system: a bucket is a folder in it, and
// the key of an object the path of a file from there, with slashes. Keys that are no such
// path, such as those that end with a slash or contain "..", are fs.ErrInvalid. Nothing
// outside of the folder can be reached, not by symbolic links either. A file that is being
// written has a name that begins with ".statemill-"; List leaves such names out.
func Dir(root string) Objects { return dir{root} }

// temporary begins the names of files that are being written.
const temporary = ".statemill-"

// bucket opens the folder of a bucket.
func (d dir) bucket(name string) (*os.Root, error) {
	if !fs.ValidPath(name) || name == "." || strings.Contains(name, "/") {
		return nil, fmt.Errorf("objects: bucket %q: %w", name, fs.ErrInvalid)
	}
	root, err := os.OpenRoot(d.root)
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	defer root.Close()
	bucket, err := root.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("objects: bucket %q: %w", name, err)
	}
	return bucket, nil
}

// Open implements Objects.
func (d dir) Open(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	bucket, err := d.bucket(ref.Bucket)
	if err != nil {
		return nil, Info{}, err
	}
	defer bucket.Close()
	return openFile(bucket.FS(), ref, offset)
}

// openFile opens an object of a bucket that is a file system.
func openFile(bucket fs.FS, ref Ref, offset int64) (io.ReadCloser, Info, error) {
	if ref.Version != "" {
		return nil, Info{}, fmt.Errorf("objects: %s has no versions: %w", ref, errors.ErrUnsupported)
	}
	file, err := bucket.Open(ref.Key)
	if err != nil {
		return nil, Info{}, fmt.Errorf("objects: %s: %w", ref, reason(err))
	}
	status, err := file.Stat()
	if err == nil && status.IsDir() {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = skip(file, offset)
	}
	if err != nil {
		return nil, Info{}, errors.Join(fmt.Errorf("objects: %s: %w", ref, err), file.Close())
	}
	return file, infoOf(ref.Key, status), nil
}

// reason takes the path off an error of a file system: the object has a name of its own.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// skip leaves the first bytes of a file out.
func skip(file fs.File, offset int64) error {
	if offset == 0 {
		return nil
	}
	if seeker, ok := file.(io.Seeker); ok {
		_, err := seeker.Seek(offset, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, file, offset)
	if err == io.EOF {
		return nil
	}
	return err
}

// String returns "s3://bucket/key".
func (r Ref) String() string { return "s3://" + r.Bucket + "/" + r.Key }

func infoOf(key string, status fs.FileInfo) Info {
	modified := status.ModTime().UTC()
	sum := md5.Sum(fmt.Appendf(nil, "%d %d", modified.UnixNano(), status.Size()))
	return Info{Key: key, Size: status.Size(), ETag: hex.EncodeToString(sum[:]), Modified: modified, StorageClass: standard}
}

// List implements Objects.
func (d dir) List(ctx context.Context, bucket, prefix, after string) ([]Info, error) {
	folder, err := d.bucket(bucket)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return listFiles(ctx, folder.FS(), prefix, after)
}

// listFiles lists a bucket that is a file system.
func listFiles(ctx context.Context, bucket fs.FS, prefix, after string) ([]Info, error) {
	l := lister{ctx, bucket, prefix, after, nil}
	if err := l.folder("."); err != nil && err != errFull {
		return nil, fmt.Errorf("objects: %w", err)
	}
	return l.found, nil
}

// lister walks through the files of a bucket in the order of their keys, which is not that
// of their names: "a.txt" comes before "a/b".
type lister struct {
	ctx           context.Context
	bucket        fs.FS
	prefix, after string
	found         []Info
}

var errFull = errors.New("the page is full")

func (l *lister) folder(name string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(l.bucket, name)
	if err != nil {
		return err
	}
	keys := make(map[string]fs.DirEntry, len(entries))
	order := make([]string, 0, len(entries))
	for _, entry := range entries {
		key := path.Join(name, entry.Name())
		if entry.IsDir() {
			key += "/"
		}
		if !strings.HasPrefix(entry.Name(), temporary) {
			keys[key], order = entry, append(order, key)
		}
	}
	slices.SortFunc(order, cmp.Compare)
	for _, key := range order {
		if err := l.entry(key, keys[key]); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) entry(key string, entry fs.DirEntry) error {
	if entry.IsDir() {
		leads := strings.HasPrefix(key, l.prefix) || strings.HasPrefix(l.prefix, key)
		if !leads || key < l.after && !strings.HasPrefix(l.after, key) {
			return nil
		}
		return l.folder(strings.TrimSuffix(key, "/"))
	}
	if !strings.HasPrefix(key, l.prefix) || key <= l.after {
		return nil
	}
	status, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was deleted meanwhile
	}
	if err != nil {
		return err
	}
	l.found = append(l.found, infoOf(key, status))
	if len(l.found) == pageSize {
		return errFull
	}
	return nil
}

// Create implements Objects.
func (d dir) Create(ctx context.Context, ref Ref) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !fs.ValidPath(ref.Key) || ref.Key == "." {
		return nil, fmt.Errorf("objects: %s: %w", ref, fs.ErrInvalid)
	}
	bucket, err := d.bucket(ref.Bucket)
	if err != nil {
		return nil, err
	}
	w := &dirWriter{bucket: bucket, ref: ref, name: path.Join(path.Dir(ref.Key), temporary+rand.Text())}
	err = bucket.MkdirAll(path.Dir(ref.Key), 0o777)
	if err == nil {
		w.file, err = bucket.Create(w.name)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("objects: %s: %w", ref, reason(err)), bucket.Close())
	}
	return w, nil
}

// dirWriter writes a file, which gets its name when it is closed.
type dirWriter struct {
	bucket *os.Root
	file   *os.File
	ref    Ref
	name   string
	ended  bool
}

// Write implements io.Writer.
func (w *dirWriter) Write(p []byte) (int, error) { return w.file.Write(p) }

// Close implements Writer.
func (w *dirWriter) Close() error {
	return w.end(func() error { return w.bucket.Rename(w.name, w.ref.Key) })
}

// Abort implements Writer.
func (w *dirWriter) Abort() error {
	return w.end(func() error { return w.bucket.Remove(w.name) })
}

func (w *dirWriter) end(last func() error) error {
	if w.ended {
		return nil
	}
	w.ended = true
	err := w.file.Close()
	if err == nil {
		err = last()
	}
	if err = errors.Join(err, w.bucket.Close()); err != nil {
		return fmt.Errorf("objects: %s: %w", w.ref, err)
	}
	return nil
}
