// Package objects says how distributed Map states reach data that is in buckets: where
// ItemReader reads from, and ResultWriter writes to. Dir keeps objects in the folders of a
// file system, FS reads those of an fs.FS, and Memory keeps them in memory, for tests.
package objects

import (
	"context"
	"io"
	"time"
)

// Objects is a store of objects, in buckets, by key. All methods may be called at the same
// time. An object or a bucket that is not there is an error that is fs.ErrNotExist; one that
// may not be read or written, fs.ErrPermission.
type Objects interface {
	// Open opens an object for reading, from the byte offset on. The caller closes it.
	Open(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, Info, error)

	// List returns the objects of a bucket whose keys begin with prefix and come after the
	// key after, in the order of their keys: as many as the store likes, and at least one if
	// there is one.
	List(ctx context.Context, bucket, prefix, after string) ([]Info, error)

	// Create makes an object. It is there when the Writer is closed, and replaces the one of its
	// key.
	Create(ctx context.Context, ref Ref) (Writer, error)
}

// Ref names an object.
type Ref struct {
	Bucket, Key string
	Version     string // "": the latest
	Owner       string // the account that has to own the bucket; "": any
}

// Info tells of an object.
type Info struct {
	Key          string
	Size         int64  // in bytes
	ETag         string // changes when the object does, without quotes
	Modified     time.Time
	StorageClass string // "STANDARD"
}

// Writer writes an object. One of Close and Abort ends it; after either, the other does
// nothing.
type Writer interface {
	io.Writer
	Close() error // the object is there
	Abort() error // it is not
}

// pageSize is how many objects List returns at most.
const pageSize = 1000

const standard = "STANDARD"
