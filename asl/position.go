package asl

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position is a place in the text of a definition.
type Position struct {
	Offset int `json:"offset"` // in bytes, from 0
	Line   int `json:"line"`   // from 1; 0 in a Position that is not known
	Column int `json:"column"` // from 1, in characters
}

// String returns "12:9".
func (p Position) String() string {
	return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

func (p Position) known() *Position {
	if p.Line == 0 {
		return nil
	}
	return &p
}

// locator turns offsets into positions. It goes on from the last one, so that
// many findings in a long text cost one walk over it.
type locator struct {
	text string
	last Position
}

func (l *locator) position(offset int) Position {
	offset = min(max(offset, 0), len(l.text))
	if l.last.Line == 0 || offset < l.last.Offset {
		l.last = Position{Line: 1, Column: 1}
	}
	between := l.text[l.last.Offset:offset]
	if n := strings.Count(between, "\n"); n > 0 {
		l.last.Line += n
		l.last.Column = 1
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	l.last.Column += utf8.RuneCountInString(between)
	l.last.Offset = offset
	return l.last
}

// line returns the line of text around an offset.
func (l *locator) line(offset int) string {
	start := strings.LastIndexByte(l.text[:offset], '\n') + 1
	end := strings.IndexByte(l.text[offset:], '\n')
	if end < 0 {
		end = len(l.text) - offset
	}
	return strings.TrimSuffix(l.text[start:offset+end], "\r")
}
