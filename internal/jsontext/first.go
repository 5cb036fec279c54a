package jsontext

import (
	"strings"
	"unicode/utf16"
)

// First returns where the first value of a text ends. Like Jackson it looks no
// further, unless the value is a number: white space must follow. The error is a
// *[SyntaxError].
func First(text string) (end int, err error) {
	s := NewScanner(text)
	kind := Name
	for s.depth > 0 || kind == Name {
		if kind, err = s.Next(); err != nil {
			return 0, err
		}
	}
	if kind == Number && s.pos < len(text) && !strings.Contains(" \t\r\n", text[s.pos:s.pos+1]) {
		return 0, charFailure(s.pos, "Unexpected character (%s): Expected space separating root-level values", s.char(s.pos))
	}
	return s.pos, nil
}

// Location returns the line and the column, both from 1, that Jackson tells from
// release 2.17 on. It counts UTF-16 code units.
func (e *SyntaxError) Location(text string) (line, column int) {
	line, _ = LineColumn(text, e.At)
	start := strings.LastIndexByte(text[:e.At], '\n') + 1
	for _, r := range text[start:e.At] {
		column += utf16.RuneLen(max(r, 0))
	}
	return line, column + 1
}
