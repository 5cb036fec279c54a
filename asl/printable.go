package asl

import (
	"strings"
	"unicode/utf8"
)

// printable replaces what could disturb a terminal or a log, or make it show
// something else than is there: definitions come from anywhere.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case isControl(r):
			return utf8.RuneError
		}
		return r
	}, wellFormed(s))
}

// isControl reports whether r is a control character of ASCII or of Latin-1,
// ends a line, or changes the direction of the text.
func isControl(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0, r == 0x061c, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// wellFormed replaces what is no UTF-8. A lone surrogate, which JSON can write
// and which takes three bytes here, becomes one character as others do.
func wellFormed(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if size == 1 && r == utf8.RuneError && isSurrogate(s) {
			size = 3
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// isSurrogate reports whether s begins with the three bytes of a surrogate.
func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && s[2] >= 0x80 && s[2] <= 0xbf
}
