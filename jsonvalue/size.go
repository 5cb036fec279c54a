package jsonvalue

import (
	"math"
	"unsafe"

	"github.com/statemill/statemill/internal/jsontext"
)

// Size returns the length of v's JSON text in bytes: what quotas count. It takes
// no more time than v takes memory, even if a part of v is in it many times over;
// a text that is longer than any int counts as math.MaxInt.
func (v Value) Size() int {
	if depth := v.Depth(); depth <= MaxDepth {
		if size := v.sizeWithin(plainSize); size <= plainSize || depth == 0 {
			return size
		}
	}
	return v.sharedSize()
}

// SizeBound returns a number that Size does not exceed. Of a small value it takes a third of the time,
// because it does not look into texts: it counts each byte as if it were escaped. Of a value of more
// than some kilobytes it is the Size.
func (v Value) SizeBound() int {
	if v.Depth() <= MaxDepth {
		if bound := v.boundWithin(looseBound); bound <= looseBound {
			return bound
		}
	}
	return v.Size()
}

// looseBound is up to where a bound is loose.
const looseBound = 8 << 10

// boundWithin returns a bound of the size of v, or some number above the limit.
func (v Value) boundWithin(limit int) int {
	if bound, ok := v.flatBound(); ok {
		return bound
	}
	return v.deepBound(limit)
}

// deepBound is boundWithin for values that have no flatBound.
func (v Value) deepBound(limit int) int {
	switch ref := v.ref.(type) {
	case *exactNumber:
		return len(ref.text)
	case arrayPointer:
		return boundOfElements(v.elements(), limit)
	}
	members := v.members()
	bound := len("{}") + 2*len(members)
	for i := range members {
		if bound > limit {
			break
		}
		m := &members[i]
		inner, ok := m.Value.flatBound()
		if !ok {
			inner = m.Value.deepBound(limit - bound)
		}
		bound += textBound(len(m.Name)) + inner
	}
	return bound
}

func boundOfElements(elements []Value, limit int) int {
	bound := len("[]") + len(elements)
	for i := range elements {
		if bound > limit {
			break
		}
		inner, ok := elements[i].flatBound()
		if !ok {
			inner = elements[i].deepBound(limit - bound)
		}
		bound += inner
	}
	return bound
}

// flatBound does so for the values that are most frequent. It is apart so that the compiler
// puts it into the loops.
func (v *Value) flatBound() (bound int, ok bool) {
	if _, ok := v.ref.(textPointer); ok {
		return textBound(int(min(v.num, looseBound))), true
	}
	if _, ok := v.ref.(form); ok {
		return formBound, true
	}
	return len("null"), v.ref == nil
}

// textBound is the size of a text of which each byte is escaped.
func textBound(length int) int { return len(`""`) + len(`\u0000`)*length }

// formBound is the size of the longest boolean, int64 or float64.
const formBound = 32

// plainSize is up to which size parts that occur more than once are measured
// more than once.
const plainSize = 16 << 20

// sizeWithin returns the size of v, or some size above the limit.
func (v Value) sizeWithin(limit int) int {
	switch ref := v.ref.(type) {
	case nil:
		return len("null")
	case textPointer:
		return jsontext.StringSize(v.text())
	case *exactNumber:
		return len(ref.text)
	case arrayPointer:
		return v.arraySize(limit)
	case form:
		return v.formSize(ref)
	}
	return v.objectSize(limit)
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

func (v Value) arraySize(limit int) int {
	size := max(len("[]"), 1+v.Len())
	for _, element := range v.elements() {
		if size > limit {
			return size
		}
		size += element.sizeWithin(limit - size)
	}
	return size
}

func (v Value) objectSize(limit int) int {
	members := v.members()
	size := max(len("{}"), 1+2*len(members))
	for i := range members {
		if size > limit {
			return size
		}
		size += jsontext.StringSize(members[i].Name) + members[i].Value.sizeWithin(limit-size)
	}
	return size
}

// content is where an array or object has its content: what has the same place
// and length is the same.
type content struct {
	place unsafe.Pointer
	num   uint64
}

// content returns the place of what an array or object holds; ok is false for
// empty ones and everything else.
func (v Value) content() (c content, ok bool) {
	if v.Len() == 0 {
		return c, false
	}
	switch ref := v.ref.(type) {
	case arrayPointer:
		c.place = unsafe.Pointer(ref)
	case smallObject:
		c.place = unsafe.Pointer(ref)
	case *largeObject:
		c.place = unsafe.Pointer(ref)
	}
	c.num = v.num
	return c, true
}

// sharedSize measures each part of v once. It keeps its own stack: v may nest
// too deeply for recursion.
func (v Value) sharedSize() int {
	known := make(map[content]int)
	stack := []open{newOpen(v)}
	for {
		top := &stack[len(stack)-1]
		if top.next == top.value.Len() {
			if len(stack) == 1 {
				return top.size
			}
			place, _ := top.value.content()
			known[place] = top.size
			stack = stack[:len(stack)-1]
			continue
		}
		name, child := top.child(top.next)
		size := 0
		if place, nests := child.content(); nests {
			var measured bool
			if size, measured = known[place]; !measured {
				stack = append(stack, newOpen(child))
				continue
			}
		} else {
			size = child.sizeWithin(0)
		}
		if top.value.Kind() == KindObject {
			size = addSizes(size, jsontext.StringSize(name))
		}
		top.size = addSizes(top.size, size)
		top.next++
	}
}

// newOpen returns v with the size of what is between its elements or members.
func newOpen(v Value) open {
	size := max(len("[]"), 1+v.Len())
	if v.Kind() == KindObject {
		size = max(len("{}"), 1+2*v.Len())
	}
	return open{value: v, size: size}
}

func addSizes(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}
