package jsontext

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// javaForm returns the text that AppendFloat must append, made the long way.
func javaForm(f float64) string {
	if isScientific(f) {
		return string(appendScientific(nil, f))
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func TestAppendFloat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	check := func(f float64) {
		t.Helper()
		got := string(AppendFloat([]byte("x"), f))[1:]
		if want := javaForm(f); got != want {
			t.Fatalf("%v: %s, want %s", f, got, want)
		}
		if FloatSize(f) != len(got) {
			t.Fatalf("%s: size %d", got, FloatSize(f))
		}
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1, -1, 6, 0.1, 0.001, 0.0012, 9.99e-4, 9999999, 9999999.5, 9999999.9999, 1e7, 0.1 + 0.2, 1e300, 5e-324, 1.0001, 1.00005, 4503599.6273} {
		check(f)
		check(-f)
	}
	for range 300_000 {
		places := random.IntN(7)
		check(float64(random.Int64N(1e12)) / powersOfTen[places])
		check(math.Nextafter(float64(random.Int64N(1e9))/powersOfTen[places], math.Inf(1-2*random.IntN(2))))
		if f := math.Float64frombits(random.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			check(f)
		}
		check(random.Float64() * 100)
	}
}

func TestUintSize(t *testing.T) {
	for n := uint64(1); n != 0 && n <= math.MaxUint64/10; n *= 10 {
		for _, m := range []uint64{n - 1, n, n + 1, 9 * n} {
			if got, want := UintSize(m), len(strconv.FormatUint(m, 10)); got != want {
				t.Fatalf("%d: %d, want %d", m, got, want)
			}
		}
	}
	if UintSize(math.MaxUint64) != 20 {
		t.Fatal("MaxUint64")
	}
}

// Every byte at every place of a word, beside every other.
func TestPlainEnd(t *testing.T) {
	long := func(s string) int {
		for i := range len(s) {
			if !plain[s[i]] {
				return i
			}
		}
		return len(s)
	}
	text := []byte("abcdefghijklmnopqrs")
	for at := range text {
		for c := range 256 {
			for _, next := range []byte{' ', 0x00, '!', '"', '#', '\\', 0x7f, 0x80, 0xff} {
				s := append([]byte(nil), text...)
				s[at] = byte(c)
				if at+1 < len(s) {
					s[at+1] = next
				}
				if got, want := plainEnd(string(s), 0), long(string(s)); got != want {
					t.Fatalf("%q: %d, want %d", s, got, want)
				}
			}
		}
	}
}
