package jsonata

import (
	"math"
	"slices"
	"strings"
)

// Numbers in English words.

var (
	smallNumbers = [...]string{
		"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen",
		"Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
	}
	smallOrdinals = [...]string{
		"Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh",
		"Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
	}
	decades    = [...]string{"Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"}
	magnitudes = [...]string{"Thousand", "Million", "Billion", "Trillion"}
)

// numberWords writes a whole number. After says that higher digits precede it.
func numberWords(x float64, after, ordinal bool) string {
	switch {
	case math.IsInf(x, 0) || x != x:
		return formatFloat(x)
	case x < 100:
		return joined(after, " and ") + tens(int(x), ordinal)
	case x < 1000:
		hundreds := smallNumbers[int(x/100)] + " Hundred"
		return joined(after, ", ") + hundreds + remainder(math.Mod(x, 100), ordinal)
	}
	magnitude := min(len(magnitudes), int(math.Floor(math.Log10(x)/3)))
	factor := math.Pow(1000, float64(magnitude))
	if x < factor { // the logarithm was rounded up
		magnitude--
		factor /= 1000
	}
	high := math.Floor(x / factor)
	return joined(after, ", ") + numberWords(high, false, false) + " " + magnitudes[magnitude-1] + remainder(x-high*factor, ordinal)
}

func joined(after bool, separator string) string {
	if after {
		return separator
	}
	return ""
}

// remainder writes what follows a round number.
func remainder(x float64, ordinal bool) string {
	switch {
	case x > 0:
		return numberWords(x, true, ordinal)
	case ordinal:
		return "th"
	}
	return ""
}

func tens(n int, ordinal bool) string {
	switch {
	case n < 20 && ordinal:
		return smallOrdinals[n]
	case n < 20:
		return smallNumbers[n]
	}
	decade := decades[n/10-2]
	switch {
	case n%10 > 0:
		return decade + "-" + tens(n%10, ordinal)
	case ordinal:
		return strings.TrimSuffix(decade, "y") + "ieth"
	}
	return decade
}

// wordValue returns the number that one word names.
func wordValue(word string) (float64, bool) {
	same := func(s string) bool { return strings.EqualFold(s, word) }
	if i := slices.IndexFunc(smallNumbers[:], same); i >= 0 {
		return float64(i), true
	}
	if i := slices.IndexFunc(smallOrdinals[:], same); i >= 0 {
		return float64(i), true
	}
	word = strings.TrimSuffix(word, "th")
	if base, ok := strings.CutSuffix(word, "ie"); ok {
		word = base + "y"
	}
	if i := slices.IndexFunc(decades[:], same); i >= 0 {
		return float64(i+2) * 10, true
	}
	if i := slices.IndexFunc(magnitudes[:], same); i >= 0 {
		return math.Pow(1000, float64(i+1)), true
	}
	return 0, false
}

// wordsToNumber is the inverse of numberWords, or NaN.
func wordsToNumber(s string) float64 {
	segments := []float64{0}
	for _, word := range splitWords(s) {
		x, ok := wordValue(word)
		if !ok {
			return math.NaN()
		}
		last := len(segments) - 1
		switch top := segments[last]; {
		case x >= 100:
			segments[last] = top * x
		case top >= 1000:
			segments = append(segments, x)
		default:
			segments[last] = top + x
		}
	}
	total := 0.0
	for _, x := range segments {
		total += x
	}
	return total
}

// splitWords cuts at commas, spaces, hyphens and the word and.
func splitWords(s string) []string {
	var words []string
	from := 0
	for at := 0; at < len(s); {
		size := wordSeparator(s[at:])
		if size == 0 {
			at++
			continue
		}
		words = append(words, s[from:at])
		at += size
		from = at
	}
	return append(words, s[from:])
}

// wordSeparator returns the size of the separator that begins s, or 0.
func wordSeparator(s string) int {
	isSpace := func(i int) bool { return i < len(s) && strings.IndexByte(whitespace, s[i]) >= 0 }
	switch {
	case s[0] == ',' && isSpace(1):
		return 2
	case isSpace(0) && strings.HasPrefix(s[1:], "and") && isSpace(4):
		return 5
	case isSpace(0) || s[0] == '-' || s[0] == '\\':
		return 1
	}
	return 0
}
