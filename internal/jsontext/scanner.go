// Package jsontext is the text level of JSON: it scans and prints, and builds
// nothing. Package jsonvalue parses values with it and package asl reads
// definitions with it (and keeps the offsets), so that there is one strict
// reader, one set of error words and one way to print a number.
//
// It follows RFC 8259 in one pass over the text: no comments, no trailing
// comma, no leading zero, no raw control character, nothing after the value.
// Errors are worded as Jackson words them, because Step Functions shows those
// words to its users.
package jsontext

import "unicode/utf8"

// Kind is a kind of token.
type Kind byte

// The kinds of tokens. Commas and colons are checked and never returned.
const (
	EOF Kind = iota
	Null
	False
	True
	Number
	String
	Name // of a member; its value is the next token
	BeginArray
	EndArray
	BeginObject
	EndObject
)

// MaxDepth is how deeply arrays and objects may nest.
const MaxDepth = 1000

// Scanner reads the tokens of one JSON text and checks its grammar: after
// BeginObject come pairs of a Name and a value until EndObject, and so on until
// EOF. After an error it must not be used any more.
type Scanner struct {
	Start, End int // of the present token, in bytes; a string's quotes are part of it

	// Of a Number: how it is held, and its value in that form.
	Form  Form
	Int   int64
	Float float64

	text    string
	str     string
	pos     int
	depth   int
	next    expectation
	again   bool                    // this is the second look at a text that is known to be wrong
	objects [MaxDepth/64 + 1]uint64 // bit d: the container at depth d is an object
}

// Form says how a number is held.
type Form byte

// The forms of a number.
const (
	Int   Form = iota // Scanner.Int, exactly
	Float             // Scanner.Float, whose shortest decimal form is the number
	Exact             // neither fits: only the text says it
)

// expectation says which tokens the grammar allows next.
type expectation byte

const (
	value        expectation = iota // a value
	firstElement                    // a value, or the end of the array
	firstMember                     // a name, or the end of the object
	separator                       // a comma or the end of the container; at depth 0 the end of the text
)

// NewScanner returns a scanner of text.
func NewScanner(text string) Scanner { return Scanner{text: text} }

// Text returns the value of the present String or Name, a part of the scanned
// text where nothing was escaped. A lone surrogate is in its three-byte form.
func (s *Scanner) Text() string { return s.str }

// Literal returns the present token as it was written.
func (s *Scanner) Literal() string { return s.text[s.Start:s.End] }

// Next advances to the next token. The error is a *[SyntaxError].
func (s *Scanner) Next() (Kind, error) {
	c := s.skipBlank()
	switch s.next {
	case separator:
		return s.afterValue(c)
	case firstMember:
		if c == '}' {
			return s.close(EndObject)
		}
		return s.name(c, true)
	case firstElement:
		if c == ']' {
			return s.close(EndArray)
		}
		return s.value(c, true)
	}
	return s.value(c, s.depth == 0)
}

// skipBlank returns the first byte that is not white space, 0 at the end.
func (s *Scanner) skipBlank() byte {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		s.pos++
	}
	return 0
}

func (s *Scanner) inObject() bool {
	return s.objects[s.depth>>6]&(1<<(s.depth&63)) != 0
}

func (s *Scanner) afterValue(c byte) (Kind, error) {
	if s.depth == 0 {
		if s.pos < len(s.text) {
			return EOF, s.errTrailing(c)
		}
		s.Start, s.End = s.pos, s.pos
		return EOF, nil
	}
	object := s.inObject()
	switch {
	case c == ',':
		s.pos++
		c = s.skipBlank()
		if object {
			return s.name(c, false)
		}
		return s.value(c, false)
	case c == '}' && object:
		return s.close(EndObject)
	case c == ']' && !object:
		return s.close(EndArray)
	}
	return EOF, s.errSeparator(c, object)
}

func (s *Scanner) name(c byte, first bool) (Kind, error) {
	if c != '"' {
		return EOF, s.errName(c, first)
	}
	if err := s.string(true); err != nil {
		return EOF, err
	}
	if c := s.skipBlank(); c != ':' {
		return EOF, s.errColon(c)
	}
	s.pos++
	s.next = value
	return Name, nil
}

func (s *Scanner) value(c byte, first bool) (Kind, error) {
	s.next = separator
	switch c {
	case '"':
		return String, s.string(false)
	case '{':
		return s.open(BeginObject)
	case '[':
		return s.open(BeginArray)
	case 't':
		return True, s.word("true")
	case 'f':
		return False, s.word("false")
	case 'n':
		return Null, s.word("null")
	}
	if c == '-' || '0' <= c && c <= '9' {
		return Number, s.number()
	}
	return EOF, s.errValue(c, first)
}

func (s *Scanner) open(k Kind) (Kind, error) {
	s.depth++
	if s.depth > MaxDepth {
		return EOF, s.errDepth()
	}
	s.Start, s.End = s.pos, s.pos+1
	s.pos++
	bit := uint64(1) << (s.depth & 63)
	if k == BeginObject {
		s.next = firstMember
		s.objects[s.depth>>6] |= bit
	} else {
		s.next = firstElement
		s.objects[s.depth>>6] &^= bit
	}
	return k, nil
}

func (s *Scanner) close(k Kind) (Kind, error) {
	s.depth--
	s.Start, s.End = s.pos, s.pos+1
	s.pos++
	s.next = separator
	return k, nil
}

func (s *Scanner) word(w string) error {
	end := s.pos + len(w)
	if end > len(s.text) || s.text[s.pos:end] != w || s.wordGoesOn(end) {
		return s.errWord()
	}
	s.Start, s.End, s.pos = s.pos, end, end
	return nil
}

// wordGoesOn reports whether what stands at i belongs to the word before it.
func (s *Scanner) wordGoesOn(i int) bool {
	if i == len(s.text) || s.text[i] < '0' { // all that may follow, and the dollar sign
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return identifierPart(r)
}
