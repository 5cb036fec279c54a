package jsonata

import (
	"math"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// value is what an expression computes: nothing, JSON data as it came in, or
// something that was made on the way. The zero value is nothing (undefined).
//
// Numbers, strings and booleans always are JSON data, except for numbers that
// JSON lacks. So the accessors of jsonvalue answer for any value: what was made
// has null in json.
type value struct {
	json jsonvalue.Value
	ref  any // nil, plain, *array, *object, *function or oddNumber
}

type (
	// plain says that a value is its json.
	plain struct{}

	// oddNumber is NaN, an infinity or -0.
	oddNumber float64
)

// kind is a kind of value.
type kind uint8

const (
	kindNothing kind = iota
	kindNull
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
	kindFunction
)

var null = value{ref: plain{}}

// data returns JSON data as a value.
func data(v jsonvalue.Value) value { return value{v, plain{}} }

func text(s string) value       { return value{jsonvalue.String(s), plain{}} }
func boolean(b bool) value      { return value{jsonvalue.Bool(b), plain{}} }
func integer(n int64) value     { return value{jsonvalue.Int(n), plain{}} }
func made(a *array) value       { return value{ref: a} }
func closure(f *function) value { return value{ref: f} }

// number returns a number. Whole ones are integers, so that they print as such.
// Beyond 2^53, an integer has the digits with which JavaScript shows the float.
func number(f float64) value {
	if n := int64(f); float64(n) == f && (n != 0 || !math.Signbit(f)) && n != math.MaxInt64 {
		if n > 1<<53 || n < -1<<53 {
			if digits, err := strconv.ParseInt(formatFloat(f), 10, 64); err == nil {
				n = digits
			}
		}
		return integer(n)
	}
	if v, err := jsonvalue.Float(f); err == nil && f != 0 {
		return data(v)
	}
	return value{ref: oddNumber(f)}
}

func (v value) kind() kind {
	switch v.ref.(type) {
	case nil:
		return kindNothing
	case plain:
		return kind(v.json.Kind()) + kindNull
	case *array:
		return kindArray
	case *object:
		return kindObject
	case *function:
		return kindFunction
	}
	return kindNumber
}

// isNothing reports whether v is undefined.
func (v value) isNothing() bool { return v.ref == nil }

// float returns a number.
func (v value) float() (float64, bool) {
	if f, ok := v.json.AsFloat64(); ok {
		return f, true
	}
	odd, ok := v.ref.(oddNumber)
	return float64(odd), ok
}

// str returns a string.
func (v value) str() (string, bool) { return v.json.AsString() }

// function returns a function.
func (v value) function() (*function, bool) {
	f, ok := v.ref.(*function)
	return f, ok
}

// isArray reports whether v is an array of any make.
func (v value) isArray() bool {
	switch v.ref.(type) {
	case plain:
		return v.json.Kind() == jsonvalue.KindArray
	case *array:
		return true
	}
	return false
}

// isSequence reports whether v is an array that the engine made and that
// collapses when it has one member.
func (v value) isSequence() bool {
	a, ok := v.ref.(*array)
	return ok && a.sequence
}

func (v value) isObject() bool { return v.kind() == kindObject }

// len returns how many members an array has.
func (v value) len() int {
	if a, ok := v.ref.(*array); ok {
		return a.len()
	}
	return v.json.Len()
}

// at returns a member of an array.
func (v value) at(i int) value {
	if a, ok := v.ref.(*array); ok {
		return a.at(i)
	}
	member, _ := v.json.Index(i)
	return data(member)
}

// get returns the member of an object.
func (v value) get(name string) value {
	if o, ok := v.ref.(*object); ok {
		return o.get(name)
	}
	if member, ok := v.json.Get(name); ok {
		return data(member)
	}
	return value{}
}
