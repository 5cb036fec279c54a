package jsonata

import (
	"math"
	"strconv"
	"strings"
)

// roundTo rounds to a number of decimal places, halves to even. The decimal
// point is moved in the text, where it costs no precision.
func roundTo(x float64, places int) float64 {
	if rounded, ok := roundQuickly(x, places); ok {
		return rounded
	}
	shifted := shiftPoint(x, places)
	if math.IsInf(shifted, 0) || shifted != shifted {
		return shifted
	}
	return shiftPoint(math.RoundToEven(shifted), -places) + 0
}

func shiftPoint(x float64, places int) float64 {
	if places == 0 || x == 0 || math.IsInf(x, 0) || x != x {
		return x
	}
	var room [40]byte
	mantissa, exp, _ := strings.Cut(string(strconv.AppendFloat(room[:0], x, 'e', -1, 64)), "e")
	n, _ := strconv.Atoi(exp)
	shifted, _ := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(n+places), 64)
	return shifted
}

// roundQuickly moves the decimal point by multiplying. That is off by less than
// 1/2048 in a product below 2^40, so that every product which is farther than
// this from a half is rounded the same way; and dividing two numbers that are
// exact is exact up to the last rounding, as reading the decimal text is.
func roundQuickly(x float64, places int) (rounded float64, ok bool) {
	const largest, margin = 1 << 40, 1.0 / 2048
	if places < 0 || places >= len(powersOfTen) {
		return 0, false
	}
	shifted := x * powersOfTen[places]
	whole := math.RoundToEven(shifted)
	if !(math.Abs(shifted) < largest) || math.Abs(shifted-whole) > 0.5-margin {
		return 0, false
	}
	return whole/powersOfTen[places] + 0, true
}

var powersOfTen = [...]float64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12}
