// Package wire holds the primitives of the binary stored forms: numbers of
// variable length, and texts after their length.
package wire

import (
	"encoding/binary"
	"errors"
	"slices"
)

// AppendInt appends a number that may be negative.
func AppendInt(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

// AppendUint appends a number that is not negative.
func AppendUint(dst []byte, n uint64) []byte { return binary.AppendUvarint(dst, n) }

// AppendText appends a text.
func AppendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// InsertLength puts its length before a text that was appended from begin on, as AppendText does.
func InsertLength(dst []byte, begin int) []byte {
	return InsertUint(dst, begin, uint64(len(dst)-begin))
}

// InsertUint puts a number before what was appended from begin on.
func InsertUint(dst []byte, begin int, n uint64) []byte {
	var room [binary.MaxVarintLen64]byte
	return slices.Insert(dst, begin, binary.AppendUvarint(room[:0], n)...)
}

// AppendBool appends a truth value.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// ErrMalformed reports bytes that are not what was written.
var ErrMalformed = errors.New("malformed stored bytes")

// Reader reads what the functions above append, in the same order. After an error
// everything that it returns is zero, so that one look at Err, or End, is enough.
type Reader struct {
	data []byte
	err  error
}

// NewReader returns a Reader of data, which must not change while it reads.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err returns ErrMalformed if something was read that is not there.
func (r *Reader) Err() error { return r.err }

// End returns Err, or ErrMalformed if bytes are left: a form has no room for what
// this version does not know.
func (r *Reader) End() error {
	if len(r.data) > 0 {
		r.fail()
	}
	return r.err
}

// More reports whether bytes are left.
func (r *Reader) More() bool { return r.err == nil && len(r.data) > 0 }

func (r *Reader) fail() { r.data, r.err = nil, ErrMalformed }

// Int reads a number that may be negative.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// Uint reads a number that is not negative.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// Count reads a number of things of which each takes at least one byte, so that
// no number asks for more memory than there are bytes.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.data)) {
		r.fail()
		return 0
	}
	return int(n)
}

// Bytes reads n bytes, which are part of the data.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.fail()
		return nil
	}
	read := r.data[:n]
	r.data = r.data[n:]
	return read
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads a truth value.
func (r *Reader) Bool() bool {
	b := r.Byte()
	if b > 1 {
		r.fail()
	}
	return b == 1
}

// Text reads a text.
func (r *Reader) Text() string { return string(r.Bytes(r.Count())) }
