package history

import (
	"crypto/sha256"
	"slices"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
)

// Texts knows which texts the events of one execution hold that were stored so far, so that each is
// stored once. The zero Texts knows none. It may be thrown away between two
// calls: texts are stored again then. It is used by one goroutine at a time.
type Texts struct {
	places map[digest]place
}

// digest stands for a text: the texts themselves would take as much memory as the history.
type digest [16]byte

// place is where a text is.
type place struct {
	event int64
	field uint8
}

const (
	// sharedFrom is how long a text is, in bytes, that is stored once. A shorter one costs less
	// than what finds it.
	sharedFrom = 64
	// knownTexts is how many texts are known. When there are more, all are forgotten.
	knownTexts = 4096
)

// AppendEvents appends the stored form of events that follow each other, and follow the events of
// the calls before. It is compact: a text that occurs again, as the output of one state
// and the input of the next, is stored once. The form is versioned, and every later version
// reads it. Execution is not part of it.
func (t *Texts) AppendEvents(dst []byte, events []Event) []byte {
	w := writer{dst: append(slices.Grow(dst, 96*len(events)), storedVersion), texts: t}
	if len(events) > 0 {
		w.at = events[0].Time.UnixMilli()
		w.number(events[0].ID)
		w.number(w.at)
	}
	for i := range events {
		w.event(&events[i])
	}
	return w.dst
}

// writer appends events. at is the instant of the event before, in milliseconds.
type writer struct {
	dst   []byte
	texts *Texts
	at    int64

	recent [4]seen // values that were written last
	next   int     // place in recent
}

// seen is a value that an event holds.
type seen struct {
	value jsonvalue.Value
	at    place
}

func (w *writer) number(n int64) { w.dst = wire.AppendInt(w.dst, n) }

func (w *writer) event(e *Event) {
	number := typeNumbers[e.Type]
	w.dst = wire.AppendUint(w.dst, number)
	if number == 0 {
		w.dst = wire.AppendText(w.dst, e.Type)
	}
	at := e.Time.UnixMilli()
	w.number(e.ID - e.PreviousID)
	w.number(at - w.at)
	w.at = at
	bits := uint64(0)
	for i := range fields {
		if fields[i].there(e) {
			bits |= 1 << i
		}
	}
	w.dst = wire.AppendUint(w.dst, bits)
	for i := range fields {
		if bits&(1<<i) != 0 {
			w.field(place{e.ID, uint8(i)}, e)
		}
	}
}

func (w *writer) field(at place, e *Event) {
	begin := len(w.dst)
	switch f := &fields[at.field]; {
	case f.text != nil:
		w.dst = append(w.dst, *f.text(e)...)
		w.share(begin, at, 't')
	case f.value != nil:
		w.value(begin, at, f.value(e))
	case f.number != nil:
		w.number(*f.number(e))
	case f.count != nil:
		w.number(int64(*f.count(e)))
	}
}

// value appends a value. One state often passes on to the next the value itself, which need not be
// printed to see that it is stored already.
func (w *writer) value(begin int, at place, v *jsonvalue.Value) {
	for i := range w.recent {
		if r := &w.recent[i]; r.value.Same(*v) {
			w.refer(at, r.at)
			return
		}
	}
	w.dst = v.AppendJSON(w.dst)
	if known, shared := w.share(begin, at, 'v'); shared {
		w.recent[w.next] = seen{*v, known}
		w.next = (w.next + 1) % len(w.recent)
	}
}

// refer appends a reference: twice the number of events since the one that holds a text, plus one, and
// the number of the field.
func (w *writer) refer(at, known place) {
	w.dst = append(wire.AppendUint(w.dst, uint64(at.event-known.event)*2+1), known.field)
}

// share puts twice the length before a text that has just been appended; or, if an event before has
// the text, it puts a reference in its place. It returns where the text is stored now, and whether others
// may refer to it. Texts and values do not share theirs.
func (w *writer) share(begin int, at place, kind byte) (known place, shared bool) {
	size := len(w.dst) - begin
	if shared = size >= sharedFrom; shared {
		w.dst = append(w.dst, kind) // the digest tells texts from values
		sum := sha256.Sum256(w.dst[begin:])
		w.dst = w.dst[:begin+size]
		key := digest(sum[:len(digest{})])
		if known, ok := w.texts.places[key]; ok {
			w.dst = w.dst[:begin]
			w.refer(at, known)
			return known, true
		}
		w.texts.add(key, at)
	}
	w.dst = wire.InsertUint(w.dst, begin, uint64(size)*2)
	return at, shared
}

func (t *Texts) add(key digest, at place) {
	if t.places == nil || len(t.places) >= knownTexts {
		t.places = make(map[digest]place)
	}
	t.places[key] = at
}
