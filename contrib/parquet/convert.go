package parquet

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// meaning is what a value of a column means.
type meaning int

const (
	asStored meaning = iota
	asUnsigned
	asText
	asDecimal
	asDate
	asTime
	asTimestamp
	asUUID
	asHalf // a number of 16 bits
	asNull
)

// What the schema says of meanings. The older way is converted, the newer one logical.
const (
	convertedUTF8            = 0
	convertedMap             = 1
	convertedMapKeyValue     = 2
	convertedList            = 3
	convertedEnum            = 4
	convertedDecimal         = 5
	convertedDate            = 6
	convertedTimeMillis      = 7
	convertedTimeMicros      = 8
	convertedTimestampMillis = 9
	convertedTimestampMicros = 10
	convertedUint8           = 11
	convertedUint64          = 14
	convertedJSON            = 19

	logicalString    = 1
	logicalMap       = 2
	logicalList      = 3
	logicalEnum      = 4
	logicalDecimal   = 5
	logicalDate      = 6
	logicalTime      = 7
	logicalTimestamp = 8
	logicalInteger   = 10
	logicalUnknown   = 11
	logicalJSON      = 12
	logicalUUID      = 14
	logicalFloat16   = 15

	millis = 1
	micros = 2
	nanos  = 3
)

const (
	maxDecimal = 64   // bytes
	maxScale   = 1000 // decimals
)

// leafOf returns the column of an element.
func leafOf(e *element) (*leaf, error) {
	l := &leaf{physical: e.physical, length: e.length}
	if e.physical < booleans || e.physical > fixedArrays {
		return nil, fmt.Errorf("type %d is none", e.physical)
	}
	if e.physical == fixedArrays && e.length == 0 {
		return nil, fmt.Errorf("its values have no bytes")
	}
	if e.logical.known {
		l.mean(&e.logical)
	} else {
		l.meanConverted(e)
	}
	if l.scale > maxScale {
		return nil, fmt.Errorf("it has %d decimals: expected at most %d", l.scale, maxScale)
	}
	if !l.fits() {
		l.meaning = asStored
	}
	return l, nil
}

func (l *leaf) mean(to *logical) {
	l.scale, l.unit, l.utc = to.scale, to.unit, to.utc
	switch to.kind {
	case logicalString, logicalEnum, logicalJSON:
		l.meaning = asText
	case logicalDecimal:
		l.meaning = asDecimal
	case logicalDate:
		l.meaning = asDate
	case logicalTime:
		l.meaning = asTime
	case logicalTimestamp:
		l.meaning = asTimestamp
	case logicalInteger:
		if !to.signed {
			l.meaning = asUnsigned
		}
	case logicalUnknown:
		l.meaning = asNull
	case logicalUUID:
		l.meaning = asUUID
	case logicalFloat16:
		l.meaning = asHalf
	}
}

func (l *leaf) meanConverted(e *element) {
	l.scale, l.unit, l.utc = e.scale, micros, true
	switch c := e.converted; {
	case c == convertedUTF8 || c == convertedEnum || c == convertedJSON:
		l.meaning = asText
	case c == convertedDecimal:
		l.meaning = asDecimal
	case c == convertedDate:
		l.meaning = asDate
	case c == convertedTimeMillis:
		l.meaning, l.unit = asTime, millis
	case c == convertedTimeMicros:
		l.meaning = asTime
	case c == convertedTimestampMillis:
		l.meaning, l.unit = asTimestamp, millis
	case c == convertedTimestampMicros:
		l.meaning = asTimestamp
	case c >= convertedUint8 && c <= convertedUint64:
		l.meaning = asUnsigned
	}
}

// fits reports whether a meaning is one of values that are stored this way.
func (l *leaf) fits() bool {
	switch l.meaning {
	case asUnsigned, asDate:
		return l.physical == int32s || l.physical == int64s
	case asText:
		return l.physical == byteArrays || l.physical == fixedArrays
	case asDecimal:
		return l.physical == int32s || l.physical == int64s || l.physical == byteArrays || l.physical == fixedArrays
	case asTime, asTimestamp:
		return (l.physical == int32s || l.physical == int64s) && l.unit >= millis && l.unit <= nanos
	case asUUID:
		return l.physical == fixedArrays && l.length == 16
	case asHalf:
		return l.physical == fixedArrays && l.length == 2
	}
	return true
}

// whole returns a whole number with its sign.
func (l *leaf) whole(s scalar) int64 {
	if l.physical == int32s {
		return int64(int32(s.bits))
	}
	return int64(s.bits)
}

