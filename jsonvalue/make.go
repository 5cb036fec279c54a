package jsonvalue

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/statemill/statemill/internal/jsontext"
)

// Bool returns true or false.
func Bool(b bool) Value {
	if b {
		return Value{num: 1, ref: boolForm}
	}
	return Value{ref: boolForm}
}

// Int returns an integer.
func Int(n int64) Value { return Value{num: uint64(n), ref: intForm} }

// Float returns a number that keeps its decimal point: Float(1) is 1.0.
// NaN and the infinities are errors: JSON has no such numbers.
func Float(f float64) (Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}, fmt.Errorf("jsonvalue: JSON has no number %v", f)
	}
	return ownFloat(f), nil
}

// Number returns the number that a JSON text says, exactly, whatever its size.
func Number(text json.Number) (Value, error) {
	v, err := Parse([]byte(text))
	if err == nil && v.Kind() == KindNumber && strings.TrimSpace(string(text)) == string(text) {
		return v, nil
	}
	return Value{}, fmt.Errorf("jsonvalue: %q is not a number", text)
}

// String returns a string. Bytes that are not UTF-8 become U+FFFD; a lone
// surrogate in its three-byte form is kept.
func String(s string) Value {
	if !utf8.ValidString(s) {
		s = repair(s)
	}
	return ownString(s)
}

// repair replaces what is neither UTF-8 nor a lone surrogate, and joins two
// surrogates that make a pair.
func repair(s string) string {
	out := make([]byte, 0, len(s))
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if size == 1 && r == utf8.RuneError {
			r, size = repairRune(s)
		}
		out = jsontext.AppendCodeUnit(out, r)
		s = s[size:]
	}
	return string(out)
}

func repairRune(s string) (r rune, size int) {
	high, ok := jsontext.DecodeSurrogate(s)
	if !ok {
		return utf8.RuneError, 1
	}
	if low, ok := jsontext.DecodeSurrogate(s[3:]); ok && high < 0xDC00 && low >= 0xDC00 {
		return (high-0xD800)<<10 + (low - 0xDC00) + 0x10000, 6
	}
	return high, 3
}

// Array returns an array of its arguments.
func Array(elements ...Value) Value {
	return ownArray(append([]Value(nil), elements...))
}

// The own functions take over what they are given: valid text, and slices that
// nobody else will change.

func ownFloat(f float64) Value { return Value{num: math.Float64bits(f), ref: floatForm} }

func ownExact(text string) Value {
	n := &exactNumber{text: text}
	n.float, _ = strconv.ParseFloat(text, 64)
	n.int, n.isInt = jsontext.Normalize(text).Int64()
	return Value{ref: n}
}

func ownString(s string) Value {
	return Value{num: uint64(len(s)), ref: textPointer(unsafe.StringData(s))}
}

func ownArray(elements []Value) Value {
	inside := 0
	for i := range elements {
		inside = max(inside, elements[i].Depth())
	}
	return Value{num: lengthAndDepth(len(elements), inside), ref: arrayPointer(unsafe.SliceData(elements))}
}
