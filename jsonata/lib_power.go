package jsonata

import (
	"math"
	"math/big"
	"math/bits"
	"sync"
)

// math.Pow is a few units in the last place off, and prints them. Powers are
// calculated with more precision here and rounded once. A good library of Java
// or JavaScript comes close to that.

// powerPrecision is enough for the exact result to be known but for its last
// bits.
const powerPrecision = 192

// powerSteps is the price of a power.
func powerSteps(exponent float64) int {
	switch {
	case exponent == 0, exponent == 1, exponent != exponent:
		return 1
	case exponent != math.Trunc(exponent):
		return 1200
	}
	return 4 + 4*bits.Len64(uint64(min(math.Abs(exponent), 1<<62)))
}

// exponentiate returns base to the power of exponent.
func exponentiate(base, exponent float64) float64 {
	x := math.Pow(base, exponent)
	if x == 0 || math.IsInf(x, 0) || x != x || base == 1 || exponent == 0 || exponent == 1 {
		return x
	}
	whole := math.Trunc(exponent)
	power := wholePower(newFloat(base), whole)
	if fraction := exponent - whole; fraction != 0 { // so the base is positive
		t := new(big.Float).Mul(logarithm(base), newFloat(fraction))
		power.Mul(power, exponential(t))
	}
	exact, _ := power.Float64()
	return exact
}

func newFloat(x float64) *big.Float { return new(big.Float).SetPrec(powerPrecision).SetFloat64(x) }

func wholePower(square *big.Float, exponent float64) *big.Float {
	power := newFloat(1)
	for n := int64(math.Abs(exponent)); n > 0; n /= 2 {
		if n%2 == 1 {
			power.Mul(power, square)
		}
		square.Mul(square, square)
	}
	if exponent < 0 {
		power.Quo(newFloat(1), power)
	}
	return power
}

// logarithm returns the natural logarithm: that of a mantissa near 1, and so
// many times that of 2.
func logarithm(x float64) *big.Float {
	mantissa, exp := math.Frexp(x)
	if mantissa < math.Sqrt2/2 {
		mantissa *= 2
		exp--
	}
	log := nearOne(newFloat(mantissa))
	return log.Add(log, new(big.Float).Mul(logarithmOf2(), newFloat(float64(exp))))
}

var logarithmOf2 = sync.OnceValue(func() *big.Float { return nearOne(newFloat(2)) })

// nearOne returns the logarithm of m as 2 artanh((m-1)/(m+1)).
func nearOne(m *big.Float) *big.Float {
	z := new(big.Float).Quo(new(big.Float).Sub(m, newFloat(1)), new(big.Float).Add(m, newFloat(1)))
	square := new(big.Float).Mul(z, z)
	sum, term := newFloat(0), new(big.Float).Set(z)
	part := newFloat(0)
	for n := 1.0; !isNegligible(term); n += 2 {
		sum.Add(sum, part.Quo(term, newFloat(n)))
		term.Mul(term, square)
	}
	return sum.Mul(sum, newFloat(2))
}

// isNegligible reports whether a term of a series does not change a sum that is
// about 1.
func isNegligible(term *big.Float) bool {
	return term.Sign() == 0 || term.MantExp(nil) < -powerPrecision
}

// exponential returns e to the power of t, by way of a 1024th of t.
func exponential(t *big.Float) *big.Float {
	part := new(big.Float).Quo(t, newFloat(1024))
	sum, term := newFloat(1), newFloat(1)
	for n := 1.0; !isNegligible(term); n++ {
		term.Mul(term, part)
		term.Quo(term, newFloat(n))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}
