package jsonata

import (
	"strings"
	"unicode"
)

// Upper and lower case after Unicode's SpecialCasing, as in JavaScript: one
// character may become several, and a sigma at the end of a word has a form of
// its own.

// upperSpecial holds the characters whose upper case is more than one.
var upperSpecial = [...]struct {
	from rune
	to   string
}{
	{'ß', "SS"}, {'ŉ', "ʼN"}, {'ǰ', "J̌"}, {'ΐ', "Ϊ́"}, {'ΰ', "Ϋ́"}, {'և', "ԵՒ"}, {'ẖ', "H̱"}, {'ẗ', "T̈"},
	{'ẘ', "W̊"}, {'ẙ', "Y̊"}, {'ẚ', "Aʾ"}, {'ὐ', "Υ̓"}, {'ὒ', "Υ̓̀"}, {'ὔ', "Υ̓́"}, {'ὖ', "Υ̓͂"},
	{'ᾶ', "Α͂"}, {'ῆ', "Η͂"}, {'ῒ', "Ϊ̀"}, {'ΐ', "Ϊ́"}, {'ῖ', "Ι͂"}, {'ῗ', "Ϊ͂"}, {'ῢ', "Ϋ̀"}, {'ΰ', "Ϋ́"},
	{'ῤ', "Ρ̓"}, {'ῦ', "Υ͂"}, {'ῧ', "Ϋ͂"}, {'ῶ', "Ω͂"}, {'ﬀ', "FF"}, {'ﬁ', "FI"}, {'ﬂ', "FL"}, {'ﬃ', "FFI"},
	{'ﬄ', "FFL"}, {'ﬅ', "ST"}, {'ﬆ', "ST"}, {'ﬓ', "ՄՆ"}, {'ﬔ', "ՄԵ"}, {'ﬕ', "ՄԻ"}, {'ﬖ', "ՎՆ"}, {'ﬗ', "ՄԽ"},
	{'ᾳ', "ΑΙ"}, {'ᾴ', "ΆΙ"}, {'ᾷ', "Α͂Ι"}, {'ᾲ', "ᾺΙ"}, {'ᾼ', "ΑΙ"}, {'ῃ', "ΗΙ"}, {'ῄ', "ΉΙ"}, {'ῇ', "Η͂Ι"}, {'ῂ', "ῊΙ"},
	{'ῌ', "ΗΙ"}, {'ῳ', "ΩΙ"}, {'ῴ', "ΏΙ"}, {'ῷ', "Ω͂Ι"}, {'ῲ', "ῺΙ"}, {'ῼ', "ΩΙ"},
}

func toUpper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return mapText(s, func(b *textBuilder, r rune, _, _ string) {
		if special, ok := specialUpper(r); ok {
			b.WriteString(special)
			return
		}
		b.WriteString(string(unicode.ToUpper(r)))
	})
}

func specialUpper(r rune) (string, bool) {
	if r >= 0x1F80 && r <= 0x1FAF { // Greek vowels with an iota below
		vowel := [...]rune{0x1F08, 0x1F28, 0x1F68}[(r-0x1F80)/16] + r%8
		return string(vowel) + "Ι", true
	}
	for _, special := range upperSpecial {
		if special.from == r {
			return special.to, true
		}
	}
	return "", false
}

func toLower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return mapText(s, func(b *textBuilder, r rune, before, after string) {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && endsWord(before, after):
			b.WriteString("ς")
		default:
			b.WriteString(string(unicode.ToLower(r)))
		}
	})
}

// endsWord reports whether what is between two texts follows a letter and
// precedes none.
func endsWord(before, after string) bool {
	ignorable := func(r rune) bool {
		return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·’", r)
	}
	before = strings.TrimRightFunc(before, ignorable)
	after = strings.TrimLeftFunc(after, ignorable)
	last := strings.LastIndexFunc(before, func(rune) bool { return true })
	if last < 0 || !isCased(before[last:]) {
		return false
	}
	return after == "" || !isCased(after)
}

// isCased reports whether s begins with a letter that has cases.
func isCased(s string) bool {
	r, _ := decodeRune(s)
	return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r)
}

// mapText rewrites a text character by character; lone surrogates stay.
func mapText(s string, f func(b *textBuilder, r rune, before, after string)) string {
	var b textBuilder
	for at := 0; at < len(s); {
		r, size := decodeRune(s[at:])
		if isLone(s[at:]) {
			b.WriteString(s[at : at+size])
		} else {
			f(&b, r, s[:at], s[at+size:])
		}
		at += size
	}
	return b.String()
}
