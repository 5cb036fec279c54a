package jsonpath

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// comparison is the outcome of comparing two values.
type comparison uint8

const (
	ordered comparison = iota
	incomparable
	oneNull    // exactly one side is null: only == and != look at the order
	notANumber // a number on the left, text on the right that says none
)

// compare orders left and right as Jayway does, which takes the text on the
// right for whatever is on the left. from is where right comes from; a literal
// is there as a number already.
func compare(left, right jsonvalue.Value, from *operand) (order int, result comparison) {
	if leftNull, rightNull := isNullish(left), isNullish(right); leftNull || rightNull {
		return compareNulls(left, right, leftNull, rightNull)
	}
	rightKind := right.Kind()
	switch left.Kind() {
	case jsonvalue.KindString:
		if rightKind == jsonvalue.KindString {
			return compareStrings(left, right), ordered
		}
	case jsonvalue.KindNumber:
		return compareNumber(left, right, from)
	case jsonvalue.KindBool:
		if rightKind == jsonvalue.KindString {
			return compareBool(left, right), ordered
		}
	}
	return 0, incomparable
}

// compareNulls orders values of which at least one is null or says so. A text that
// says so comes before every other value; null itself has no order with any value.
func compareNulls(left, right jsonvalue.Value, leftNull, rightNull bool) (order int, result comparison) {
	switch {
	case !rightNull:
		order = -1
	case !leftNull:
		order = 1
	}
	if left.IsNull() != right.IsNull() {
		return order, oneNull
	}
	return order, ordered
}

// isNullish reports whether v is null or the text "null".
func isNullish(v jsonvalue.Value) bool {
	if s, ok := v.AsString(); ok {
		return s == "null"
	}
	return v.IsNull()
}

// compareStrings orders by UTF-16 code units, as Java does: characters beyond
// U+FFFF come before those from U+E000 on.
func compareStrings(left, right jsonvalue.Value) int {
	a, _ := left.AsString()
	b, _ := right.AsString()
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		switch {
		case x == y:
			continue
		case x >= 0xF0 && y >= 0xEE && y < 0xF0:
			return -1
		case y >= 0xF0 && x >= 0xEE && x < 0xF0:
			return 1
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

// compareBool takes text on the right for true if it says so, in any case.
func compareBool(left, right jsonvalue.Value) int {
	a, _ := left.AsBool()
	text, _ := right.AsString()
	b := strings.EqualFold(text, "true")
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func compareNumber(left, right jsonvalue.Value, from *operand) (order int, result comparison) {
	switch right.Kind() {
	case jsonvalue.KindNumber:
		number := decimalOf(right)
		return compareDecimals(left, &number), ordered
	case jsonvalue.KindString:
		if from.isNumber {
			return compareDecimals(left, &from.number), ordered
		}
		text, _ := right.AsString()
		number, problem := parseDecimal(text)
		if problem != "" {
			return 0, notANumber
		}
		return compareDecimals(left, &number), ordered
	}
	return 0, incomparable
}

// compareDecimals compares by value. Rounding to a float64 never turns two
// numbers around, so only those that round to the same one need a closer look.
func compareDecimals(left jsonvalue.Value, number *decimal) int {
	f, _ := left.AsFloat64()
	if f < number.rounded {
		return -1
	} else if f > number.rounded {
		return 1
	}
	return decimalOf(left).compare(*number)
}

// unescapeQuotes turns \' into ', the only escape that comparing knows.
func unescapeQuotes(text string) string { return strings.ReplaceAll(text, `\'`, `'`) }
