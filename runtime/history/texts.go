package history

import (
	"crypto/sha256"
	"slices"

	"github.com/statemill/statemill/internal/wire"
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
		w.dst = f.value(e).AppendJSON(w.dst)
		w.share(begin, at, 'v')
	case f.number != nil:
		w.number(*f.number(e))
	case f.count != nil:
		w.number(int64(*f.count(e)))
	}
}

// share puts twice the length before a text that has just been appended; or, if an event before has
// the text, it replaces the text by twice the number of events since that one, plus one, and the
// number of the field. Texts and values do not share theirs.
func (w *writer) share(begin int, at place, kind byte) {
	size := len(w.dst) - begin
	if size >= sharedFrom {
		w.dst = append(w.dst, kind) // the digest tells texts from values
		sum := sha256.Sum256(w.dst[begin:])
		key := digest(sum[:len(digest{})])
		if known, ok := w.texts.places[key]; ok {
			w.dst = append(wire.AppendUint(w.dst[:begin], uint64(at.event-known.event)*2+1), known.field)
			return
		}
		w.texts.add(key, at)
		w.dst = w.dst[:begin+size]
	}
	var room [10]byte
	w.dst = slices.Insert(w.dst, begin, wire.AppendUint(room[:0], uint64(size)*2)...)
}

func (t *Texts) add(key digest, at place) {
	if t.places == nil || len(t.places) >= knownTexts {
		t.places = make(map[digest]place)
	}
	t.places[key] = at
}
