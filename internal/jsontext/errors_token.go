package jsontext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWord is how much of an unknown word Jackson shows.
const maxWord = 256

// errWord reports a word that is none of null, true and false.
func (s *Scanner) errWord() error {
	word := s.unknownWord()
	switch word {
	case "NaN", "Infinity":
		return s.errNonStandard(s.pos, word)
	}
	return s.errToken(s.pos, word)
}

func (s *Scanner) errNonStandard(start int, word string) error {
	return failure(start, start+len(word), "Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", word)
}

func (s *Scanner) errToken(start int, word string) error {
	end := start + len(word)
	if len(word) >= maxWord && utf8.RuneCountInString(word) == maxWord {
		word += "..."
	}
	return failure(start, end, "Unrecognized token '%s': was expecting %s", word, values)
}

// unknownWord returns what looks like a word at the present place.
func (s *Scanner) unknownWord() string {
	if r, _ := utf8.DecodeRuneInString(s.text[s.pos:]); !identifierStart(r) {
		return ""
	}
	return s.text[s.pos:s.wordEnd(s.pos)]
}

// wordEnd returns where the word ends that begins at start.
func (s *Scanner) wordEnd(start int) int {
	count := 0
	for i, r := range s.text[start:] {
		if count == maxWord || !identifierPart(r) {
			return start + i
		}
		count++
	}
	return len(s.text)
}

// identifierStart is Character.isJavaIdentifierStart. Java looks at UTF-16 code
// units, so nothing beyond U+FFFF is one.
func identifierStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r == '$' || 'a' <= r|0x20 && r|0x20 <= 'z'
	}
	return r <= 0xFFFF && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.Nl, unicode.Sc, unicode.Pc)
}

// identifierPart is Character.isJavaIdentifierPart.
func identifierPart(r rune) bool {
	switch {
	case identifierStart(r):
		return true
	case r < 0xA0:
		return '0' <= r && r <= '9' || r <= 0x08 || 0x0E <= r && r <= 0x1B || r >= 0x7F
	}
	return r <= 0xFFFF && unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Cf)
}

const (
	afterMinus = "expected digit (0-9) to follow minus sign, for valid numeric value"
	noPlus     = "JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)

// errSign reports a sign without a digit behind it.
func (s *Scanner) errSign() error {
	sign, start := s.text[s.pos], s.pos
	at := start + 1
	switch {
	case at == len(s.text) && sign == '-':
		return s.ended("No digit following sign")
	case at == len(s.text):
		return s.ended(" in a Number value")
	case s.text[at] == '.' && sign == '-':
		return s.unexpected(at, "expected a valid value "+values)
	case s.text[at] != 'I':
		return s.errAfterSign(sign, at)
	}
	for _, infinity := range []string{"INF", "Infinity"} {
		if rest := s.text[at:]; strings.HasPrefix(rest, infinity[:2]) {
			word := s.text[start:s.wordEnd(at)]
			if word[1:] == infinity {
				return s.errNonStandard(start, word)
			}
			return s.errToken(start, word)
		}
	}
	if at++; at == len(s.text) {
		return s.ended(" in a Number value")
	}
	return s.errAfterSign(sign, at)
}

// errAfterSign reports the character at an offset after a sign, or the plus.
func (s *Scanner) errAfterSign(sign byte, at int) error {
	if sign == '+' {
		e := &SyntaxError{Offset: s.pos, At: at, Char: true}
		e.Message = fmt.Sprintf("Unexpected character (%s) in numeric value: %s", s.char(s.pos), noPlus)
		return e
	}
	return s.errNumeric(at, at, afterMinus)
}

// errNumeric reports the character at an offset in a number.
func (s *Scanner) errNumeric(offset, at int, comment string) error {
	return &SyntaxError{
		Message: fmt.Sprintf("Unexpected character (%s) in numeric value: %s", s.char(offset), comment),
		Offset:  offset, At: at, Char: true,
	}
}

// errFraction reports a point without a digit behind it; first is where the
// digit should be, and whole where the whole part of the number ends.
func (s *Scanner) errFraction(whole, first int) error {
	offset := min(first, len(s.text)-1)
	return s.errNumeric(offset, s.behindWhole(whole), "Decimal point not followed by a digit")
}

// errExponent reports an exponent without a digit.
func (s *Scanner) errExponent(whole, first int) error {
	if first == len(s.text) {
		return s.ended("expected a digit for number exponent")
	}
	return s.errNumeric(first, s.behindWhole(whole), "Exponent indicator not followed by a digit")
}

// behindWhole returns where Jackson sees itself in a number: it notes no more of
// its way than the whole part and the character behind it, two if that is zero.
func (s *Scanner) behindWhole(whole int) int {
	if s.text[whole-1] == '0' && (whole-1 == s.pos || s.text[whole-2] == '-') {
		return min(whole+1, len(s.text)-1)
	}
	return whole
}

func (s *Scanner) errLeadingZero(i int) error {
	return failure(i, i+1, "Invalid numeric value: Leading zeroes not allowed")
}

func (s *Scanner) errNumberLength(n int) error {
	return tooMuch("Number value length", s.pos, s.pos+n, n, MaxNumberLength, "getMaxNumberLength")
}
