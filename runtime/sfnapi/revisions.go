package sfnapi

import (
	"container/list"
	"sync"

	"github.com/statemill/statemill/runtime"
)

// maxRevisions is how many bytes of definitions are kept compiled.
const maxRevisions = 64 << 20

// revisions keeps revisions that were used last, with their programs. A revision never
// changes, so that none of them is ever wrong. The zero revisions is empty.
type revisions struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	used  list.List // of *kept, that used last in front
	size  int
}

// kept is a revision in memory.
type kept struct {
	*revision
	key     string
	program func() (*runtime.Program, error)
}

// get returns the revision with a key, by read if it is not in memory.
func (c *revisions) get(key string, read func(key string) (*revision, error)) (*kept, error) {
	c.mu.Lock()
	if e := c.byKey[key]; e != nil {
		c.used.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*kept), nil
	}
	c.mu.Unlock()
	r, err := read(key)
	if err != nil {
		return nil, err
	}
	return c.keep(key, r), nil
}

// keep adds a revision, and forgets others if there is no room.
func (c *revisions) keep(key string, r *revision) *kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		return e.Value.(*kept)
	}
	k := &kept{revision: r, key: key, program: sync.OnceValues(func() (*runtime.Program, error) { return compile(r.Type, r.definition()) })}
	if c.byKey == nil {
		c.byKey = make(map[string]*list.Element)
	}
	c.byKey[key] = c.used.PushFront(k)
	for c.size += k.bytes(); c.size > maxRevisions && c.used.Len() > 1; {
		last := c.used.Remove(c.used.Back()).(*kept)
		delete(c.byKey, last.key)
		c.size -= last.bytes()
	}
	return k
}

func (k *kept) bytes() int { return len(k.definition()) + len(k.key) }
