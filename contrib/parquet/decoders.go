package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

// decoder decodes the values of a page one after the other.
type decoder interface {
	next() (jsonvalue.Value, error)
}

// The encodings of values.
const (
	encodedPlain           = 0
	encodedPlainDictionary = 2
	encodedRLE             = 3
	encodedDelta           = 5
	encodedDeltaLength     = 6
	encodedDeltaBytes      = 7
	encodedDictionary      = 8
	encodedByteStreamSplit = 9
)

// scalar is a value as it is stored: numbers and booleans are bits, the others bytes, which are valid until the next
// one.
type scalar struct {
	bits  uint64
	bytes []byte
}

// scalars decodes values as they are stored.
type scalars interface {
	next() (scalar, error)
}

// converting makes JSON of what is stored.
type converting struct {
	scalars
	leaf *leaf
}

func (c converting) next() (jsonvalue.Value, error) {
	s, err := c.scalars.next()
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return c.leaf.convert(s)
}

// decoderOf returns what decodes values of the column.
func (c *column) decoderOf(encoding int64, data []byte) (decoder, error) {
	var s scalars
	var err error
	switch {
	case encoding == encodedPlain:
		return c.plain(data)
	case encoding == encodedDictionary || encoding == encodedPlainDictionary:
		return c.numbered(data)
	case encoding == encodedRLE && c.physical == booleans:
		s, err = runsOf(data)
	case encoding == encodedDelta && (c.physical == int32s || c.physical == int64s):
		s, err = deltasOf(data, c.physical == int32s)
	case encoding == encodedDeltaLength && c.physical == byteArrays:
		s, err = lengthsAndBytes(data)
	case encoding == encodedDeltaBytes && (c.physical == byteArrays || c.physical == fixedArrays):
		s, err = prefixesAndBytes(data, c.width())
	case encoding == encodedByteStreamSplit && c.width() > 0:
		s = &split{data: data, width: c.width(), asBits: c.asBits()}
	default:
		err = fmt.Errorf("encoding %d is not supported for its type", encoding)
	}
	return converting{s, c.leaf}, err
}

// asBits reports whether a scalar has a value as bits.
func (l *leaf) asBits() bool {
	return l.physical != int96s && l.physical != byteArrays && l.physical != fixedArrays
}

// plain returns what decodes values that stand as they are.
func (c *column) plain(data []byte) (decoder, error) {
	switch {
	case c.physical == booleans:
		return converting{&packedBooleans{bitReader{data: data}}, c.leaf}, nil
	case c.physical == byteArrays:
		return converting{&plainBytes{data}, c.leaf}, nil
	}
	return converting{&plainFixed{data, c.width(), c.asBits()}, c.leaf}, nil
}

type packedBooleans struct{ bitReader }

func (p *packedBooleans) next() (scalar, error) {
	bit, ok := p.bitReader.next(1)
	if !ok {
		return scalar{}, errEarly
	}
	return scalar{bits: bit}, nil
}

// plainBytes are texts, each behind its length.
type plainBytes struct{ data []byte }

func (p *plainBytes) next() (scalar, error) {
	if len(p.data) < 4 {
		return scalar{}, errEarly
	}
	n := binary.LittleEndian.Uint32(p.data)
	if p.data = p.data[4:]; uint64(n) > uint64(len(p.data)) {
		return scalar{}, errEarly
	}
	s := scalar{bytes: p.data[:n]}
	p.data = p.data[n:]
	return s, nil
}

// plainFixed are values of one width.
type plainFixed struct {
	data   []byte
	width  int
	asBits bool
}

func (p *plainFixed) next() (scalar, error) {
	if len(p.data) < p.width {
		return scalar{}, errEarly
	}
	b := p.data[:p.width]
	p.data = p.data[p.width:]
	return fixed(b, p.asBits), nil
}

func fixed(b []byte, asBits bool) scalar {
	switch {
	case !asBits:
		return scalar{bytes: b}
	case len(b) == 4:
		return scalar{bits: uint64(binary.LittleEndian.Uint32(b))}
	}
	return scalar{bits: binary.LittleEndian.Uint64(b)}
}

// numbered are values of the dictionary, by their numbers.
type numbered struct {
	numbers    hybrid
	dictionary []jsonvalue.Value
}

func (c *column) numbered(data []byte) (decoder, error) {
	if len(data) == 0 { // all values are null
		return &numbered{}, nil
	}
	if data[0] > 32 {
		return nil, errors.New("numbers of the dictionary have more than 32 bits")
	}
	return &numbered{hybrid{data: data[1:], width: int(data[0])}, c.dictionary}, nil
}

func (n *numbered) next() (jsonvalue.Value, error) {
	i, err := n.numbers.next()
	if err == nil && uint64(i) >= uint64(len(n.dictionary)) {
		err = errors.New("a value is not in the dictionary")
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return n.dictionary[i], nil
}

// runs are booleans in runs.
type runs struct{ hybrid }

func runsOf(data []byte) (*runs, error) {
	if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
		return nil, errEarly
	}
	return &runs{hybrid{data: data[4:], width: 1}}, nil
}

func (r *runs) next() (scalar, error) {
	n, err := r.hybrid.next()
	return scalar{bits: uint64(n)}, err
}

// split has the first bytes of all values, then the second ones, and so on.
type split struct {
	data   []byte
	width  int
	asBits bool
	at     int
	value  []byte
}

func (s *split) next() (scalar, error) {
	n := len(s.data) / s.width
	if s.at == n {
		return scalar{}, errEarly
	}
	s.value = s.value[:0]
	for i := range s.width {
		s.value = append(s.value, s.data[i*n+s.at])
	}
	s.at++
	return fixed(s.value, s.asBits), nil
}
