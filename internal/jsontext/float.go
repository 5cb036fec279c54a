package jsontext

import (
	"math"
	"strconv"
	"strings"
)

// AppendFloat appends f, which is finite, as Java prints a double: 0.0, 1000.0,
// 1.0E7, 1.0E-5.
func AppendFloat(dst []byte, f float64) []byte {
	if digits, places, ok := shortFraction(f); ok {
		return appendFraction(dst, f, digits, places)
	}
	if isScientific(f) {
		return appendScientific(dst, f)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// FloatSize returns the length of what AppendFloat appends.
func FloatSize(f float64) int {
	digits, places, ok := shortFraction(f)
	if !ok {
		var buf [32]byte
		return len(AppendFloat(buf[:0], f))
	}
	size := max(UintSize(digits), places+1) + len(".")
	if places == 0 {
		size++
	}
	if math.Signbit(f) {
		size++
	}
	return size
}

// UintSize returns how many decimal digits n has.
func UintSize(n uint64) int {
	size := 1
	for ; n >= 10_000; n /= 10_000 {
		size += 4
	}
	switch {
	case n >= 1000:
		return size + 3
	case n >= 100:
		return size + 2
	case n >= 10:
		return size + 1
	}
	return size
}

func isScientific(f float64) bool {
	abs := math.Abs(f)
	return abs != 0 && (abs < 1e-3 || abs >= 1e7)
}

// maxPlaces is how many decimal places are tried: amounts of money have two.
const maxPlaces = 4

// shortFraction returns the digits of f without its point, and how many of them
// are behind it, for numbers of few decimal places that are not printed with an
// exponent. The reason is that of shortDecimal: fewer than fifteen digits that
// give f are its shortest form.
func shortFraction(f float64) (digits uint64, places int, ok bool) {
	if isScientific(f) {
		return 0, 0, false
	}
	abs := math.Abs(f)
	for places, power := range powersOfTen[:maxPlaces+1] {
		if n := math.Floor(abs*power + 0.5); n/power == abs {
			return uint64(n), places, true
		}
	}
	return 0, 0, false
}

func appendFraction(dst []byte, f float64, digits uint64, places int) []byte {
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	if places == 0 {
		return append(strconv.AppendUint(dst, digits, 10), ".0"...)
	}
	power := uint64(powersOfTen[places])
	dst = strconv.AppendUint(dst, digits/power, 10)
	point := len(dst)
	dst = strconv.AppendUint(dst, digits%power+power, 10) // a 1 where the point comes
	dst[point] = '.'
	return dst
}

func appendScientific(dst []byte, f float64) []byte {
	var buf [32]byte
	text := string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)) // -1.25e+07
	mantissa, exponent, _ := strings.Cut(text, "e")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	if exponent[0] == '-' {
		dst = append(dst, '-')
	}
	return append(dst, strings.TrimLeft(exponent[1:], "0")...)
}
