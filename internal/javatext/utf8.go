package javatext

import "unicode/utf8"

// FromUTF8 returns what Java's String makes of bytes: each part that is no UTF-8
// becomes one U+FFFD, however many bytes of a character are there.
func FromUTF8(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	text := make([]byte, 0, len(data)+len(data)/2)
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			size = malformed(data)
		}
		text = utf8.AppendRune(text, r)
		data = data[size:]
	}
	return string(text)
}

// malformed returns how many bytes the malformed character is long that begins
// data: those that could begin one, or a surrogate as a whole.
func malformed(data []byte) int {
	c := data[0]
	low, high := byte(0x80), byte(0xBF) // what the second byte may be
	want := 0
	switch {
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
		if c == 0xE0 {
			low = 0xA0
		}
	case c == 0xF0:
		want, low = 3, 0x90
	case c >= 0xF1 && c <= 0xF3:
		want = 3
	case c == 0xF4:
		want, high = 3, 0x8F
	}
	n := 1
	for n <= want && n < len(data) && data[n] >= low && data[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}
