package intrinsics

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"

	"github.com/statemill/statemill/jsonvalue"
)

// round rounds half up, towards positive infinity: -1.5 is -1 (recorded). Only
// States.MathAdd rounds. ok is false for what has more than 32 bits. Beyond
// float64 numbers are accepted (said): Java rounds them to the ends of a long and
// keeps the low half of that (unsure).
func round(v jsonvalue.Value) (n int64, ok bool) {
	if n, ok = v.AsInt64(); ok && n == int64(int32(n)) {
		return n, true
	}
	f, _ := v.AsFloat64()
	switch {
	case math.IsInf(f, 1):
		return -1, true
	case math.IsInf(f, -1):
		return 0, true
	}
	return int32Of(math.Floor(f + 0.5))
}

// truncate cuts off the fraction, as all functions but States.MathAdd do
// (recorded). ok is false for what has more than 32 bits.
func truncate(v jsonvalue.Value) (n int64, ok bool) {
	f, _ := v.AsFloat64()
	return int32Of(math.Trunc(f))
}

func int32Of(f float64) (n int64, ok bool) {
	if f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}

func mathAdd(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	a, ok := round(args[0])
	b, ok2 := round(args[1])
	if sum := a + b; ok && ok2 && sum == int64(int32(sum)) {
		return jsonvalue.Int(sum), nil
	}
	return jsonvalue.Value{}, invalid()
}

// mathRandom returns a number from start on and below end. The seed is one of
// java.util.Random, 64 bits long (unsure: 32).
func mathRandom(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	start, ok := truncate(args[0])
	end, ok2 := truncate(args[1])
	switch {
	case !ok || !ok2 || start >= end:
		return jsonvalue.Value{}, invalid()
	case len(args) == 3:
		seed, ok := seedOf(args[2])
		if !ok {
			return jsonvalue.Value{}, invalid()
		}
		return jsonvalue.Int(newJavaRandom(seed).between(start, end)), nil
	case e.env.Random == nil:
		return jsonvalue.Value{}, because(noRandom)
	}
	return jsonvalue.Int(start + rand.New(e.env.Random).Int64N(end-start)), nil
}

func seedOf(v jsonvalue.Value) (seed int64, ok bool) {
	if seed, ok = v.AsInt64(); ok {
		return seed, true
	}
	f, _ := v.AsFloat64()
	f = math.Trunc(f)
	return int64(f), f >= -1<<63 && f < 1<<63
}

const noRandom = "No source of randomness is given"

// uuid returns a UUID of version 4 (RFC 9562), whatever its arguments are
// (recorded).
func uuid(e *evaluation, _ []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if e.env.Random == nil {
		return jsonvalue.Value{}, because(noRandom)
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], e.env.Random.Uint64())
	binary.BigEndian.PutUint64(id[8:], e.env.Random.Uint64())
	id[6] = id[6]&0x0f | 0x40 // version
	id[8] = id[8]&0x3f | 0x80 // variant
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return jsonvalue.String(string(text)), nil
}

// javaRandom is java.util.Random: the linear congruential generator that its
// documentation specifies.
type javaRandom struct{ seed int64 }

const (
	javaMultiplier = 0x5DEECE66D
	javaMask       = 1<<48 - 1
)

func newJavaRandom(seed int64) *javaRandom { return &javaRandom{(seed ^ javaMultiplier) & javaMask} }

func (r *javaRandom) next(bits int) int32 {
	r.seed = (r.seed*javaMultiplier + 0xB) & javaMask
	return int32(r.seed >> (48 - bits))
}

// between returns a number from start on and below end, both of 32 bits.
func (r *javaRandom) between(start, end int64) int64 {
	if end-start > math.MaxInt32 { // too wide for a bound: draw until one fits
		for {
			if n := int64(r.next(32)); n >= start && n < end {
				return n
			}
		}
	}
	return start + int64(r.below(int32(end-start)))
}

// below is nextInt(bound).
func (r *javaRandom) below(bound int32) int32 {
	if bound&(bound-1) == 0 {
		return int32(int64(bound) * int64(r.next(31)) >> 31)
	}
	for {
		bits := r.next(31)
		if value := bits % bound; bits-value+(bound-1) >= 0 { // no overflow: not in the uneven rest
			return value
		}
	}
}
