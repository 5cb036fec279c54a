package asl

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// writtenOffset converts an offset in a string to one in the text of the string,
// which may contain escapes.
func writtenOffset(raw string, offset int) int {
	at := 0
	for n := 0; n < offset && at < len(raw); {
		switch {
		case raw[at] != '\\':
			at++
			n++
		case raw[at+1] != 'u':
			at += len(`\n`)
			n++
		default:
			size, length := escapedRune(raw[at:])
			at += size
			n += length
		}
	}
	return at
}

// escapedRune returns two lengths of a character that is written as \u...., or as
// two of these: in the text, and as UTF-8.
func escapedRune(raw string) (written, length int) {
	const escape = len(`\u0000`)
	unit := hexUnit(raw)
	if utf16.IsSurrogate(unit) {
		if len(raw) >= 2*escape && utf16.DecodeRune(unit, hexUnit(raw[escape:])) != utf8.RuneError {
			return 2 * escape, 4
		}
		return escape, 3
	}
	return escape, utf8.RuneLen(unit)
}

// hexUnit decodes the escape at the start of raw to a UTF-16 unit; 0 if there is
// none.
func hexUnit(raw string) rune {
	if len(raw) < len(`\u0000`) || raw[:2] != `\u` {
		return 0
	}
	unit, _ := strconv.ParseUint(raw[2:6], 16, 16)
	return rune(unit)
}
