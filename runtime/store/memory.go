package store

import (
	"bytes"
	"cmp"
	"container/list"
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// MemoryStore is a Store, Notifier and Documents that lives as long as the process. It
// is for tests, and for executions that need not outlive it: a Poll looks at all executions.
type MemoryStore struct {
	mu          sync.Mutex
	executions  map[string]*memoryExecution
	created     []*memoryExecution // in the order of creation
	sequence    int64
	inboxes     map[string]*list.List    // of Message, by destination
	messages    map[string]*list.Element // by id
	leases      map[string]time.Time     // of owners: when it is over
	definitions map[interp.Hash][]byte
	documents   memoryDocuments
	listeners   map[chan struct{}]bool
}

// memoryExecution is an execution with all that belongs to it but its messages.
type memoryExecution struct {
	Stored  // without Frames, Values and Messages
	number  int64
	due     time.Time
	frames  map[interp.FrameID][]byte
	values  map[interp.ValueID][]byte
	history []HistoryPart
}

// Memory returns an empty store in memory.
func Memory() *MemoryStore {
	return &MemoryStore{
		executions:  make(map[string]*memoryExecution),
		inboxes:     make(map[string]*list.List),
		messages:    make(map[string]*list.Element),
		leases:      make(map[string]time.Time),
		definitions: make(map[interp.Hash][]byte),
		documents:   memoryDocuments{byKey: make(map[string]Document)},
		listeners:   make(map[chan struct{}]bool),
	}
}

// Notify implements Notifier.
func (s *MemoryStore) Notify(ctx context.Context) <-chan struct{} {
	listener := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[listener] = true
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, listener)
	})
	return listener
}

// Commit implements Store.
func (s *MemoryStore) Commit(ctx context.Context, changes []Change) (refused []error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := Check(changes); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range changes {
		if err := s.apply(&changes[i]); err != nil {
			if refused == nil {
				refused = make([]error, len(changes))
			}
			refused[i] = err
		}
	}
	return refused, nil
}

func (s *MemoryStore) apply(c *Change) error {
	x, err := s.admit(c)
	if err != nil {
		return err
	}
	if c.ID != "" {
		s.store(x, c)
	}
	for i := range c.Children {
		if child := &c.Children[i]; s.executions[child.ID] == nil {
			_ = s.apply(child) // one that does not exist is not refused
		}
	}
	for _, id := range c.Consume {
		s.consume(id)
	}
	for _, m := range c.Send {
		s.send(m)
	}
	if c.Definition != nil {
		if hash := sha256.Sum256(c.Definition); s.definitions[hash] == nil {
			s.definitions[hash] = bytes.Clone(c.Definition)
		}
	}
	return nil
}

// admit checks the conditions of a Change, and returns the execution that it is of, or nil.
func (s *MemoryStore) admit(c *Change) (*memoryExecution, error) {
	x := s.executions[c.ID]
	switch {
	case c.ID == "":
	case c.From == 0 && x != nil:
		return nil, ErrExists
	case c.From != 0 && (x == nil || x.Revision != c.From || x.Owner != "" && x.Owner != c.By):
		return nil, ErrConflict
	}
	for _, id := range c.Consume {
		e := s.messages[id]
		if e == nil {
			return nil, ErrConflict
		}
		if m := e.Value.(Message); !m.Queued() && m.To != c.ID {
			return nil, ErrConflict
		}
	}
	return x, nil
}

func (s *MemoryStore) store(x *memoryExecution, c *Change) {
	if x == nil {
		x = s.create(c)
	}
	if c.Delete {
		s.delete(x)
		return
	}
	x.Writer, x.Revision = c.By, c.Revision
	x.Owner, x.due = c.Owner, whole(c.Due)
	if c.Record != nil {
		x.describe(c.Record)
	}
	if c.State != nil {
		x.State = bytes.Clone(c.State)
	}
	x.storeRows(c)
	if h := c.History; h != nil {
		x.history = append(x.history, HistoryPart{h.First, h.Last, bytes.Clone(h.Data)})
	}
}

func (s *MemoryStore) create(c *Change) *memoryExecution {
	s.sequence++
	x := &memoryExecution{
		number: s.sequence,
		frames: make(map[interp.FrameID][]byte),
		values: make(map[interp.ValueID][]byte),
	}
	x.Record = *c.Record
	s.executions[c.ID] = x
	s.created = append(s.created, x)
	return x
}

