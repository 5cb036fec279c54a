package javahash

import (
	"math"
	"math/big"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// Value returns the hashCode of what Java makes of a JSON value: null, Boolean,
// String, a List, a Map, or a number. Whole numbers that are equal have one hash,
// 1 and 1.0 too (unsure: as a Double 1.0 had another).
func Value(v jsonvalue.Value) int32 {
	switch v.Kind() {
	case jsonvalue.KindBool:
		if b, _ := v.AsBool(); b {
			return 1231
		}
		return 1237
	case jsonvalue.KindNumber:
		return number(v)
	case jsonvalue.KindString:
		s, _ := v.AsString()
		return String(s)
	case jsonvalue.KindArray:
		h := int32(1)
		for _, element := range v.Elements() {
			h = 31*h + Value(element)
		}
		return h
	case jsonvalue.KindObject:
		h := int32(0)
		for name, member := range v.Members() {
			h += String(name) ^ Value(member)
		}
		return h
	}
	return 0
}

func number(v jsonvalue.Value) int32 {
	if n, ok := v.AsInt64(); ok {
		if n == int64(int32(n)) {
			return int32(n) // an Integer
		}
		return folded(uint64(n)) // a Long
	}
	text, _ := v.AsNumber()
	if !strings.ContainsAny(string(text), ".eE") {
		if n, ok := new(big.Int).SetString(string(text), 10); ok {
			return bigInteger(n)
		}
	}
	f, _ := v.AsFloat64()
	return folded(math.Float64bits(f))
}

func folded(bits uint64) int32 { return int32(uint32(bits) ^ uint32(bits>>32)) }

// bigInteger is BigInteger.hashCode.
func bigInteger(n *big.Int) int32 {
	var h int32
	bytes := n.Bytes()
	for size := len(bytes) % 4; len(bytes) > 0; size = 0 {
		if size == 0 {
			size = 4
		}
		var word uint32
		for _, b := range bytes[:size] {
			word = word<<8 | uint32(b)
		}
		h = 31*h + int32(word)
		bytes = bytes[size:]
	}
	return h * int32(n.Sign())
}
