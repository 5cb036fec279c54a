package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// compact reads what is written in Thrift's compact protocol. After the first error, all that is read
// is zero.
type compact struct {
	in    *bufio.Reader
	depth int
	err   error
}

// The types of the protocol.
const (
	isTrue   = 1
	isFalse  = 2
	isByte   = 3
	isInt16  = 4
	isInt32  = 5
	isInt64  = 6
	isDouble = 7
	isBinary = 8
	isList   = 9
	isSet    = 10
	isMap    = 11
	isStruct = 12
	isUUID   = 13
)

// maxThrift is how deep structures may nest.
const maxThrift = 32

func (t *compact) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

func (t *compact) byte() byte {
	if t.err != nil {
		return 0
	}
	b, err := t.in.ReadByte()
	t.note(err)
	return b
}

// note notes an error of the reader. Nothing that is begun may end early.
func (t *compact) note(err error) {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if t.err == nil {
		t.err = err
	}
}

func (t *compact) uvarint() uint64 {
	if t.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(t.in)
	t.note(err)
	return n
}

// fields calls each with the fields of a structure; it reads the value of each, or skips it.
func (t *compact) fields(each func(id int64, kind byte)) {
	if t.depth++; t.depth > maxThrift {
		t.fail("structures nest more than %d deep", maxThrift)
	}
	for id := int64(0); t.err == nil; {
		b := t.byte()
		if b&15 == 0 || t.err != nil {
			break
		}
		if b>>4 != 0 {
			id += int64(b >> 4)
		} else {
			id = zigzag(t.uvarint())
		}
		each(id, b&15)
	}
	t.depth--
}

// list calls each for the elements of a list.
func (t *compact) list(kind byte, each func(kind byte)) {
	if kind != isList && kind != isSet {
		t.fail("a list was expected")
		return
	}
	b := t.byte()
	n := uint64(b >> 4)
	if n == 15 {
		n = t.uvarint()
	}
	for i := uint64(0); i < n && t.err == nil; i++ {
		each(b & 15)
	}
}

// structure reads a structure that stands where kind says what does.
func (t *compact) structure(kind byte, each func(id int64, kind byte)) {
	if kind != isStruct {
		t.fail("a structure was expected")
		return
	}
	t.fields(each)
}

func (t *compact) int(kind byte) int64 {
	switch kind {
	case isByte:
		return int64(int8(t.byte()))
	case isInt16, isInt32, isInt64:
		return zigzag(t.uvarint())
	}
	t.fail("a number was expected")
	return 0
}

// size reads a number of 32 bits that must not be negative.
func (t *compact) size(kind byte) int {
	n := t.int(kind)
	if n < 0 || n > 1<<31-1 {
		t.fail("a size of %d", n)
		return 0
	}
	return int(n)
}

func (t *compact) bool(kind byte) bool {
	if kind != isTrue && kind != isFalse {
		t.fail("a boolean was expected")
	}
	return kind == isTrue
}

// text reads a text of a footer, which is not large.
func (t *compact) text(kind byte) string {
	if kind != isBinary {
		t.fail("a text was expected")
		return ""
	}
	n := t.uvarint()
	if n > maxFooter {
		t.fail("a text of %d bytes", n)
	}
	if t.err != nil {
		return ""
	}
	b := make([]byte, n)
	_, err := io.ReadFull(t.in, b)
	t.note(err)
	return string(b)
}

// skip goes behind a value.
func (t *compact) skip(kind byte) {
	switch kind {
	case isTrue, isFalse:
	case isByte:
		t.byte()
	case isInt16, isInt32, isInt64:
		t.uvarint()
	case isDouble:
		t.discard(8)
	case isUUID:
		t.discard(16)
	case isBinary:
		t.discard(t.uvarint())
	case isList, isSet:
		t.list(kind, t.skipElement)
	case isMap:
		t.skipMap()
	case isStruct:
		t.fields(func(_ int64, kind byte) { t.skip(kind) })
	default:
		t.fail("type %d is none", kind)
	}
}

// skipElement goes behind an element of a list: there, booleans are bytes.
func (t *compact) skipElement(kind byte) {
	if kind == isTrue || kind == isFalse {
		kind = isByte
	}
	if t.depth++; t.depth > maxThrift { // lists of lists
		t.fail("structures nest more than %d deep", maxThrift)
	}
	t.skip(kind)
	t.depth--
}

func (t *compact) skipMap() {
	n := t.uvarint()
	if n == 0 {
		return
	}
	kinds := t.byte()
	for i := uint64(0); i < n && t.err == nil; i++ {
		t.skipElement(kinds >> 4)
		t.skipElement(kinds & 15)
	}
}

func (t *compact) discard(n uint64) {
	if n > 1<<31-1 {
		t.fail("a value of %d bytes", n)
	}
	if t.err == nil {
		_, err := t.in.Discard(int(n))
		t.note(err)
	}
}

func zigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

var errEarly = errors.New("it ends early")