// describe takes over what may change in a record.
func (x *memoryExecution) describe(r *Record) {
	to := &x.Record
	to.Status, to.Output, to.ErrorInfo, to.Redrives = r.Status, r.Output, r.ErrorInfo, r.Redrives
	to.ParentRedrives = r.ParentRedrives
	to.FailedState, to.FailedPath = r.FailedState, r.FailedPath
	to.Start, to.Stop, to.Redriven = whole(r.Start), whole(r.Stop), whole(r.Redriven)
	to.Meta = bytes.Clone(r.Meta)
}

func (x *memoryExecution) storeRows(c *Change) {
	if c.Clear {
		clear(x.frames)
		clear(x.values)
	}
	for _, f := range c.Frames {
		x.frames[f.Frame] = bytes.Clone(f.Data)
	}
	for _, v := range c.Values {
		x.values[interp.ValueID{Frame: v.Frame, Number: v.Number}] = bytes.Clone(v.Data)
	}
	removed := make(map[interp.FrameID]bool, len(c.Removed))
	for _, id := range c.Removed {
		delete(x.frames, id)
		removed[id] = true
	}
	if len(removed) > 0 {
		maps.DeleteFunc(x.values, func(v interp.ValueID, _ []byte) bool { return removed[v.Frame] })
	}
	for _, id := range c.Dropped {
		delete(x.values, id)
	}
}

func (s *MemoryStore) delete(x *memoryExecution) {
	delete(s.executions, x.Record.Execution)
	i, _ := s.place(x.number)
	s.created = slices.Delete(s.created, i, i+1)
	for _, m := range s.inbox(x.Record.Execution, -1) {
		s.consume(m.ID)
	}
}

// place returns where in the order of creation an execution with the number is, or would be.
func (s *MemoryStore) place(number int64) (int, bool) {
	return slices.BinarySearchFunc(s.created, number, func(x *memoryExecution, n int64) int { return cmp.Compare(x.number, n) })
}

func (s *MemoryStore) send(m Message) {
	if s.messages[m.ID] != nil || !m.Queued() && s.executions[m.To] == nil {
		return
	}
	m.Data = bytes.Clone(m.Data)
	if s.inboxes[m.To] == nil {
		s.inboxes[m.To] = list.New()
	}
	s.messages[m.ID] = s.inboxes[m.To].PushBack(m)
	for listener := range s.listeners {
		select {
		case listener <- struct{}{}:
		default: // it has been told already
		}
	}
}

func (s *MemoryStore) consume(id string) {
	e := s.messages[id]
	if e == nil {
		return
	}
	delete(s.messages, id)
	to := e.Value.(Message).To
	if s.inboxes[to].Remove(e); s.inboxes[to].Len() == 0 {
		delete(s.inboxes, to)
	}
}

// inbox returns the messages to a destination, at most limit, or all if limit is negative.
func (s *MemoryStore) inbox(to string, limit int) (found []Message) {
	if s.inboxes[to] == nil {
		return nil
	}
	for e := s.inboxes[to].Front(); e != nil && len(found) != limit; e = e.Next() {
		m := e.Value.(Message)
		m.Data = bytes.Clone(m.Data)
		found = append(found, m)
	}
	return found
}

// whole cuts an instant off to whole milliseconds.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// Load implements Store.
func (s *MemoryStore) Load(ctx context.Context, id string) (*Stored, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.executions[id]
	if x == nil {
		return nil, ErrNotFound
	}
	loaded := x.Stored
	loaded.Record = x.described(false)
	loaded.State = bytes.Clone(x.State)
	for _, frame := range slices.Sorted(maps.Keys(x.frames)) {
		loaded.Frames = append(loaded.Frames, Row{Frame: frame, Data: bytes.Clone(x.frames[frame])})
	}
	byID := func(a, b interp.ValueID) int {
		return cmp.Or(cmp.Compare(a.Frame, b.Frame), cmp.Compare(a.Number, b.Number))
	}
	for _, value := range slices.SortedFunc(maps.Keys(x.values), byID) {
		loaded.Values = append(loaded.Values, Row{value.Frame, value.Number, bytes.Clone(x.values[value])})
	}
	loaded.Messages = s.inbox(id, -1)
	return &loaded, nil
}

// described returns the record, with Input and Output if they are asked for.
func (x *memoryExecution) described(data bool) Record {
	r := x.Record
	if !data {
		r.Input, r.Output = jsonvalue.Value{}, jsonvalue.Value{}
	}
	r.Meta = bytes.Clone(r.Meta)
	return r
}

