package objects

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// MemoryObjects are objects in memory. The zero MemoryObjects has no bucket: Put makes those
// that it needs.
type MemoryObjects struct {
	// Now tells the time at which an object is written. Default: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	buckets map[string]map[string]object
}

type object struct {
	data []byte
	info Info
}

// Memory returns objects in memory, with no bucket.
func Memory() *MemoryObjects { return new(MemoryObjects) }

// Put makes or replaces an object, and its bucket if that is not there.
func (m *MemoryObjects) Put(bucket, key, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(bucket, key, []byte(text))
}

// Get returns an object; ok is false if there is none.
func (m *MemoryObjects) Get(bucket, key string) (text string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.buckets[bucket][key]
	return string(o.data), ok
}

func (m *MemoryObjects) put(bucket, key string, data []byte) {
	now := time.Now
	if m.Now != nil {
		now = m.Now
	}
	if m.buckets == nil {
		m.buckets = make(map[string]map[string]object)
	}
	if m.buckets[bucket] == nil {
		m.buckets[bucket] = make(map[string]object)
	}
	sum := md5.Sum(data)
	m.buckets[bucket][key] = object{data, Info{
		Key: key, Size: int64(len(data)), ETag: hex.EncodeToString(sum[:]), Modified: now().UTC(), StorageClass: standard,
	}}
}

// find returns the objects of a bucket. The lock is held.
func (m *MemoryObjects) find(bucket string) (map[string]object, error) {
	found, ok := m.buckets[bucket]
	if !ok {
		return nil, fmt.Errorf("objects: bucket %q: %w", bucket, fs.ErrNotExist)
	}
	return found, nil
}

// Open implements Objects.
func (m *MemoryObjects) Open(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	if ref.Version != "" {
		return nil, Info{}, fmt.Errorf("objects: %s has no versions: %w", ref, errors.ErrUnsupported)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	bucket, err := m.find(ref.Bucket)
	if err != nil {
		return nil, Info{}, err
	}
	o, ok := bucket[ref.Key]
	if !ok {
		return nil, Info{}, fmt.Errorf("objects: %s: %w", ref, fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(o.data[min(offset, int64(len(o.data))):])), o.info, nil
}

// List implements Objects.
func (m *MemoryObjects) List(ctx context.Context, bucket, prefix, after string) ([]Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.find(bucket)
	if err != nil {
		return nil, err
	}
	var found []Info
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(key, prefix) && key > after && len(found) < pageSize {
			found = append(found, all[key].info)
		}
	}
	return found, nil
}

// Create implements Objects.
func (m *MemoryObjects) Create(ctx context.Context, ref Ref) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.find(ref.Bucket); err != nil {
		return nil, err
	}
	return &memoryWriter{to: m, ref: ref}, nil
}

type memoryWriter struct {
	to    *MemoryObjects
	ref   Ref
	data  []byte
	ended bool
}

// Write implements io.Writer.
func (w *memoryWriter) Write(p []byte) (int, error) {
	w.data = append(w.data, p...)
	return len(p), nil
}

// Close implements Writer.
func (w *memoryWriter) Close() error {
	if !w.ended {
		w.ended = true
		w.to.mu.Lock()
		defer w.to.mu.Unlock()
		w.to.put(w.ref.Bucket, w.ref.Key, w.data)
	}
	return nil
}

// Abort implements Writer.
func (w *memoryWriter) Abort() error {
	w.ended = true
	return nil
}
