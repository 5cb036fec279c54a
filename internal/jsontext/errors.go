package jsontext

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError is a place where a text is not JSON.
type SyntaxError struct {
	Message string // in Jackson's words; another place in the text is [line: 1, column: 1]
	Offset  int    // of the offending byte

	// At is where Jackson sees itself: behind the token it complains about, or,
	// if Char, at the character. Before Jackson 2.17 that was behind it as well.
	At   int
	Char bool

	// Constraint is set for a limit: the method of StreamReadConstraints that gives
	// it, which Jackson names from release 2.15 on.
	Constraint string
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

// failure reports what is wrong with what begins at an offset and was read up
// to another.
func failure(offset, at int, format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...), Offset: offset, At: at}
}

// tooMuch reports something that is beyond a limit.
func tooMuch(what string, offset, at, size, limit int, constraint string) error {
	message := fmt.Sprintf("%s (%d) exceeds the maximum allowed (%d)", what, size, limit)
	return &SyntaxError{Message: message, Offset: offset, At: at, Constraint: constraint}
}

// charFailure reports a character.
func charFailure(offset int, format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...), Offset: offset, At: offset, Char: true}
}

// ended reports that the text ends too early.
func (s *Scanner) ended(how string) error {
	return failure(len(s.text), len(s.text), "Unexpected end-of-input%s", how)
}

// unexpected reports the character at offset.
func (s *Scanner) unexpected(offset int, comment string) error {
	if c := s.text[offset]; c < ' ' {
		return charFailure(offset, "Illegal character (%s): only regular white space (\\r, \\n, \\t) is allowed between tokens", s.char(offset))
	}
	return charFailure(offset, "Unexpected character (%s): %s", s.char(offset), comment)
}

// char describes the character at offset. Of one beyond U+FFFF Java sees a half,
// which no encoding can write.
func (s *Scanner) char(offset int) string {
	r, _ := utf8.DecodeRuneInString(s.text[offset:])
	shown := string(r)
	if high, _ := utf16.EncodeRune(r); r > 0xFFFF {
		r, shown = high, "?"
	}
	switch {
	case r < ' ' || r >= 0x7F && r < 0xA0:
		return fmt.Sprintf("(CTRL-CHAR, code %d)", r)
	case r > 255:
		return fmt.Sprintf("'%s' (code %d / 0x%x)", shown, r, r)
	}
	return fmt.Sprintf("'%s' (code %d)", shown, r)
}

func (s *Scanner) atEnd() bool { return s.pos >= len(s.text) }

func (s *Scanner) errTrailing(byte) error {
	return s.unexpected(s.pos, "Expected end of text after the value")
}

// errSeparator reports what follows an element or a member.
func (s *Scanner) errSeparator(c byte, object bool) error {
	switch {
	case s.atEnd():
		return s.errOpen()
	case c == ']' || c == '}':
		return s.errCloser(c)
	case c == '/':
		return s.errComment()
	case object:
		return s.unexpected(s.pos, "was expecting comma to separate Object entries")
	}
	return s.unexpected(s.pos, "was expecting comma to separate Array entries")
}

// errCloser reports a closing bracket that closes nothing.
func (s *Scanner) errCloser(c byte) error {
	kind, expected, at := "root", '}', "[line: 1, column: 0]"
	if c == '}' {
		expected = ']'
	}
	if s.depth > 0 {
		kind, at = s.container(), s.openedAt()
	}
	return charFailure(s.pos, "Unexpected close marker '%c': expected '%c' (for %s starting at %s)", c, expected, kind, at)
}

// errName reports what stands in the place of a name, the first one of the
// object or another.
func (s *Scanner) errName(c byte, first bool) error {
	switch {
	case s.atEnd() && first:
		return s.errOpen()
	case s.atEnd():
		return s.errBetween()
	case first && c == ']':
		return s.errCloser(c)
	case c == '/':
		return s.errComment()
	}
	return s.unexpected(s.pos, "was expecting double-quote to start field name")
}

func (s *Scanner) errColon(c byte) error {
	switch {
	case s.atEnd():
		return s.errBetween()
	case c == '/':
		return s.errComment()
	}
	return s.unexpected(s.pos, "was expecting a colon to separate field name and value")
}

func (s *Scanner) errComment() error {
	return s.unexpected(s.pos, "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)")
}

// errValue reports what stands in the place of a value, the first one in an
// array or the text, or another.
func (s *Scanner) errValue(c byte, first bool) error {
	switch {
	case s.atEnd() && s.depth == 0:
		return failure(s.pos, s.pos, "No content to map due to end-of-input")
	case s.atEnd() && first:
		return s.errOpen()
	case s.atEnd():
		return s.errBetween()
	case c == '/':
		return s.errComment()
	case first && (c == ']' || c == '}'):
		return s.errCloser(c)
	case c == '}' && s.depth > 0 && !s.inObject():
		return s.unexpected(s.pos, "expected a value")
	case c == '+':
		return s.errSign()
	case s.unknownWord() != "":
		return s.errWord()
	}
	return s.unexpected(s.pos, "expected a valid value "+values)
}

// errDepth reports too many containers in one another.
func (s *Scanner) errDepth() error {
	return tooMuch("Document nesting depth", s.pos, s.pos+1, s.depth, MaxDepth, "getMaxNestingDepth")
}

// errOpenString reports a string without an end.
func (s *Scanner) errOpenString(isName bool) error {
	if isName {
		return s.ended(" in field name")
	}
	return s.ended(": was expecting closing quote for a string value")
}

func (s *Scanner) errControl(i int, isName bool) error {
	place := "string value"
	if isName {
		place = "name"
	}
	return charFailure(i, "Illegal unquoted character (%s): has to be escaped using backslash to be included in %s", s.char(i), place)
}

func (s *Scanner) errUTF8(i int) error {
	return charFailure(i, "Invalid UTF-8 start byte 0x%x", s.text[i])
}

func (s *Scanner) errOpenEscape() error { return s.ended(" in character escape sequence") }

func (s *Scanner) errEscape(i int) error {
	return charFailure(i, "Unrecognized character escape %s", s.char(i))
}

func (s *Scanner) errHex(i int) error {
	return charFailure(i, "Unexpected character (%s): expected a hex-digit for character escape sequence", s.char(i))
}

// errOpen reports that the text ends where a container could have.
func (s *Scanner) errOpen() error {
	return s.ended(": expected close marker for " + s.container() + " (start marker at " + s.openedAt() + ")")
}

// errBetween reports that the text ends where a container could not have.
func (s *Scanner) errBetween() error {
	return s.ended(" within/between " + s.container() + " entries")
}

func (s *Scanner) container() string {
	if s.inObject() {
		return "Object"
	}
	return "Array"
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
	begin := SyntaxError{At: open[len(open)-1]}
	line, column := begin.Location(s.text)
	return fmt.Sprintf("[line: %d, column: %d]", line, column)
}
