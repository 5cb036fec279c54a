package jsonpath

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// decimal is an exact decimal number, sign * 0.digits * 10^exponent, with no
// zero at either end of the digits. Zero has no digits.
type decimal struct {
	sign     int
	digits   string
	exponent int64
	rounded  float64
	small    bool // an integer in a few characters: rounded is exact
}

func decimalOf(v jsonvalue.Value) decimal {
	text, _ := v.AsNumber()
	d, _ := parseDecimal(string(text))
	return d
}

// parseDecimal reads what Java's BigDecimal reads, and refuses in its words.
func parseDecimal(text string) (d decimal, problem string) {
	rest := strings.TrimPrefix(text, "-")
	if d.sign = 1; len(rest) < len(text) {
		d.sign = -1
	} else {
		rest = strings.TrimPrefix(text, "+")
	}
	mantissa, exponent, problem := splitNumber(rest)
	if problem != "" {
		return d, problem
	}
	d.rounded, _ = strconv.ParseFloat(text, 64)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{small: len(text) < bytesPerWork}, ""
	}
	d.exponent = exponent + int64(len(whole)) - int64(len(whole)+len(fraction)-len(digits))
	d.digits = strings.TrimRight(digits, "0")
	d.small = len(text) < bytesPerWork && int64(len(d.digits)) <= d.exponent && d.exponent <= 15
	return d, ""
}

// splitNumber splits at the mark of the exponent.
func splitNumber(text string) (mantissa string, exponent int64, problem string) {
	end := 0
	digits, points := 0, 0
	for ; end < len(text); end++ {
		if c := text[end]; c >= '0' && c <= '9' {
			digits++
		} else if c == '.' {
			if points++; points > 1 {
				return "", 0, "Character array contains more than one decimal point."
			}
		} else {
			break
		}
	}
	if end < len(text) {
		if exponent, problem = parseExponent(text, end); problem != "" {
			return "", 0, problem
		}
	}
	if digits == 0 {
		return "", 0, "No digits found."
	}
	return text[:end], exponent, ""
}

// maxCompactDigits is up to which length BigDecimal takes another way through
// a text, with a message of its own.
const maxCompactDigits = 18

func parseExponent(text string, mark int) (exponent int64, problem string) {
	if c := text[mark]; c != 'e' && c != 'E' {
		if len(text) > maxCompactDigits {
			return 0, `Character array is missing "e" notation exponential mark.`
		}
		character := []rune(text[mark:])[0]
		return 0, "Character " + string(character) +
			` is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`
	}
	exponent, err := strconv.ParseInt(text[mark+1:], 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, "Too many nonzero exponent digits."
	case err != nil:
		return 0, "Not a digit."
	}
	return exponent, ""
}

func (d decimal) compare(e decimal) int {
	switch {
	case d.sign != e.sign || d.sign == 0:
		return d.sign - e.sign
	case d.exponent != e.exponent:
		return d.sign * cmp.Compare(d.exponent, e.exponent)
	}
	return d.sign * strings.Compare(d.digits, e.digits)
}