// convert makes JSON of a value.
func (l *leaf) convert(s scalar) (jsonvalue.Value, error) {
	switch l.meaning {
	case asUnsigned:
		if l.physical == int32s {
			return jsonvalue.Int(int64(uint32(s.bits))), nil
		}
		return jsonvalue.Number(json.Number(strconv.FormatUint(s.bits, 10)))
	case asText:
		return jsonvalue.String(strings.ToValidUTF8(string(s.bytes), "\uFFFD")), nil
	case asDecimal:
		return l.decimal(s)
	case asDate:
		return jsonvalue.String(time.Unix(l.whole(s)*24*60*60, 0).UTC().Format(time.DateOnly)), nil
	case asTime:
		return jsonvalue.String(shown(l.instant(s), "15:04:05")), nil
	case asTimestamp:
		text := shown(l.instant(s), "2006-01-02T15:04:05")
		if l.utc {
			text += "Z"
		}
		return jsonvalue.String(text), nil
	case asUUID:
		b := hex.EncodeToString(s.bytes)
		return jsonvalue.String(strings.Join([]string{b[:8], b[8:12], b[12:16], b[16:20], b[20:]}, "-")), nil
	case asHalf:
		return number(half(binary.LittleEndian.Uint16(s.bytes)), 32)
	case asNull:
		return jsonvalue.Value{}, nil
	}
	return l.stored(s)
}

// stored makes JSON of a value that means nothing else.
func (l *leaf) stored(s scalar) (jsonvalue.Value, error) {
	switch l.physical {
	case booleans:
		return jsonvalue.Bool(s.bits == 1), nil
	case int32s, int64s:
		return jsonvalue.Int(l.whole(s)), nil
	case int96s: // the nanosecond of a day, and the Julian day
		day := int64(binary.LittleEndian.Uint32(s.bytes[8:])) - 2_440_588
		at := time.Unix(day*24*60*60, int64(binary.LittleEndian.Uint64(s.bytes)))
		return jsonvalue.String(shown(at, "2006-01-02T15:04:05") + "Z"), nil
	case floats:
		return number(float64(math.Float32frombits(uint32(s.bits))), 32)
	case doubles:
		return number(math.Float64frombits(s.bits), 64)
	}
	return jsonvalue.String(base64.StdEncoding.EncodeToString(s.bytes)), nil
}

// instant returns a point in time; of a day, it is one of the first.
func (l *leaf) instant(s scalar) time.Time {
	switch n := l.whole(s); l.unit {
	case millis:
		return time.UnixMilli(n)
	case micros:
		return time.UnixMicro(n)
	default:
		return time.Unix(0, n)
	}
}

// shown prints an instant, with no more decimals than it has: none, 3, 6 or 9.
func shown(at time.Time, layout string) string {
	switch n := at.Nanosecond(); {
	case n == 0:
	case n%1e6 == 0:
		layout += ".000"
	case n%1e3 == 0:
		layout += ".000000"
	default:
		layout += ".000000000"
	}
	return at.UTC().Format(layout)
}

// number makes a number of one that has so many bits: 0.1 stays 0.1.
func number(f float64, bits int) (jsonvalue.Value, error) {
	switch {
	case math.IsNaN(f):
		return jsonvalue.String("NaN"), nil
	case math.IsInf(f, 1):
		return jsonvalue.String("Infinity"), nil
	case math.IsInf(f, -1):
		return jsonvalue.String("-Infinity"), nil
	}
	if bits == 32 {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	}
	return jsonvalue.Float(f)
}

// half returns a number of 16 bits.
func half(b uint16) float64 {
	sign, exponent, fraction := 1.0, int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch {
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// decimal makes a number.
func (l *leaf) decimal(s scalar) (jsonvalue.Value, error) {
	n := new(big.Int)
	switch {
	case l.asBits():
		n.SetInt64(l.whole(s))
	case len(s.bytes) > maxDecimal:
		return jsonvalue.Value{}, fmt.Errorf("a decimal number has %d bytes: expected at most %d", len(s.bytes), maxDecimal)
	case len(s.bytes) > 0: // the highest byte comes first, with the sign
		n.SetBytes(s.bytes)
		if s.bytes[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(s.bytes))))
		}
	}
	digits := new(big.Int).Abs(n).String()
	if l.scale > 0 {
		if missing := l.scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		point := len(digits) - l.scale
		digits = digits[:point] + "." + digits[point:]
	}
	if n.Sign() < 0 {
		digits = "-" + digits
	}
	return jsonvalue.Number(json.Number(digits))
}
