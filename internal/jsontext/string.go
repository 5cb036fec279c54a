package jsontext

import (
	"unicode/utf16"
	"unicode/utf8"
)

// string scans the string that begins at s.pos.
func (s *Scanner) string(isName bool) error {
	text, start := s.text, s.pos+1
	i := start
	for i < len(text) {
		c := text[i]
		switch {
		case plain[c]:
			i++
		case c == '"':
			s.str = text[start:i]
			s.Start, s.End, s.pos = s.pos, i+1, i+1
			return nil
		case c == '\\':
			return s.escapedString(i, isName)
		case c < ' ':
			return s.errControl(i, isName)
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			if size == 1 {
				return s.errUTF8(i)
			}
			i += size
		}
	}
	return s.errOpenString(isName)
}

// escapedString scans the rest of a string from its first escape on.
func (s *Scanner) escapedString(i int, isName bool) error {
	text := s.text
	out := append(make([]byte, 0, 2*(i-s.pos)+16), text[s.pos+1:i]...)
	for i < len(text) {
		c := text[i]
		switch {
		case plain[c]:
			out = append(out, c)
			i++
		case c == '"':
			s.str = string(out)
			s.Start, s.End, s.pos = s.pos, i+1, i+1
			return nil
		case c == '\\':
			var err error
			if out, i, err = s.escape(out, i); err != nil {
				return err
			}
		case c < ' ':
			return s.errControl(i, isName)
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			if size == 1 {
				return s.errUTF8(i)
			}
			out = append(out, text[i:i+size]...)
			i += size
		}
	}
	return s.errOpenString(isName)
}

// escape appends what the escape at i says, and returns where it ends.
func (s *Scanner) escape(out []byte, i int) ([]byte, int, error) {
	if i+1 >= len(s.text) {
		return nil, 0, s.errOpenEscape()
	}
	c := s.text[i+1]
	if c == 'u' {
		return s.unicodeEscape(out, i)
	}
	if plain := unescaped(c); plain != 0 {
		return append(out, plain), i + 2, nil
	}
	return nil, 0, s.errEscape(i + 1)
}

func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

func (s *Scanner) unicodeEscape(out []byte, i int) ([]byte, int, error) {
	r, err := s.hex(i + 2)
	if err != nil {
		return nil, 0, err
	}
	i += 6
	if utf16.IsSurrogate(r) && i+1 < len(s.text) && s.text[i] == '\\' && s.text[i+1] == 'u' {
		low, err := s.hex(i + 2)
		if err != nil {
			return nil, 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return utf8.AppendRune(out, pair), i + 6, nil
		}
	}
	return AppendCodeUnit(out, r), i, nil
}

// hex reads the four digits of a unicode escape.
func (s *Scanner) hex(i int) (rune, error) {
	var r rune
	for j := i; j < i+4; j++ {
		if j >= len(s.text) {
			return 0, s.errOpenEscape()
		}
		d := hexDigit(s.text[j])
		if d < 0 {
			return 0, s.errHex(j)
		}
		r = r<<4 | d
	}
	return r, nil
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// AppendCodeUnit appends a code point that may be a lone surrogate, which
// UTF-8 has no form for: it gets the three bytes that UTF-8 would give it.
func AppendCodeUnit(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF)
	}
	return utf8.AppendRune(dst, r)
}

// DecodeSurrogate returns the surrogate whose three-byte form begins s; ok is
// false if none does.
func DecodeSurrogate(s string) (r rune, ok bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), true
}
