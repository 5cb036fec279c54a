package suite

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime/objects"
)

// scratch are the objects of one run: those of a folder, and what the run writes, which is in memory.
// So a test changes no file, and no test sees what another has written.
type scratch struct {
	objects.Objects
	written objects.MemoryObjects
}

func newScratch(folder string, now time.Time) *scratch {
	s := &scratch{Objects: objects.Dir(folder)}
	s.written.Now = func() time.Time { return now }
	return s
}

// Open implements objects.Objects.
func (s *scratch) Open(ctx context.Context, ref objects.Ref, offset int64) (io.ReadCloser, objects.Info, error) {
	r, info, err := s.written.Open(ctx, ref, offset)
	if errors.Is(err, fs.ErrNotExist) {
		return s.Objects.Open(ctx, ref, offset)
	}
	return r, info, err
}

// List implements objects.Objects. Behind the end of a page, nothing is known of what it is from.
func (s *scratch) List(ctx context.Context, bucket, prefix, after string) ([]objects.Info, error) {
	there, err := s.Objects.List(ctx, bucket, prefix, after)
	if err != nil {
		return nil, err
	}
	written, err := s.written.List(ctx, bucket, prefix, after)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(there) == 0 || len(written) == 0 {
		return append(there, written...), nil
	}
	last := min(there[len(there)-1].Key, written[len(written)-1].Key)
	all := slices.DeleteFunc(there, func(o objects.Info) bool {
		return o.Key > last || slices.ContainsFunc(written, func(w objects.Info) bool { return w.Key == o.Key })
	})
	for _, o := range written {
		if o.Key <= last {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b objects.Info) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

// Create implements objects.Objects. The folder has the buckets.
func (s *scratch) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if _, err := s.Objects.List(ctx, ref.Bucket, ref.Key, ""); err != nil {
		return nil, err
	}
	return &scratchWriter{to: &s.written, ref: ref}, nil
}

type scratchWriter struct {
	bytes.Buffer
	to    *objects.MemoryObjects
	ref   objects.Ref
	ended bool
}

// Close implements objects.Writer.
func (w *scratchWriter) Close() error {
	if !w.ended {
		w.ended = true
		w.to.Put(w.ref.Bucket, w.ref.Key, w.String())
	}
	return nil
}

// Abort implements objects.Writer.
func (w *scratchWriter) Abort() error {
	w.ended = true
	return nil
}
