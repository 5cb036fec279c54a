package jsontext

import (
	"strconv"
	"strings"
)

// MaxNumberLength is how many characters a number may have.
const MaxNumberLength = 1000

// number scans the number that begins at s.pos.
func (s *Scanner) number() error {
	text, start := s.text, s.pos
	i := start
	if text[i] == '-' {
		i++
	}
	first := i
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	if i == first {
		return s.errSign()
	}
	if text[first] == '0' && i-first > 1 {
		return s.errLeadingZero(first)
	}
	whole := i
	i, err := s.fraction(i)
	if err != nil {
		return err
	}
	if i-start > MaxNumberLength {
		return s.errNumberLength(i - start)
	}
	s.Start, s.End, s.pos = start, i, i
	if i == whole {
		s.integer(text[start:i])
	} else {
		s.decimal(text[start:i])
	}
	return nil
}

// fraction scans a fraction and an exponent, both optional, which follow the
// whole part, and returns where they end.
func (s *Scanner) fraction(whole int) (int, error) {
	text, i := s.text, whole
	if i < len(text) && text[i] == '.' {
		i++
		first := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		if i == first {
			return 0, s.errFraction(whole, i)
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		first := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		if i == first {
			return 0, s.errExponent(whole, i)
		}
	}
	return i, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *Scanner) integer(text string) {
	s.Form = Int
	if len(text) > 18 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			s.Form = Exact
		}
		s.Int = n
		return
	}
	digits := strings.TrimPrefix(text, "-")
	var n int64
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	if len(digits) < len(text) {
		n = -n
	}
	s.Int = n
}

// decimal takes a number with a fraction or an exponent.
func (s *Scanner) decimal(text string) {
	s.Form = Float
	if f, ok := shortDecimal(text); ok {
		s.Float = f
		return
	}
	f, err := strconv.ParseFloat(text, 64)
	s.Float = f
	if err != nil || Normalize(text) != Normalize(strconv.FormatFloat(f, 'e', -1, 64)) {
		s.Form = Exact
	}
}

var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// shortDecimal converts numbers of at most fifteen digits and without an
// exponent. Both the digits and the power of ten are exact as float64, so one
// division rounds correctly; and fifteen digits always survive the way through
// a float64, so the number is its shortest form.
func shortDecimal(text string) (f float64, ok bool) {
	if len(text) > 17 {
		return 0, false
	}
	var digits uint64
	var count, fraction int
	point := false
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c):
			digits = digits*10 + uint64(c-'0')
			count++
			if point {
				fraction++
			}
		case c == '.':
			point = true
		case c != '-':
			return 0, false
		}
	}
	if count > 15 {
		return 0, false
	}
	f = float64(digits) / powersOfTen[fraction]
	if text[0] == '-' {
		f = -f
	}
	return f, true
}

// Double returns the number that a text says if Java reads it as a double: one
// with a fraction or an exponent. ok is false for any other, and for what is
// beyond a double.
func Double(text string) (f float64, ok bool) {
	if !strings.ContainsAny(text, ".eE") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// Decimal is a number in normal form: its digits without zeros at either end,
// and the power of ten by which 0.DIGITS is multiplied. Zero has no digits. Two
// texts say the same number if their normal forms are equal.
type Decimal struct {
	Negative bool
	Digits   string
	Exponent int
}

// Normalize returns the normal form of the text of a number.
func Normalize(text string) Decimal {
	d := Decimal{Negative: strings.HasPrefix(text, "-")}
	text = strings.TrimPrefix(text, "-")
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	d.Exponent = len(digits) - len(fraction) + parseExponent(exponent)
	d.Digits = strings.TrimRight(digits, "0")
	if d.Digits == "" {
		return Decimal{}
	}
	return d
}

// parseExponent clamps exponents that no sum with a text's length could bring
// back into range.
func parseExponent(text string) int {
	const limit = 1 << 40
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
	switch {
	case text == "":
		return 0
	case err != nil && text[0] == '-', n < -limit:
		return -limit
	case err != nil, n > limit:
		return limit
	}
	return int(n)
}

// Int64 returns the number if it is an integer of 64 bits.
func (d Decimal) Int64() (n int64, ok bool) {
	if d.Exponent < len(d.Digits) || d.Exponent > 19 {
		return 0, d.Digits == ""
	}
	text := d.Digits + strings.Repeat("0", d.Exponent-len(d.Digits))
	if d.Negative {
		text = "-" + text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
