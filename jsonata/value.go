package jsonata

import (
	"math"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// value is the result of an evaluation: nothing, JSON data as it came in, or
// something that was made on the way. The zero value is nothing (undefined).
//
// Numbers, strings and booleans always are JSON data, except for numbers that
// JSON lacks. So the accessors of jsonvalue answer for any value: what was made
// has null in json.
//
// A value has four words, which is the most that the compiler keeps in registers.
type value struct {
	json jsonvalue.Value
	ref  *reference // nil for nothing, &plain for what is its json
}

// reference points to what the engine made. It is a part of that, so that it
// takes no allocation of its own.
type reference struct {
	made any // *array, *object, *function, *thunk or oddNumber
}

// plain says that a value is its json.
var plain reference

// oddNumber is NaN, an infinity or -0.
type oddNumber float64

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

var null = value{ref: &plain}

// data returns JSON data as a value.
func data(v jsonvalue.Value) value { return value{v, &plain} }

func text(s string) value   { return data(jsonvalue.String(s)) }
func boolean(b bool) value  { return data(jsonvalue.Bool(b)) }
func integer(n int64) value { return data(jsonvalue.Int(n)) }

func arrayValue(a *array) value {
	a.self.made = a
	return value{ref: &a.self}
}

func objectValue(o *object) value {
	o.self.made = o
	return value{ref: &o.self}
}

// closure returns a new function as a value. Call it once for each function,
// because it writes f.self; goroutines share the value that it returns.
func closure(f *function) value {
	f.self.made = f
	return value{ref: &f.self}
}

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
	return value{ref: &reference{oddNumber(f)}}
}

func (v value) kind() kind {
	switch v.ref {
	case nil:
		return kindNothing
	case &plain:
		return kind(v.json.Kind()) + kindNull
	}
	switch v.ref.made.(type) {
	case *array:
		return kindArray
	case *object:
		return kindObject
	case *function:
		return kindFunction
	}
	return kindNumber
}

// made returns what the engine made; nil if v is nothing or data.
func (v value) made() any {
	if v.ref == nil {
		return nil
	}
	return v.ref.made
}

// array returns an array that the engine made.
func (v value) array() (*array, bool) {
	a, ok := v.made().(*array)
	return a, ok
}

// object returns an object that the engine made.
func (v value) object() (*object, bool) {
	o, ok := v.made().(*object)
	return o, ok
}

// isNothing reports whether v is undefined.
func (v value) isNothing() bool { return v.ref == nil }

// float returns a number.
func (v value) float() (float64, bool) {
	if f, ok := v.json.AsFloat64(); ok {
		return f, true
	}
	odd, ok := v.made().(oddNumber)
	return float64(odd), ok
}

// str returns a string.
func (v value) str() (string, bool) { return v.json.AsString() }

// function returns a function.
func (v value) function() (*function, bool) {
	f, ok := v.made().(*function)
	return f, ok
}

// isArray reports whether v is an array of any make.
func (v value) isArray() bool {
	if v.ref == &plain {
		return v.json.Kind() == jsonvalue.KindArray
	}
	_, ok := v.array()
	return ok
}

// isSequence reports whether v is an array that the engine made and that
// collapses when it has one member.
func (v value) isSequence() bool {
	a, ok := v.array()
	return ok && a.sequence
}

func (v value) isObject() bool { return v.kind() == kindObject }

// isScalar reports whether v is null, a boolean, a number or a string.
func (v value) isScalar() bool {
	k := v.kind()
	return k >= kindNull && k <= kindString
}

// len returns how many members an array has.
func (v value) len() int {
	if a, ok := v.array(); ok {
		return a.len()
	}
	return v.json.Len()
}

// at returns a member of an array.
func (v value) at(i int) value {
	if a, ok := v.array(); ok {
		return a.at(i)
	}
	member, _ := v.json.Index(i)
	return data(member)
}

// get returns the member of an object.
func (v value) get(name string) value {
	if o, ok := v.object(); ok {
		return o.get(name)
	}
	if member, ok := v.json.Get(name); ok {
		return data(member)
	}
	return value{}
}
