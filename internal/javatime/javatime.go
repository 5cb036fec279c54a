// Package javatime reads timestamps: the profile of RFC 3339 that the States
// Language uses, as far as Java reads it.
package javatime

import "time"

// Parse reads a date, an upper-case T, a time with seconds, a fraction of up to
// nine digits, and an upper-case Z or an offset. Like Java it knows no offset
// beyond 18 hours (unsure: RFC 3339 allows any below 24) and no longer fraction
// (unsure).
func Parse(text string) (at time.Time, ok bool) {
	if !hasForm(text) {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil
}

const form = "0000-00-00T00:00:00"

// hasForm reports whether each digit of text, and what is between them, stands
// where it should. Which dates and times there are it does not know.
func hasForm(text string) bool {
	if !like(text, form) {
		return false
	}
	rest := text[len(form):]
	if digits := fraction(rest); digits > maxDigits {
		return false
	} else if digits > 0 {
		rest = rest[len(".")+digits:]
	}
	return rest == "Z" || isOffset(rest)
}

const maxDigits = 9

// fraction returns how many digits follow a point.
func fraction(text string) (digits int) {
	if text == "" || text[0] != '.' {
		return 0
	}
	for 1+digits < len(text) && isDigit(text[1+digits]) {
		digits++
	}
	return digits
}

func isOffset(text string) bool {
	const form = "00:00"
	if len(text) != 1+len(form) || text[0] != '+' && text[0] != '-' || !like(text[1:], form) {
		return false
	}
	return text[4] < '6' && text[1:] <= "18:00"
}

// like reports whether text begins with a form, in which 0 is any digit.
func like(text, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(text[i]) || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
