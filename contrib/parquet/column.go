package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/statemill/statemill/jsonvalue"
)

// column reads the values of a column, in the present row group. It stands at one: its levels are known, and
// value decodes it.
type column struct {
	*leaf
	pages  *pages
	file   io.ReaderAt
	in     *bufio.Reader
	chunk  *chunk
	behind int64 // how many values the pages have that were begun

	over       bool // the row group has no more values
	repetition int  // levels of the present one
	defined    int

	page        []byte // decompressed
	left        int    // values of the page behind the present one
	repetitions hybrid
	definitions hybrid
	values      decoder
	dictionary  []jsonvalue.Value
	held        int64 // bytes of the dictionary
}

func newColumn(file io.ReaderAt, window int, p *pages, l *leaf) (*column, error) {
	if err := p.take(int64(window)); err != nil {
		return nil, err
	}
	return &column{leaf: l, pages: p, file: file, in: bufio.NewReaderSize(nil, window)}, nil
}

var errNotRows = errors.New("the values do not make up the rows of the row group")

// enter goes to the first value of a row group.
func (c *column) enter(at *chunk) error {
	if c.chunk != nil && !c.over {
		return errNotRows
	}
	c.chunk, c.behind, c.over, c.left = at, 0, false, 0
	c.pages.left += c.held
	c.dictionary, c.held = nil, 0
	c.in.Reset(io.NewSectionReader(c.file, at.from, at.size))
	return c.advance()
}

// advance goes to the next value.
func (c *column) advance() error {
	for c.left == 0 {
		if c.behind >= c.chunk.values {
			c.over, c.repetition, c.defined = true, 0, 0
			return nil
		}
		h, err := c.readHeader()
		if err == nil {
			err = c.load(h)
		}
		if err != nil {
			return err
		}
	}
	c.left--
	var err error
	if c.maxRepetition > 0 {
		if c.repetition, err = c.repetitions.level(c.maxRepetition); err != nil {
			return err
		}
	}
	if c.definition > 0 {
		c.defined, err = c.definitions.level(c.definition)
	}
	return err
}

// value returns the present value, if it is there.
func (c *column) value() (jsonvalue.Value, error) {
	if c.defined < c.definition {
		return jsonvalue.Value{}, nil
	}
	return c.values.next()
}

// skip goes over rows.
func (c *column) skip(n int64) error {
	if c.maxRepetition == 0 && n > int64(c.left) {
		n -= int64(c.left) + 1
		c.left = 0
		if err := c.skipPages(&n); err != nil {
			return err
		}
	}
	for ; n > 0 && !c.over; n-- {
		for next := false; !next; next = c.repetition == 0 {
			if _, err := c.value(); err != nil {
				return err
			}
			if err := c.advance(); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipPages goes to the first value of the page in which n rows end, if each row is a value.
func (c *column) skipPages(n *int64) error {
	for c.left == 0 && c.behind < c.chunk.values {
		h, err := c.readHeader()
		if err != nil {
			return err
		}
		if h.kind == dictionaryPage || int64(h.values) > *n {
			err = c.load(h)
		} else {
			*n -= int64(h.values)
			c.behind += int64(h.values)
			_, err = c.in.Discard(h.packed)
		}
		if err != nil {
			return asEarly(err)
		}
	}
	return c.advance()
}

// load reads a page.
func (c *column) load(h *header) (err error) {
	if int64(h.packed) > c.chunk.size {
		return errEarly
	}
	if c.pages.packed, err = c.pages.buffer(c.pages.packed, h.packed); err != nil {
		return err
	}
	packed := c.pages.packed
	if _, err := io.ReadFull(c.in, packed); err != nil {
		return asEarly(err)
	}
	if h.checked && crc32.ChecksumIEEE(packed) != h.sum {
		return errors.New("a page is damaged: its checksum differs")
	}
	switch h.kind {
	case dictionaryPage:
		return c.loadDictionary(h, packed)
	case dataPage, dataPage2:
		return c.loadData(h, packed)
	}
	return nil // an index, or what is not known
}

func asEarly(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errEarly
	}
	return err
}

// loadData begins a page of values.
func (c *column) loadData(h *header, packed []byte) error {
	if c.behind += int64(h.values); c.behind > c.chunk.values {
		return errNotRows
	}
	plain := 0 // bytes that are never compressed
	if h.kind == dataPage2 {
		if most := min(h.size, len(packed)); h.repetitions > most || h.definitions > most-h.repetitions {
			return errPageSize
		}
		plain = h.repetitions + h.definitions
	}
	codec := c.chunk.codec
	if h.plain {
		codec = plainPages
	}
	page, err := c.pages.buffer(c.page, h.size)
	if err != nil {
		return err
	}
	c.page = page
	copy(page, packed[:plain])
	if len(page) > plain || len(packed) > plain {
		if err := c.pages.decompress(codec, page[plain:], packed[plain:]); err != nil {
			return err
		}
	}
	rest, err := c.beginLevels(h, page)
	if err != nil {
		return err
	}
	c.left = h.values
	c.values, err = c.decoderOf(h.encoding, rest)
	return err
}

// beginLevels begins the levels of a page, and returns what follows on them.
func (c *column) beginLevels(h *header, page []byte) (rest []byte, err error) {
	part := func(size int, max int) (hybrid, error) {
		if max == 0 && h.kind == dataPage {
			return hybrid{}, nil
		}
		if h.kind == dataPage {
			if len(page) < 4 {
				return hybrid{}, errEarly
			}
			size = int(binary.LittleEndian.Uint32(page))
			page = page[4:]
		}
		if size > len(page) {
			return hybrid{}, errEarly
		}
		l := hybrid{data: page[:size], width: bits.Len(uint(max))}
		page = page[size:]
		return l, nil
	}
	if h.kind == dataPage && (c.maxRepetition > 0 && h.repetitions != encodedRLE || c.definition > 0 && h.definitions != encodedRLE) {
		return nil, errors.New("levels are not encoded by RLE")
	}
	if c.repetitions, err = part(h.repetitions, c.maxRepetition); err == nil {
		c.definitions, err = part(h.definitions, c.definition)
	}
	return page, err
}

// loadDictionary reads the values that those of other pages are numbers of.
func (c *column) loadDictionary(h *header, packed []byte) error {
	if c.dictionary != nil {
		return errors.New("there are two dictionaries")
	}
	if h.values > h.size {
		return errEarly
	}
	c.held = int64(h.size) + int64(h.values)*valueSize
	if err := c.pages.take(c.held); err != nil {
		return err
	}
	page := make([]byte, h.size)
	if err := c.pages.decompress(c.chunk.codec, page, packed); err != nil {
		return err
	}
	values, err := c.plain(page)
	if err != nil {
		return err
	}
	c.dictionary = make([]jsonvalue.Value, h.values)
	for i := range c.dictionary {
		if c.dictionary[i], err = values.next(); err != nil {
			return err
		}
	}
	return nil
}

// valueSize is about what a value takes in memory, its text apart.
const valueSize = 64
