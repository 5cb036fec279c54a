package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// rows are the items of one object.
type rows interface {
	next() (interp.Item, error) // errEnd at the end
	mark(at *cursor)            // notes where the next item begins
	close() error
}

// errEnd says that an object has no more items.
var errEnd = errors.New("no more items")

// text is an object after decompression, from an offset on.
type text struct {
	*bufio.Reader
	offset int64 // of the next byte
	closes []io.Closer
}

// open returns the text of an object from the offset of the cursor on.
func (d *Reader) open(raw io.ReadCloser, key string) (*text, error) {
	t := &text{closes: []io.Closer{raw}, offset: d.at.Offset}
	if !packed(key) {
		t.Reader = bufio.NewReaderSize(raw, 64<<10)
		return t, nil
	}
	unpacked, err := d.unpacked(raw, key)
	if err != nil {
		return nil, err
	}
	t.closes = append(t.closes, unpacked)
	if _, err := io.CopyN(io.Discard, unpacked, t.offset); err != nil && err != io.EOF {
		return nil, errors.Join(fmt.Errorf("dataset: %s: %w", key, err), unpacked.Close())
	}
	t.Reader = bufio.NewReaderSize(unpacked, 64<<10)
	return t, nil
}

// unpacked decompresses an object.
func (d *Reader) unpacked(raw io.Reader, key string) (unpacked io.ReadCloser, err error) {
	switch {
	case !zstd(key):
		unpacked, err = gzip.NewReader(raw)
	case d.formats.Zstd == nil:
		return nil, errZstd(key)
	default:
		unpacked, err = d.formats.Zstd(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", key, err)
	}
	return unpacked, nil
}

// packed reports whether an object is compressed, so that an offset in it cannot be reached without
// reading it.
func packed(key string) bool { return strings.HasSuffix(key, ".gz") || zstd(key) }

// zstd reports whether an object is compressed by zstd, as its key says.
func zstd(key string) bool { return strings.HasSuffix(key, ".zst") || strings.HasSuffix(key, ".zstd") }

func (t *text) close() error {
	var errs []error
	for i := len(t.closes) - 1; i >= 0; i-- {
		errs = append(errs, t.closes[i].Close())
	}
	return errors.Join(errs...)
}

// line returns the next line without its end; ok is false at the end of the text.
func (t *text) line() (line []byte, ok bool, err error) {
	for {
		part, err := t.ReadSlice('\n')
		t.offset += int64(len(part))
		line = append(line, part...)
		switch {
		case len(line) > maxItem:
			return nil, false, tooLarge
		case err == nil:
			return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), true, nil
		case err == io.EOF:
			return line, len(line) > 0, nil
		case err != bufio.ErrBufferFull:
			return nil, false, err
		}
	}
}

const tooLarge = refusal("An item is larger than 8 MB.")

// skipMark leaves out a byte order mark at the beginning.
func (t *text) skipMark() {
	if mark, _ := t.Peek(3); t.offset == 0 && string(mark) == "\xEF\xBB\xBF" {
		_, _ = t.Discard(3)
		t.offset = 3
	}
}

// lineRows are the lines of JSONL. Empty ones are none.
type lineRows struct{ *text }

