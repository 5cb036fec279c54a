package jsontext

import (
	"math/bits"
	"unicode/utf8"
)

// plain tells the bytes that stand for themselves inside a JSON string and are
// complete characters.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return
}()

const (
	eachByte = 0x0101010101010101
	eachHigh = 0x8080808080808080
)

// plainEnd returns where the plain bytes end that s has from i on. It looks at
// eight bytes at a time.
func plainEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if special := specials(word(s, i)); special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
	}
	for i < len(s) && plain[s[i]] {
		i++
	}
	return i
}

// word returns the eight bytes of s from i on, the first one lowest.
func word(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// specials sets the high bit of bytes that are not plain. A borrow may mark a
// byte wrongly, but only above one that is marked rightly: the lowest mark is
// true.
func specials(w uint64) uint64 {
	quote, backslash := w^('"'*eachByte), w^('\\'*eachByte)
	return (w | (w-' '*eachByte)&^w | (quote-eachByte)&^quote | (backslash-eachByte)&^backslash) & eachHigh
}