// List implements Store.
func (s *MemoryStore) List(ctx context.Context, q Query) ([]Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.ID != "" {
		x := s.executions[q.ID]
		if x == nil {
			return nil, ErrNotFound
		}
		return []Record{x.described(true)}, nil
	}
	candidates, err := s.after(q)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(max(q.Limit, 0), PageSize)
	var found []Record
	for i := range candidates {
		if !q.Oldest {
			i = len(candidates) - 1 - i
		}
		if x := candidates[i]; len(found) < limit && q.wants(&x.Record) {
			found = append(found, x.described(q.Data))
		}
	}
	return found, nil
}

// after returns the executions that a page may be made of, oldest first.
func (s *MemoryStore) after(q Query) ([]*memoryExecution, error) {
	if q.After == "" {
		return s.created, nil
	}
	x := s.executions[q.After]
	if x == nil {
		return nil, ErrNotFound
	}
	i, _ := s.place(x.number)
	if q.Oldest {
		return s.created[i+1:], nil
	}
	return s.created[:i], nil
}

func (q *Query) wants(r *Record) bool {
	is := func(asked, there string) bool { return asked == "" || asked == there }
	return is(q.StateMachine, r.StateMachine) && is(q.Version, r.StateMachineVersion) && is(q.Alias, r.StateMachineAlias) &&
		is(q.MapRun, r.MapRun) && is(string(q.Status), string(r.Status)) &&
		(q.StoppedBefore.IsZero() || !r.Stop.IsZero() && r.Stop.Before(whole(q.StoppedBefore)))
}

// History implements Store.
func (s *MemoryStore) History(ctx context.Context, id string, after int64, limit int) ([]HistoryPart, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.executions[id]
	if x == nil {
		return nil, ErrNotFound
	}
	parts := slices.Values(x.history)
	if limit < 0 {
		parts = func(yield func(HistoryPart) bool) {
			for _, p := range slices.Backward(x.history) {
				if !yield(p) {
					return
				}
			}
		}
	}
	return Page(parts, after, limit), nil
}

// Definition implements Store.
func (s *MemoryStore) Definition(ctx context.Context, hash interp.Hash) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.definitions[hash]
	if text == nil {
		return nil, ErrNotFound
	}
	return bytes.Clone(text), nil
}

// memoryDocuments are documents with their keys in order.
type memoryDocuments struct {
	byKey  map[string]Document
	keys   []string
	writes int64
}

// Read implements Documents.
func (s *MemoryStore) Read(ctx context.Context, keys ...string) ([]Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make([]Document, len(keys))
	for i, key := range keys {
		found[i] = s.documents.read(key)
	}
	return found, nil
}

func (d *memoryDocuments) read(key string) Document {
	doc := d.byKey[key]
	return Document{Key: key, Revision: doc.Revision, Data: bytes.Clone(doc.Data)}
}

// Scan implements Documents.
func (s *MemoryStore) Scan(ctx context.Context, prefix, after string, limit int) ([]Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.documents
	i, _ := slices.BinarySearch(d.keys, max(prefix, after))
	limit = cmp.Or(max(limit, 0), PageSize)
	var found []Document
	for ; i < len(d.keys) && len(found) < limit && strings.HasPrefix(d.keys[i], prefix); i++ {
		if d.keys[i] > after {
			found = append(found, d.read(d.keys[i]))
		}
	}
	return found, nil
}

// Write implements Documents.
func (s *MemoryStore) Write(ctx context.Context, docs ...Document) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.documents
	for _, doc := range docs {
		if d.byKey[doc.Key].Revision != doc.Revision {
			return ErrConflict
		}
	}
	d.writes++
	for _, doc := range docs {
		d.write(doc)
	}
	return nil
}

func (d *memoryDocuments) write(doc Document) {
	i, there := slices.BinarySearch(d.keys, doc.Key)
	switch {
	case doc.Same:
	case doc.Data != nil:
		d.byKey[doc.Key] = Document{Key: doc.Key, Revision: d.writes, Data: bytes.Clone(doc.Data)}
		if !there {
			d.keys = slices.Insert(d.keys, i, doc.Key)
		}
	case there:
		delete(d.byKey, doc.Key)
		d.keys = slices.Delete(d.keys, i, i+1)
	}
}
