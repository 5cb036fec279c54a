package jsonvalue

import (
	"bytes"
	"math"
	"strconv"
	"sync"

	"github.com/statemill/statemill/internal/jsontext"
)

// String returns the JSON text: compact, members in order, numbers as AWS
// prints them. It implements fmt.Stringer.
func (v Value) String() string {
	buf := buffers.Get().(*[]byte)
	defer releaseBuffer(buf)
	*buf = v.AppendJSON((*buf)[:0])
	return string(*buf)
}

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	buf := buffers.Get().(*[]byte)
	defer releaseBuffer(buf)
	*buf = v.AppendJSON((*buf)[:0])
	return bytes.Clone(*buf), nil
}

// buffers hold texts while they are written: a text of known length is copied
// faster than a text of unknown length grows.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func releaseBuffer(buf *[]byte) {
	const maxKept = 1 << 20
	if cap(*buf) <= maxKept {
		buffers.Put(buf)
	}
}

// AppendJSON appends the JSON text of v to dst.
func (v Value) AppendJSON(dst []byte) []byte {
	switch ref := v.ref.(type) {
	case nil:
		return append(dst, "null"...)
	case textPointer:
		return jsontext.AppendString(dst, v.text())
	case form:
		return v.appendForm(dst, ref)
	case *exactNumber:
		return append(dst, ref.text...)
	case arrayPointer:
		if v.num>>lengthBits <= MaxDepth {
			return v.appendArray(dst)
		}
		return v.appendDeep(dst)
	}
	if v.num>>lengthBits <= MaxDepth {
		return v.appendObject(dst)
	}
	return v.appendDeep(dst)
}

func (v Value) appendForm(dst []byte, f form) []byte {
	switch f {
	case intForm:
		return strconv.AppendInt(dst, int64(v.num), 10)
	case floatForm:
		return jsontext.AppendFloat(dst, math.Float64frombits(v.num))
	}
	return strconv.AppendBool(dst, v.num != 0)
}

func (v Value) appendArray(dst []byte) []byte {
	dst = append(dst, '[')
	for i, element := range v.elements() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element.AppendJSON(dst)
	}
	return append(dst, ']')
}

func (v Value) appendObject(dst []byte) []byte {
	dst = append(dst, '{')
	members := v.members()
	for i := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, members[i].Name), ':')
		dst = members[i].Value.AppendJSON(dst)
	}
	return append(dst, '}')
}

// open is an array or object that is being written or measured.
type open struct {
	value Value
	next  int // the element or member that comes next
	size  int // of what was measured
}

// child returns element or member i, and the name of a member.
func (o *open) child(i int) (name string, v Value) {
	if members := o.value.members(); members != nil {
		return members[i].Name, members[i].Value
	}
	return "", o.value.elements()[i]
}

// appendDeep appends an array or object that nests too deeply for recursion.
func (v Value) appendDeep(dst []byte) []byte {
	stack := []open{{value: v}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		isObject := top.value.Kind() == KindObject
		if top.next == top.value.Len() {
			dst = append(dst, closer(isObject))
			stack = stack[:len(stack)-1]
			continue
		}
		dst = append(dst, opener(top, isObject))
		name, child := top.child(top.next)
		top.next++
		if isObject {
			dst = append(jsontext.AppendString(dst, name), ':')
		}
		if child.Depth() > MaxDepth {
			stack = append(stack, open{value: child})
			continue
		}
		dst = child.AppendJSON(dst)
	}
	return dst
}

// opener returns what stands in front of the next element or member; closer what
// stands behind the last one. Nothing deep is empty.
func opener(o *open, isObject bool) byte {
	switch {
	case o.next > 0:
		return ','
	case isObject:
		return '{'
	}
	return '['
}

func closer(isObject bool) byte {
	if isObject {
		return '}'
	}
	return ']'
}
