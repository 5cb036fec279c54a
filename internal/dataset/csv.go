package dataset

import (
	"errors"
	"io"
	"strings"

	"github.com/statemill/statemill/internal/javahash"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// csvRows are the rows of delimited text. Package encoding/csv does not read what AWS does: a
// backslash is for the delimiter, a quote or itself, quotes in the middle of a field are
// text, rows may be short or long, and blanks are kept.
type csvRows struct {
	*text
	delimiter byte
	header    []string
	order     []int     // of the members of an item, as Java has them
	special   [256]bool // bytes that are not always text
}

func delimited(t *text, p *plan, at *cursor) (*csvRows, error) {
	c := &csvRows{text: t, delimiter: p.delimiter, header: p.header}
	for _, b := range []byte{p.delimiter, '"', '\\', '\r', '\n'} {
		c.special[b] = true
	}
	if at.Offset == 0 {
		t.skipMark()
	}
	switch {
	case at.Header != nil:
		c.header = at.Header
	case c.header == nil:
		row, err := c.row()
		if errors.Is(err, errEnd) {
			row, err = []string{}, nil
		}
		for i, name := range row {
			row[i] = strings.ToValidUTF8(name, "\uFFFD") // as it comes back from a cursor
		}
		if err == nil {
			err = distinct(row)
		}
		if err != nil {
			return nil, err
		}
		c.header, at.Header = row, row
	}
	c.order = javahash.Names(c.header)
	at.Offset = t.offset
	return c, nil
}

// distinct refuses names that are there twice.
func distinct(names []string) error {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return refusal("CSV headers cannot contain duplicates.")
		}
		seen[name] = true
	}
	return nil
}

func (c *csvRows) next() (interp.Item, error) {
	row, err := c.row()
	if err != nil {
		return interp.Item{}, err
	}
	members := make([]jsonvalue.Member, len(c.header))
	for i, from := range c.order {
		value := ""
		if from < len(row) {
			value = row[from]
		}
		members[i] = jsonvalue.Member{Name: c.header[from], Value: jsonvalue.String(value)}
	}
	return interp.Item{Value: jsonvalue.Object(members...)}, nil
}

func (c *csvRows) mark(at *cursor) { at.Offset = c.offset }

// row returns the next row that is not empty.
func (c *csvRows) row() ([]string, error) {
	for {
		row, err := c.fields()
		if err != nil || len(row) > 1 || row[0] != "" {
			return row, err
		}
	}
}

// fields returns the fields of the next line, whose quotes may hold ends of lines.
func (c *csvRows) fields() (row []string, err error) {
	var field []byte
	quoted, size := false, 0
	for begun := false; ; begun = true {
		if plain := c.plain(); len(plain) > 0 {
			field, size = append(field, plain...), size+len(plain)
		}
		b, err := c.byte()
		switch {
		case err == io.EOF && quoted:
			return nil, refusal("The CSV ends within quotes.")
		case err == io.EOF && !begun && size == 0:
			return nil, errEnd
		case err == io.EOF:
			return append(row, string(field)), nil
		case err != nil:
			return nil, err
		}
		if size++; size > maxItem {
			return nil, tooLarge
		}
		switch {
		case b == '\\':
			field = c.escaped(field)
		case b == '"' && quoted:
			if quoted = c.is('"'); quoted { // a doubled one is text
				_, _ = c.byte()
				field = append(field, '"')
			}
		case b == '"' && len(field) == 0:
			quoted = true
		case b == '"':
			if c.is('"') {
				_, _ = c.byte()
			}
			field = append(field, '"')
		case quoted:
			field = append(field, b)
		case b == c.delimiter:
			row, field = append(row, string(field)), field[:0]
		case b == '\n':
			return append(row, string(field)), nil
		case b == '\r' && c.is('\n'):
		default:
			field = append(field, b)
		}
	}
}

// escaped appends the character behind a backslash. Before one that needs none, the backslash
// disappears.
func (c *csvRows) escaped(field []byte) []byte {
	b, err := c.byte()
	if err != nil {
		return field
	}
	return append(field, b)
}

// plain takes the bytes that are text wherever they stand, as far as they are at hand.
func (c *csvRows) plain() []byte {
	at, _ := c.Peek(c.Buffered())
	n := 0
	for n < len(at) && !c.special[at[n]] {
		n++
	}
	_, _ = c.Discard(n)
	c.offset += int64(n)
	return at[:n]
}

func (c *csvRows) byte() (byte, error) {
	b, err := c.ReadByte()
	if err == nil {
		c.offset++
	}
	return b, err
}

// is reports whether a character comes next.
func (c *csvRows) is(b byte) bool {
	next, err := c.Peek(1)
	return err == nil && next[0] == b
}
