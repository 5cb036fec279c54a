package jsontext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError is a place where a text is not JSON.
type SyntaxError struct {
	Message string // in Jackson's words
	Offset  int    // of the offending byte
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// LineColumn converts a byte offset into a line and a column, both from 1. The
// column counts characters, not bytes.
func LineColumn(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

const values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func failure(offset int, format string, args ...any) error {
	return &SyntaxError{fmt.Sprintf(format, args...), offset}
}

// unexpected reports the character at offset.
func (s *Scanner) unexpected(offset int, comment string) error {
	r, _ := utf8.DecodeRuneInString(s.text[offset:])
	if r < ' ' {
		return failure(offset, "Illegal character ((CTRL-CHAR, code %d)): only regular white space (\\r, \\n, \\t) is allowed between tokens", r)
	}
	return failure(offset, "Unexpected character ('%c' (code %d%s)): %s", r, r, hexCode(r), comment)
}

func hexCode(r rune) string {
	if r > 255 {
		return fmt.Sprintf(" / 0x%x", r)
	}
	return ""
}

func (s *Scanner) atEnd() bool { return s.pos >= len(s.text) }

func (s *Scanner) errTrailing(byte) error {
	return s.unexpected(s.pos, "Expected end of text after the value")
}

func (s *Scanner) errSeparator(c byte, object bool) error {
	switch {
	case s.atEnd():
		return s.errOpen()
	case c == ']':
		return failure(s.pos, "Unexpected close marker ']': expected '}' (for Object starting at %s)", s.openedAt())
	case c == '}':
		return failure(s.pos, "Unexpected close marker '}': expected ']' (for Array starting at %s)", s.openedAt())
	case object:
		return s.unexpected(s.pos, "was expecting comma to separate Object entries")
	}
	return s.unexpected(s.pos, "was expecting comma to separate Array entries")
}

func (s *Scanner) errName(byte) error {
	if s.atEnd() {
		return s.errOpen()
	}
	return s.unexpected(s.pos, "was expecting double-quote to start field name")
}

func (s *Scanner) errColon(byte) error {
	if s.atEnd() {
		return failure(s.pos, "Unexpected end-of-input: was expecting a colon to separate field name and value")
	}
	return s.unexpected(s.pos, "was expecting a colon to separate field name and value")
}

func (s *Scanner) errValue(byte) error {
	switch {
	case s.atEnd() && s.depth > 0:
		return s.errOpen()
	case s.atEnd():
		return failure(s.pos, "No content to map due to end-of-input")
	case s.unknownWord() != "":
		return s.errWord()
	}
	return s.unexpected(s.pos, "expected a valid value "+values)
}

// errWord reports a word that is none of null, true and false.
func (s *Scanner) errWord() error {
	return failure(s.pos, "Unrecognized token '%s': was expecting %s", s.unknownWord(), values)
}

// unknownWord returns what looks like a word at the present place.
func (s *Scanner) unknownWord() string {
	rest := s.text[s.pos:]
	for i, r := range rest {
		if i >= 256 || r < utf8.RuneSelf && !identifierPart(byte(r)) || r >= utf8.RuneSelf && !unicode.IsLetter(r) {
			return rest[:i]
		}
	}
	return rest
}

// identifierPart tells what belongs to a word; bytes of other characters count.
func identifierPart(c byte) bool {
	return c >= utf8.RuneSelf || c == '_' || c == '$' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (s *Scanner) errDepth() error {
	return failure(s.pos, "Document nesting depth (%d) exceeds the maximum allowed (%d)", s.depth, MaxDepth)
}

func (s *Scanner) errOpenString() error {
	return failure(len(s.text), "Unexpected end-of-input: was expecting closing quote for a string value")
}

func (s *Scanner) errControl(i int) error {
	return failure(i, "Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", s.text[i])
}

func (s *Scanner) errUTF8(i int) error {
	return failure(i, "Invalid UTF-8 start byte 0x%x", s.text[i])
}

func (s *Scanner) errEscape(i int) error {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return failure(i, "Unrecognized character escape '%c' (code %d)", r, r)
}

func (s *Scanner) errHex(i int) error {
	return s.unexpected(i, "expected a hex-digit for character escape sequence")
}

func (s *Scanner) errDigit(i int, comment string) error {
	if i >= len(s.text) {
		return failure(i, "Unexpected end-of-input: %s", comment)
	}
	return s.unexpected(i, comment)
}

func (s *Scanner) errLeadingZero(i int) error {
	return failure(i, "Invalid numeric value: Leading zeroes not allowed")
}

func (s *Scanner) errNumberLength(n int) error {
	return failure(s.pos, "Number value length (%d) exceeds the maximum allowed (%d)", n, MaxNumberLength)
}

func (s *Scanner) errOpen() error {
	container := "Array"
	if s.inObject() {
		container = "Object"
	}
	return failure(s.pos, "Unexpected end-of-input: expected close marker for %s (start marker at %s)", container, s.openedAt())
}

// openedAt says where the innermost open container begins. The scanner does
// not remember it: it is needed for nothing but this text.
func (s *Scanner) openedAt() string {
	if s.again {
		return ""
	}
	var open []int
	again := NewScanner(s.text)
	again.again = true
	for {
		kind, err := again.Next()
		if err != nil {
			break
		}
		switch kind {
		case BeginArray, BeginObject:
			open = append(open, again.Start)
		case EndArray, EndObject:
			open = open[:len(open)-1]
		}
	}
	line, column := LineColumn(s.text, open[len(open)-1])
	return fmt.Sprintf("[line: %d, column: %d]", line, column)
}
