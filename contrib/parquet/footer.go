package parquet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// footer is what the end of a file tells.
type footer struct {
	root   *node
	leaves []*leaf // the columns
	groups []group
}

// group is a row group.
type group struct {
	rows   int64
	chunks []chunk // one for each column
}

// chunk is where a column of a row group is.
type chunk struct {
	kind   physical
	codec  codec
	values int64
	from   int64 // the offset of its first page
	size   int64 // of all pages
}

const magic = "PAR1"

// readFooter reads the footer of a file: its length and four letters are the last eight bytes.
func readFooter(file io.ReaderAt, size int64) (*footer, error) {
	var end [8]byte
	if size < int64(len(magic)+len(end)) {
		return nil, errors.New("the file is too short to be one")
	}
	if err := readAt(file, end[:], size-int64(len(end))); err != nil {
		return nil, err
	}
	switch string(end[4:]) {
	case magic:
	case "PARE":
		return nil, errors.New("the file is encrypted")
	default:
		return nil, fmt.Errorf("the file ends with %q, and not with %q", end[4:], magic)
	}
	n := int64(binary.LittleEndian.Uint32(end[:]))
	from := size - int64(len(end)) - n
	if n > maxFooter || from < int64(len(magic)) {
		return nil, fmt.Errorf("the footer has %d bytes: expected at most %d, as the file has", n, min(maxFooter, size))
	}
	text := make([]byte, n)
	if err := readAt(file, text, from); err != nil {
		return nil, err
	}
	return parseFooter(text, from)
}

func readAt(file io.ReaderAt, b []byte, at int64) error {
	n, err := file.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == io.EOF {
		return errEarly
	}
	return err
}

// parseFooter reads the footer, whose pages end before an offset.
func parseFooter(text []byte, end int64) (*footer, error) {
	t := &compact{in: bufio.NewReader(bytes.NewReader(text))}
	f := new(footer)
	t.fields(func(id int64, kind byte) {
		switch id {
		case 2:
			f.readSchema(t, kind)
		case 4:
			t.list(kind, func(kind byte) { f.readGroup(t, kind, end) })
		case 8:
			t.fail("the file is encrypted")
		default:
			t.skip(kind)
		}
	})
	if t.err == nil && f.root == nil {
		t.fail("there is no schema")
	}
	if t.err != nil {
		return nil, fmt.Errorf("the footer: %w", t.err)
	}
	return f, nil
}

func (f *footer) readSchema(t *compact, kind byte) {
	var elements []element
	t.list(kind, func(kind byte) {
		if len(elements) > 2*maxColumns {
			t.fail("more than %d columns", maxColumns)
			return
		}
		elements = append(elements, readElement(t, kind))
	})
	if t.err != nil {
		return
	}
	root, leaves, err := treeOf(elements)
	if err != nil {
		t.err = err
		return
	}
	f.root, f.leaves = root, leaves
}

func (f *footer) readGroup(t *compact, kind byte, end int64) {
	var g group
	g.rows = -1
	size := int64(0)
	t.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			t.list(kind, func(kind byte) {
				if len(g.chunks) == len(f.leaves) {
					t.fail("a row group has more columns than the schema")
					return
				}
				c := readChunk(t, kind, end)
				size += c.size
				g.chunks = append(g.chunks, c)
			})
		case 3:
			g.rows = t.int(kind)
		default:
			t.skip(kind)
		}
	})
	switch number := len(f.groups); {
	case len(g.chunks) != len(f.leaves) || len(g.chunks) == 0:
		t.fail("row group %d has %d columns: expected %d", number, len(g.chunks), len(f.leaves))
	case g.rows < 0:
		t.fail("row group %d has no number of rows", number)
	case size > maxRowGroup:
		t.fail("row group %d takes %d bytes: expected at most %d", number, size, maxRowGroup)
	}
	for i, l := range f.leaves {
		if t.err == nil && g.chunks[i].kind != l.physical {
			t.fail("column %q of a row group has another type than in the schema", l.path)
		}
	}
	f.groups = append(f.groups, g)
}

// readChunk reads where a column is.
func readChunk(t *compact, kind byte, end int64) (c chunk) {
	c.size = -1
	t.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			t.fail("a column is in another file")
		case 3:
			t.structure(kind, func(id int64, kind byte) { c.readField(t, id, kind) })
		case 8:
			t.fail("a column is encrypted")
		default:
			t.skip(kind)
		}
	})
	if t.err == nil && (c.from < int64(len(magic)) || c.size < 0 || c.size > end-c.from || c.values < 0) {
		t.fail("a column is not inside of the file")
	}
	return c
}

func (c *chunk) readField(t *compact, id int64, kind byte) {
	switch id {
	case 1:
		c.kind = physical(t.int(kind))
	case 4:
		c.codec = codec(t.int(kind))
	case 5:
		c.values = t.int(kind)
	case 7:
		c.size = t.int(kind)
	case 9: // the first page of data
		c.from = t.int(kind)
	case 11: // the dictionary, which comes before if there is one
		if at := t.int(kind); at > 0 && at < c.from {
			c.from = at
		}
	default:
		t.skip(kind)
	}
}
