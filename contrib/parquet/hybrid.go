package parquet

import "encoding/binary"

// hybrid reads small numbers: runs of one, and others that are packed, eight at a time.
type hybrid struct {
	data  []byte
	width int // bits of a number
	run   int64
	value uint32
	bits  bitReader // of numbers that are packed
	packs bool      // the run is of them
}

func (h *hybrid) next() (uint32, error) {
	for h.run == 0 {
		if err := h.begin(); err != nil {
			return 0, err
		}
	}
	h.run--
	if !h.packs {
		return h.value, nil
	}
	n, ok := h.bits.next(h.width)
	if !ok {
		return 0, errEarly
	}
	return uint32(n), nil
}

// begin begins a run.
func (h *hybrid) begin() error {
	head, n := binary.Uvarint(h.data)
	if n <= 0 || head > 1<<32 {
		return errEarly
	}
	h.data = h.data[n:]
	if h.packs = head&1 == 1; h.packs {
		h.run = int64(head>>1) * 8
		size := min(int64(head>>1)*int64(h.width), int64(len(h.data))) // the last may be cut
		h.bits = bitReader{data: h.data[:size]}
		h.data = h.data[size:]
		return nil
	}
	h.run = int64(head >> 1)
	size := (h.width + 7) / 8
	if size > len(h.data) {
		return errEarly
	}
	h.value = 0
	for i, b := range h.data[:size] {
		h.value |= uint32(b) << (8 * i)
	}
	h.value &= 1<<h.width - 1 // some writers set bits that are of no number
	h.data = h.data[size:]
	return nil
}

// bitReader reads numbers of some bits, the lowest first.
type bitReader struct {
	data []byte
	have uint64
	bits int // of have
}

func (b *bitReader) next(width int) (n uint64, ok bool) {
	if width > 56 {
		low, _ := b.next(32)
		high, ok := b.next(width - 32)
		return low | high<<32, ok
	}
	for b.bits < width {
		if len(b.data) == 0 {
			return 0, false
		}
		b.have |= uint64(b.data[0]) << b.bits
		b.data, b.bits = b.data[1:], b.bits+8
	}
	n = b.have & (1<<width - 1)
	b.have >>= width
	b.bits -= width
	return n, true
}

// level reads a level.
func (h *hybrid) level(most int) (int, error) {
	n, err := h.next()
	if err == nil && n > uint32(most) {
		err = errNotRows
	}
	return int(n), err
}
