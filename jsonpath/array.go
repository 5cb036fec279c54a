package jsonpath

import (
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// arrayOf reports whether v is the array that step i needs.
func (s *search) arrayOf(i int, v jsonvalue.Value) bool {
	switch v.Kind() {
	case jsonvalue.KindArray:
		return true
	case jsonvalue.KindNull:
		return s.fail(isNull, i, v)
	}
	return s.failWith(noArray, i, v, s.textFrom(i))
}

// pick goes on from step i with one element of the array v.
func (s *search) pick(i, index int, v jsonvalue.Value) bool {
	element, ok := v.Index(index)
	if !ok && s.gaps && s.last(i) {
		return s.find(jsonvalue.Value{})
	}
	if !ok {
		if s.tracing {
			s.location = append(s.location, locationStep{index: index})
		}
		return s.fail(noIndex, i, v)
	}
	return s.element(i+1, index, element)
}

func wantsArray(v jsonvalue.Value) (yes, ok bool) { return v.Kind() == jsonvalue.KindArray, true }

// indexStep is one element: [2]. A negative index is out of bounds always.
type indexStep int

func (x indexStep) from(s *search, i int, v jsonvalue.Value) bool {
	return s.arrayOf(i, v) && s.pick(i, int(x), v)
}

func (indexStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) { return wantsArray(v) }
func (indexStep) definite() bool                                    { return true }
func (x indexStep) text() string                                    { return "[" + strconv.Itoa(int(x)) + "]" }

// fromEndStep is one element counted from the end, [(@.length-1)]: it holds -1.
type fromEndStep int

func (x fromEndStep) from(s *search, i int, v jsonvalue.Value) bool {
	return s.arrayOf(i, v) && s.pick(i, v.Len()+int(x), v)
}

func (fromEndStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) { return wantsArray(v) }
func (fromEndStep) definite() bool                                    { return true }
func (x fromEndStep) text() string                                    { return "[@.size()" + strconv.Itoa(int(x)) + "]" }

// indexesStep is a list of elements, in the order asked for: [0,2].
type indexesStep []int

func (x indexesStep) from(s *search, i int, v jsonvalue.Value) bool {
	if !s.arrayOf(i, v) {
		return false
	}
	for _, index := range x {
		if !s.pick(i, index, v) {
			return false
		}
	}
	return true
}

func (indexesStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) { return wantsArray(v) }
func (indexesStep) definite() bool                                    { return false }

func (x indexesStep) text() string {
	var list []string
	for _, index := range x {
		list = append(list, strconv.Itoa(index))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// sliceStep is a range of elements: [1:], [:2], [1:2].
type sliceStep struct {
	start, end       int
	hasStart, hasEnd bool
}

func (x sliceStep) from(s *search, i int, v jsonvalue.Value) bool {
	if !s.arrayOf(i, v) {
		return false
	}
	start, end := x.bounds(v.Len())
	for index := start; index < end; index++ {
		if !s.pick(i, index, v) {
			return false
		}
	}
	return true
}

// bounds returns the range in an array of n elements. An open range counts
// negative numbers from the end; one with both ends takes them as they are, so
// that a negative start runs out of bounds.
func (x sliceStep) bounds(n int) (start, end int) {
	switch {
	case !x.hasEnd:
		return max(0, fromEnd(x.start, n)), n
	case !x.hasStart:
		return 0, min(fromEnd(x.end, n), n)
	}
	if n == 0 {
		return 0, 0
	}
	return x.start, min(x.end, n)
}

func fromEnd(index, n int) int {
	if index < 0 {
		return n + index
	}
	return index
}

func (sliceStep) wants(_ *search, v jsonvalue.Value) (yes, ok bool) { return wantsArray(v) }
func (sliceStep) definite() bool                                    { return false }

func (x sliceStep) text() string {
	text := "["
	if x.hasStart {
		text += strconv.Itoa(x.start)
	}
	text += ":"
	if x.hasEnd {
		text += strconv.Itoa(x.end)
	}
	return text + "]"
}
