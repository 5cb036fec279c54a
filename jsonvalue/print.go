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
	case exactPointer:
		return append(dst, v.text()...)
	case arrayPointer:
		return v.appendArray(dst)
	}
	return v.appendObject(dst)
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

// Size returns the length of v's JSON text in bytes: what quotas count.
func (v Value) Size() int {
	switch ref := v.ref.(type) {
	case nil:
		return len("null")
	case textPointer:
		return jsontext.StringSize(v.text())
	case exactPointer:
		return int(v.num)
	case arrayPointer:
		return v.arraySize()
	case form:
		return v.formSize(ref)
	}
	return v.objectSize()
}

func (v Value) formSize(f form) int {
	switch f {
	case intForm:
		if int64(v.num) < 0 {
			return len("-") + jsontext.UintSize(-v.num)
		}
		return jsontext.UintSize(v.num)
	case floatForm:
		return jsontext.FloatSize(math.Float64frombits(v.num))
	case boolForm:
		if v.num != 0 {
			return len("true")
		}
	}
	return len("false")
}

func (v Value) arraySize() int {
	size := max(len("[]"), 1+v.Len())
	for _, element := range v.elements() {
		size += element.Size()
	}
	return size
}

func (v Value) objectSize() int {
	members := v.members()
	size := max(len("{}"), 1+2*len(members))
	for i := range members {
		size += jsontext.StringSize(members[i].Name) + members[i].Value.Size()
	}
	return size
}
