package dataset

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/statemill/statemill/runtime/objects"
)

// ranges reads an object at any place. A store of objects gives streams, so a few are kept open:
// whoever reads several columns in turns goes on in the stream of each.
type ranges struct {
	ctx  context.Context // of the streams
	from objects.Objects
	ref  objects.Ref

	mu      sync.Mutex
	streams []stream // the one that was used last comes last
	etag    string   // of the first
	failed  error    // the first error of the store
}

// stream is an object from some place on.
type stream struct {
	io.ReadCloser
	at int64 // the offset of the next byte
}

const (
	mostStreams = 16
	longestSkip = 64 << 10 // in bytes: what lies further ahead is opened anew
)

// open opens a stream at an offset.
func (r *ranges) open(at int64) (objects.Info, error) {
	if len(r.streams) == mostStreams {
		if err := r.streams[0].Close(); err != nil {
			return objects.Info{}, err
		}
		r.streams = slices.Delete(r.streams, 0, 1)
	}
	raw, info, err := r.from.Open(r.ctx, r.ref, at)
	if err != nil {
		return info, unreadable(err)
	}
	if r.etag != "" && r.etag != info.ETag {
		return info, errors.Join(changed(r.ref), raw.Close())
	}
	r.streams, r.etag = append(r.streams, stream{raw, at}), info.ETag
	return info, nil
}

// ReadAt implements io.ReaderAt.
func (r *ranges) ReadAt(b []byte, at int64) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.seek(at); err != nil {
		r.failed = cmpError(r.failed, err)
		return 0, err
	}
	s := &r.streams[len(r.streams)-1]
	n, err = io.ReadFull(s, b)
	s.at += int64(n)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = io.EOF
	case err != nil && err != io.EOF:
		r.failed = cmpError(r.failed, err)
	}
	return n, err
}

// seek puts a stream that is at an offset last.
func (r *ranges) seek(at int64) error {
	nearest := -1
	for i, s := range r.streams {
		if s.at <= at && at-s.at <= longestSkip && (nearest < 0 || s.at > r.streams[nearest].at) {
			nearest = i
		}
	}
	if nearest < 0 {
		_, err := r.open(at)
		return err
	}
	s := r.streams[nearest]
	r.streams = append(slices.Delete(r.streams, nearest, nearest+1), s)
	n, err := io.CopyN(io.Discard, s, at-s.at)
	r.streams[len(r.streams)-1].at += n
	if err == io.EOF {
		return nil // the read says so
	}
	return err
}

// why returns the error of the store that is behind an error, in the words of its own.
func (r *ranges) why(err error) error { return cmpError(r.failed, err) }

func (r *ranges) close() error {
	var errs []error
	for _, s := range r.streams {
		errs = append(errs, s.Close())
	}
	r.streams = nil
	return errors.Join(errs...)
}
