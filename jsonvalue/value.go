package jsonvalue

import (
	"encoding/json"
	"iter"
	"math"
	"strconv"
	"unsafe"

	"github.com/statemill/statemill/internal/jsontext"
)

// Value is one JSON value. The zero Value is null.
//
// Values are small and immutable: copy them, compare them with [Value.Equal],
// share them between goroutines. A Value that was parsed holds on to the text
// it came from.
//
// There is no Value for "nothing there". Where something may be missing, the
// API says so with a second result or an error.
type Value struct {
	_   [0]func() // no ==: it would compare places, not values
	num uint64    // the bits of a number or boolean, or a length; of arrays and objects with the depth
	ref any       // the kind; for strings, arrays and objects also where the content is
}

// Value.ref holds nil for null, a form for a value that fits in num, else a
// pointer to the first of num bytes, elements or members. Pointers and small
// constants go into an interface without being allocated, as in log/slog.
type (
	form         uint8
	textPointer  *byte  // a string
	arrayPointer *Value // an array
	smallObject  *Member
	// and *largeObject, *exactNumber
)

// exactNumber is a number that is neither int64 nor float64. Its text may be
// long, so what it comes to is worked out once.
type exactNumber struct {
	text  string
	float float64
	int   int64
	isInt bool
}

const (
	boolForm form = iota
	intForm
	floatForm
)

// Kind is one of the six kinds of JSON value.
type Kind uint8

// The kinds. Their String forms are the words of Step Functions' messages.
const (
	KindNull   Kind = iota // null
	KindBool               // boolean
	KindNumber             // number
	KindString             // string
	KindArray              // array
	KindObject             // object
)

// String returns "null", "boolean", "number", "string", "array" or "object".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kindNames[k]
}

var kindNames = [...]string{"null", "boolean", "number", "string", "array", "object"}

// MaxDepth is how deeply arrays and objects may nest in what [Parse] accepts.
const MaxDepth = jsontext.MaxDepth

// Kind tells what v is.
func (v Value) Kind() Kind {
	switch ref := v.ref.(type) {
	case nil:
		return KindNull
	case textPointer:
		return KindString
	case smallObject, *largeObject:
		return KindObject
	case arrayPointer:
		return KindArray
	case form:
		if ref == boolForm {
			return KindBool
		}
	}
	return KindNumber
}

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.ref == nil }

// AsBool returns the boolean v; ok is false if v is something else.
func (v Value) AsBool() (b, ok bool) {
	if v.ref == any(boolForm) {
		return v.num != 0, true
	}
	return false, false
}

// AsInt64 returns the number v if it is an integer of 64 bits, however it is
// written: 7, 7.0, 70e-1.
func (v Value) AsInt64() (n int64, ok bool) {
	switch ref := v.ref.(type) {
	case form:
		switch ref {
		case intForm:
			return int64(v.num), true
		case floatForm:
			f := math.Float64frombits(v.num)
			return int64(f), f == math.Trunc(f) && f >= -1<<63 && f < 1<<63
		}
	case *exactNumber:
		return ref.int, ref.isInt
	}
	return 0, false
}

// AsFloat64 returns the number v, rounded to a float64 where it must be; a
// number beyond float64 becomes an infinity.
func (v Value) AsFloat64() (f float64, ok bool) {
	switch ref := v.ref.(type) {
	case form:
		switch ref {
		case intForm:
			return float64(int64(v.num)), true
		case floatForm:
			return math.Float64frombits(v.num), true
		}
	case *exactNumber:
		return ref.float, true
	}
	return 0, false
}

// AsNumber returns the text of the number v.
func (v Value) AsNumber() (n json.Number, ok bool) {
	if v.Kind() != KindNumber {
		return "", false
	}
	return json.Number(v.AppendJSON(nil)), true
}

// AsString returns the string v. Lone surrogates are in their three-byte form.
func (v Value) AsString() (s string, ok bool) {
	if p, ok := v.ref.(textPointer); ok {
		return unsafe.String(p, v.num), true
	}
	return "", false
}

// text returns the content of a string, or the text of an exact number.
func (v Value) text() string {
	switch ref := v.ref.(type) {
	case textPointer:
		return unsafe.String(ref, v.num)
	case *exactNumber:
		return ref.text
	}
	return ""
}

// Len returns how many elements an array or members an object has; 0 for
// anything else.
func (v Value) Len() int {
	switch v.ref.(type) {
	case arrayPointer, smallObject, *largeObject:
		return int(v.num & lengthMask)
	}
	return 0
}

// Depth returns how deeply arrays and objects nest: 0 for anything else, 1 for
// an array or object without others inside. It takes no time. A value
// that is deeper than [MaxDepth] was made by functions of this package, and Parse
// refuses its text.
func (v Value) Depth() int {
	depth := int(v.num >> lengthBits)
	if depth == 0 {
		return 0 // most values: only arrays, objects and some numbers get past this
	}
	switch v.ref.(type) {
	case arrayPointer, smallObject, *largeObject:
		return depth
	}
	return 0
}

// An array or object has its length in the low bits of Value.num, and its depth
// above them.
const (
	lengthBits = 40
	lengthMask = 1<<lengthBits - 1
	deepest    = 1<<(64-lengthBits) - 1
)

// lengthAndDepth returns Value.num for a number of elements, the deepest of which has
// the depth inside.
func lengthAndDepth(length, inside int) uint64 {
	return uint64(length) | uint64(min(inside+1, deepest))<<lengthBits
}

// elements returns the content of an array.
func (v Value) elements() []Value {
	if p, ok := v.ref.(arrayPointer); ok {
		return unsafe.Slice((*Value)(p), v.num&lengthMask)
	}
	return nil
}

// Index returns element i of an array; ok is false if there is none.
func (v Value) Index(i int) (element Value, ok bool) {
	elements := v.elements()
	if i < 0 || i >= len(elements) {
		return Value{}, false
	}
	return elements[i], true
}

// Elements iterates over an array. Over anything else it does nothing.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		for i, element := range v.elements() {
			if !yield(i, element) {
				return
			}
		}
	}
}

// WithIndex returns a copy of the array v in which element i is x; ok is false
// if there is no element i.
func (v Value) WithIndex(i int, x Value) (w Value, ok bool) {
	elements := v.elements()
	if i < 0 || i >= len(elements) {
		return Value{}, false
	}
	changed := append([]Value(nil), elements...)
	changed[i] = x
	return ownArray(changed), true
}
