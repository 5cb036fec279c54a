package intrinsics

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"

	"github.com/statemill/statemill/jsonvalue"
)

// round rounds half up, towards positive infinity: -1.5 is -1 (recorded). The
// result must have 32 bits.
func round(name string, v jsonvalue.Value) (int64, *Error) {
	f, _ := v.AsFloat64()
	f = math.Floor(f + 0.5)
	if f < math.MinInt32 || f > math.MaxInt32 {
		return 0, invalid("Invalid arguments in %s: %v is not between %d and %d", name, v, math.MinInt32, math.MaxInt32)
	}
	return int64(f), nil
}

func roundAll(name string, args []jsonvalue.Value) (numbers [3]int64, err *Error) {
	for i, v := range args {
		if numbers[i], err = round(name, v); err != nil {
			return numbers, err
		}
	}
	return numbers, nil
}

func mathAdd(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	n, err := roundAll("States.MathAdd", args)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	sum := jsonvalue.Int(n[0] + n[1])
	if _, err := round("States.MathAdd", sum); err != nil {
		return jsonvalue.Value{}, err
	}
	return sum, nil
}

// mathRandom returns a number from start on and below end.
func mathRandom(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	n, err := roundAll("States.MathRandom", args)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	start, end := n[0], n[1]
	switch {
	case start >= end:
		return jsonvalue.Value{}, invalid("Invalid arguments in States.MathRandom: the start %d is not below the end %d", start, end)
	case len(args) == 3:
		return jsonvalue.Int(newJavaRandom(n[2]).between(start, end)), nil
	case e.env.Random == nil:
		return jsonvalue.Value{}, invalid(noRandom)
	}
	return jsonvalue.Int(start + rand.New(e.env.Random).Int64N(end-start)), nil
}

const noRandom = "No source of randomness is given"

// uuid returns a UUID of version 4 (RFC 9562).
func uuid(e *evaluation, _ []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if e.env.Random == nil {
		return jsonvalue.Value{}, invalid(noRandom)
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
