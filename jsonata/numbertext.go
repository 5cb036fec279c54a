package jsonata

import (
	"math"
	"strconv"
)

// formatFloat returns a number as JavaScript prints it.
func formatFloat(f float64) string { return string(appendFloat(nil, f)) }

func appendFloat(dst []byte, f float64) []byte {
	switch a := math.Abs(f); {
	case f == 0:
		return append(dst, '0')
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f != f:
		return append(dst, "NaN"...)
	case a >= 1e-6 && a < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return appendExponent(dst, f)
}

// appendExponent appends scientific notation without the zero that Go puts
// before a one-digit exponent.
func appendExponent(dst []byte, f float64) []byte {
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	for i := len(dst) - 1; i > from; i-- {
		if dst[i] == '+' || dst[i] == '-' {
			if dst[i+1] == '0' {
				dst = append(dst[:i+1], dst[i+2:]...)
			}
			break
		}
	}
	return dst
}
