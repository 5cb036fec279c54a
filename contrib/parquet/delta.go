package parquet

import (
	"encoding/binary"
	"errors"
)

// deltas are whole numbers as differences, in blocks: each has the least one, and parts of some
// width for what the others have more.
type deltas struct {
	data   []byte
	size   int   // values of a part
	parts  int   // of a block
	left   int64 // values that are still to come
	value  int64 // the next one
	narrow bool  // 32 bits

	least  int64
	widths []byte // of the parts of the block that are to come
	bits   bitReader
	width  int
	inPart int
}

var errDeltas = errors.New("differences are in blocks of a form that is none")

func deltasOf(data []byte, narrow bool) (*deltas, error) {
	d := &deltas{data: data, narrow: narrow}
	block, parts, count := d.uvarint(), d.uvarint(), d.uvarint()
	d.value = zigzag(d.uvarint())
	if d.data == nil {
		return nil, errEarly
	}
	if parts == 0 || block > 1<<20 || block%parts != 0 || block/parts == 0 || block/parts%8 != 0 || count > 1<<31 {
		return nil, errDeltas
	}
	d.size, d.parts, d.left = int(block/parts), int(parts), int64(count)
	return d, nil
}

// uvarint reads a number; after the end of the data there is none left at all.
func (d *deltas) uvarint() uint64 {
	n, size := binary.Uvarint(d.data)
	if size <= 0 {
		d.data = nil
		return 0
	}
	d.data = d.data[size:]
	return n
}

func (d *deltas) next() (scalar, error) {
	n, err := d.number()
	return scalar{bits: uint64(n)}, err
}

func (d *deltas) number() (int64, error) {
	if d.left == 0 {
		return 0, errEarly
	}
	d.left--
	n := d.value
	if d.narrow {
		n = int64(int32(n))
	}
	if d.left == 0 {
		return n, nil
	}
	if d.inPart == 0 {
		if err := d.beginPart(); err != nil {
			return 0, err
		}
	}
	d.inPart--
	more, ok := d.bits.next(d.width)
	if !ok {
		return 0, errEarly
	}
	d.value += d.least + int64(more)
	return n, nil
}

// beginPart goes to the next part, or block.
func (d *deltas) beginPart() error {
	if len(d.widths) == 0 {
		if d.least = zigzag(d.uvarint()); d.parts > len(d.data) {
			return errEarly
		}
		d.widths, d.data = d.data[:d.parts], d.data[d.parts:]
	}
	d.width, d.widths = int(d.widths[0]), d.widths[1:]
	size := d.size / 8 * d.width
	if d.width > 64 || size > len(d.data) {
		return errDeltas
	}
	d.bits = bitReader{data: d.data[:size]}
	d.data, d.inPart = d.data[size:], d.size
	return nil
}

// behind returns what follows on all numbers. A part may be many numbers in no byte at all, so it goes from
// part to part.
func (d deltas) behind() ([]byte, error) {
	for d.left > 1 { // the first one is in no part
		if err := d.beginPart(); err != nil {
			return nil, err
		}
		d.left -= int64(d.size)
	}
	return d.data, nil
}

// lengthened are texts behind the lengths of all.
type lengthened struct {
	lengths *deltas
	data    []byte
}

func lengthsAndBytes(data []byte) (*lengthened, error) {
	lengths, err := deltasOf(data, true)
	if err != nil {
		return nil, err
	}
	rest, err := lengths.behind()
	return &lengthened{lengths, rest}, err
}

func (l *lengthened) next() (scalar, error) {
	n, err := l.lengths.number()
	if err == nil && (n < 0 || n > int64(len(l.data))) {
		err = errEarly
	}
	if err != nil {
		return scalar{}, err
	}
	s := scalar{bytes: l.data[:n]}
	l.data = l.data[n:]
	return s, nil
}

// prefixed are texts that begin as the one before does.
type prefixed struct {
	prefixes *deltas // how many bytes are the same
	rest     *lengthened
	width    int // of all; 0: it differs
	last     []byte
}

func prefixesAndBytes(data []byte, width int) (*prefixed, error) {
	prefixes, err := deltasOf(data, true)
	if err != nil {
		return nil, err
	}
	behind, err := prefixes.behind()
	if err != nil {
		return nil, err
	}
	rest, err := lengthsAndBytes(behind)
	return &prefixed{prefixes: prefixes, rest: rest, width: width}, err
}

func (p *prefixed) next() (scalar, error) {
	n, err := p.prefixes.number()
	if err != nil {
		return scalar{}, err
	}
	rest, err := p.rest.next()
	if err == nil && (n < 0 || n > int64(len(p.last)) || p.width > 0 && int(n)+len(rest.bytes) != p.width) {
		err = errEarly
	}
	if int(n)+len(rest.bytes) > maxRow {
		err = errLargeRow
	}
	if err != nil {
		return scalar{}, err
	}
	p.last = append(p.last[:n], rest.bytes...)
	return scalar{bytes: p.last}, nil
}