func (l lineRows) next() (interp.Item, error) {
	for {
		line, ok, err := l.line()
		if err != nil || !ok {
			return interp.Item{}, cmpError(err, errEnd)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		v, err := jsonvalue.Parse(line)
		if err != nil {
			return interp.Item{}, fmt.Errorf("dataset: a line of JSONL before byte %d: %w", l.offset, err)
		}
		return interp.Item{Value: v}, nil
	}
}

func (l lineRows) mark(at *cursor) { at.Offset = l.offset }

func cmpError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

var errEarly = errors.New("dataset: the JSON ends early")

// elementRows are the elements of a JSON array, or the members of an object.
type elementRows struct {
	*text
	decoder *json.Decoder
	base    int64 // the offset of the object at which the decoder begins
	begun   bool
	object  bool
	where   string
}

// elements goes to the value whose elements are the items.
func elements(t *text, p *plan, at *cursor) (*elementRows, error) {
	e := &elementRows{text: t, base: at.Offset, object: at.Object, where: p.where}
	var from io.Reader = t
	if at.Within { // behind an element: its comma, if there is one, makes way for a bracket
		opening := "["
		if at.Object {
			opening = "{"
		}
		rest, err := e.behind(t)
		if err != nil {
			return nil, err
		}
		from, e.base = io.MultiReader(strings.NewReader(opening), rest), e.base-1
	} else {
		t.skipMark()
		e.base = t.offset
	}
	e.decoder = json.NewDecoder(from)
	e.decoder.UseNumber()
	if at.Within {
		_, err := e.decoder.Token()
		return e, err
	}
	return e, e.enter(p.pointer)
}

// behind leaves out the comma that follows on an element.
func (e *elementRows) behind(t *text) (io.Reader, error) {
	for {
		b, err := t.ReadByte()
		if err != nil {
			return nil, errEarly
		}
		switch b {
		case ' ', '\t', '\n', '\r':
			e.base++
		case ',':
			e.base++
			return t, nil
		default:
			return t, t.UnreadByte()
		}
	}
}

// enter goes to what a pointer of RFC 6901 points to, and into it.
func (e *elementRows) enter(pointer string) error {
	steps := strings.Split(pointer, "/")
	for _, step := range steps[1:] {
		found, err := e.descend(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
		if err != nil {
			return err
		}
		if !found {
			return refusal(e.where + "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.")
		}
	}
	token, err := e.decoder.Token()
	if err != nil {
		return fmt.Errorf("dataset: no JSON: %w", err)
	}
	switch token {
	case json.Delim('['):
	case json.Delim('{'):
		e.object = true
	default:
		return refusal("Attempting to map over non-iterable node.")
	}
	return nil
}

// descend goes to a member of the value that comes next, or to an element.
func (e *elementRows) descend(step string) (found bool, err error) {
	token, err := e.decoder.Token()
	if err != nil {
		return false, fmt.Errorf("dataset: no JSON: %w", err)
	}
	switch token {
	case json.Delim('{'):
		for e.decoder.More() {
			name, err := e.decoder.Token()
			if err != nil || name == step {
				return err == nil, err
			}
			if err := e.pass(); err != nil {
				return false, err
			}
		}
	case json.Delim('['):
		for i := 0; e.decoder.More(); i++ {
			if fmt.Sprint(i) == step {
				return true, nil
			}
			if err := e.pass(); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// pass goes behind the value that comes next, in little memory.
func (e *elementRows) pass() error {
	for depth := 0; ; {
		token, err := e.decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (e *elementRows) next() (item interp.Item, err error) {
	if !e.decoder.More() {
		if _, err := e.decoder.Token(); err != nil {
			return item, errEarly
		}
		return item, errEnd
	}
	if e.object {
		name, err := e.decoder.Token()
		if err != nil {
			return item, err
		}
		item.Key, item.Keyed = name.(string), true
	}
	var raw json.RawMessage
	if err := e.decoder.Decode(&raw); err != nil {
		return item, fmt.Errorf("dataset: no JSON: %w", err)
	}
	if len(raw) > maxItem {
		return item, tooLarge
	}
	v, err := jsonvalue.Parse(raw)
	if err != nil {
		return item, fmt.Errorf("dataset: an element before byte %d: %w", e.base+e.decoder.InputOffset(), err)
	}
	if e.object {
		v = jsonvalue.Object(jsonvalue.Member{Name: "Key", Value: jsonvalue.String(item.Key)}, jsonvalue.Member{Name: "Value", Value: v})
	}
	item.Value, e.begun = v, true
	return item, nil
}

func (e *elementRows) mark(at *cursor) {
	at.Offset, at.Within, at.Object = e.base+e.decoder.InputOffset(), true, e.object
}
