package jsontext

import "unicode/utf8"

const upperHex = "0123456789ABCDEF"

// AppendString appends s as a JSON string. A lone surrogate, which s holds in
// its three-byte form, is written as an escape.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := plainEnd(s, 0); i < len(s); i = plainEnd(s, i) {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, lone := DecodeSurrogate(s[i:])
			if !lone {
				i++
				continue
			}
			dst = appendUnicode(append(dst, s[start:i]...), r)
			i += 3
		} else {
			dst = appendEscape(append(dst, s[start:i]...), c)
			i++
		}
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	if short := shortEscape(c); short != 0 {
		return append(dst, '\\', short)
	}
	return appendUnicode(dst, rune(c))
}

func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

func appendUnicode(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', upperHex[r>>12], upperHex[r>>8&15], upperHex[r>>4&15], upperHex[r&15])
}

// StringSize returns the length of what AppendString appends.
func StringSize(s string) int {
	size := len(s) + 2
	for i := plainEnd(s, 0); i < len(s); i = plainEnd(s, i+1) {
		c := s[i]
		switch {
		case c < utf8.RuneSelf && shortEscape(c) != 0:
			size++
		case c < utf8.RuneSelf:
			size += 5
		case c == 0xED:
			if _, lone := DecodeSurrogate(s[i:]); lone {
				size += 3
			}
		}
	}
	return size
}
