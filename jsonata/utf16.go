package jsonata

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Strings are sequences of UTF-16 code units in JSONata, and may hold a lone
// surrogate. Here they are Go strings in which a lone surrogate has its
// three-byte form (WTF-8). A pair of surrogates is always one four-byte rune:
// whoever puts strings together goes through textBuilder or concat, which join
// two halves that meet.

// isLone reports whether a lone surrogate begins s.
func isLone(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2]&0xC0 == 0x80
}

// decodeRune returns the first code point of s, which may be a lone surrogate.
func decodeRune(s string) (rune, int) {
	if isLone(s) {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s)
}

// appendUnit appends one code unit and joins it with a preceding half.
func appendUnit(b []byte, unit uint16) []byte {
	if !utf16.IsSurrogate(rune(unit)) {
		return utf8.AppendRune(b, rune(unit))
	}
	if n := len(b); unit >= 0xDC00 && n >= 3 && isLone(string(b[n-3:])) && b[n-2] < 0xB0 {
		high, _ := decodeRune(string(b[n-3:]))
		return utf8.AppendRune(b[:n-3], utf16.DecodeRune(high, rune(unit)))
	}
	return append(b, 0xED, byte(0x80|unit>>6&0x3F), byte(0x80|unit&0x3F))
}

// appendText appends s and joins halves that meet.
func appendText(b []byte, s string) []byte {
	if len(b) > 0 && isLone(s) {
		r, _ := decodeRune(s)
		b = appendUnit(b, uint16(r))
		s = s[3:]
	}
	return append(b, s...)
}

// concat returns a followed by b.
func concat(a, b string) string {
	if isLone(b) {
		return string(appendText([]byte(a), b))
	}
	return a + b
}

// textBuilder builds a string of which the parts may end in half a pair.
type textBuilder struct{ buf []byte }

func (b *textBuilder) WriteString(s string)  { b.buf = appendText(b.buf, s) }
func (b *textBuilder) writeUnit(unit uint16) { b.buf = appendUnit(b.buf, unit) }
func (b *textBuilder) Len() int              { return len(b.buf) }
func (b *textBuilder) String() string        { return string(b.buf) }

// isASCII reports whether bytes, code points and code units of s are the same.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// utf16Len returns how many code units s has.
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x80, c >= 0xC0 && c < 0xF0:
			n++
		case c >= 0xF0:
			n += 2
		}
	}
	return n
}

// runeLen returns how many code points s has; a lone surrogate is one.
func runeLen(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i]&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// runeOffset returns the byte at which code point n of s begins, or len(s).
func runeOffset(s string, n int) int {
	for i := 0; i < len(s); i++ {
		if s[i]&0xC0 != 0x80 {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return len(s)
}

// unitOffset returns the byte at which code unit n of s begins, or len(s). The
// second half of a pair has no byte of its own: its pair's end is returned.
func unitOffset(s string, n int) int {
	for i := 0; i < len(s); {
		if n <= 0 {
			return i
		}
		r, size := decodeRune(s[i:])
		n--
		if r >= 0x10000 {
			n--
		}
		i += size
	}
	return len(s)
}

// utf16Units returns the code units of s.
func utf16Units(s string) []uint16 {
	units := make([]uint16, 0, len(s))
	for len(s) > 0 {
		r, size := decodeRune(s)
		if r >= 0x10000 {
			high, low := utf16.EncodeRune(r)
			units = append(units, uint16(high), uint16(low))
		} else {
			units = append(units, uint16(r))
		}
		s = s[size:]
	}
	return units
}

// compareText orders strings by code units. In UTF-8 order, code points beyond
// the first plane come last; their surrogates come before U+E000.
func compareText(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n || a[i] < 0xEE && b[i] < 0xEE {
		return strings.Compare(a[i:], b[i:])
	}
	return int(firstUnits(a[i:])) - int(firstUnits(b[i:]))
}

// firstUnits returns the first code unit or pair of s as a number that orders
// like code units do.
func firstUnits(s string) uint32 {
	r, _ := decodeRune(s)
	if r < 0x10000 {
		return uint32(r) << 10
	}
	high, low := utf16.EncodeRune(r)
	return uint32(high)<<10 | uint32(low)&0x3FF
}
