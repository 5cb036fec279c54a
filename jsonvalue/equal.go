package jsonvalue

import (
	"github.com/statemill/statemill/internal/jsontext"
)

// Equal reports whether v and w are the same JSON value: numbers by value, the
// members of objects in any order. It takes no more time than v and w take memory, even if
// parts of them are in them many times over. (go-cmp uses this method.)
func (v Value) Equal(w Value) bool {
	if v.Depth() != w.Depth() {
		return false
	}
	if v.Depth() <= MaxDepth {
		left := plainPairs
		if equal := v.equalWithin(w, &left); left >= 0 {
			return equal
		}
	}
	return v.equalShared(w)
}

// plainPairs is up to how many pairs of arrays or objects those that occur more than
// once are compared more than once.
const plainPairs = 1 << 20

// equalWithin compares v and w. The answer counts unless left falls below 0.
func (v Value) equalWithin(w Value, left *int) bool {
	if v.Kind() != w.Kind() {
		return false
	}
	switch v.Kind() {
	case KindNumber:
		return equalNumbers(v, w)
	case KindString:
		return v.text() == w.text()
	case KindArray, KindObject:
		*left--
		return v.Same(w) || *left >= 0 && pairs(v, w, func(x, y Value) bool { return x.equalWithin(y, left) })
	}
	return v.num == w.num
}

// equalShared compares each pair of arrays or objects once. It keeps its own stack:
// v and w may nest too deeply for recursion.
func (v Value) equalShared(w Value) bool {
	seen := make(map[[2]content]bool)
	stack := [][2]Value{{v, w}}
	put := func(x, y Value) bool {
		a, nests := x.content()
		b, nests2 := y.content()
		if !nests || !nests2 {
			return x.Equal(y)
		}
		if a != b && !seen[[2]content{a, b}] {
			seen[[2]content{a, b}] = true
			stack = append(stack, [2]Value{x, y})
		}
		return true
	}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top[0].Kind() != top[1].Kind() || !pairs(top[0], top[1], put) {
			return false
		}
	}
	return true
}

// pairs reports whether two arrays or objects have as many parts and f returns true
// for each two parts that belong together.
func pairs(v, w Value, f func(x, y Value) bool) bool {
	if v.Len() != w.Len() {
		return false
	}
	if v.Kind() == KindArray {
		others := w.elements()
		for i, element := range v.elements() {
			if !f(element, others[i]) {
				return false
			}
		}
		return true
	}
	for _, m := range v.members() {
		x, ok := w.Get(m.Name)
		if !ok || !f(m.Value, x) {
			return false
		}
	}
	return true
}

// Same reports whether v and w are arrays or objects that share their content. Then they are
// Equal, and it takes no time to see that; values that are not the same may be Equal, too.
func (v Value) Same(w Value) bool {
	a, ok := v.content()
	b, ok2 := w.content()
	return ok && ok2 && a == b
}

func equalNumbers(v, w Value) bool {
	if v.ref == any(intForm) && w.ref == any(intForm) {
		return v.num == w.num
	}
	if v.ref == any(floatForm) && w.ref == any(floatForm) {
		f, _ := v.AsFloat64()
		g, _ := w.AsFloat64()
		return f == g
	}
	return jsontext.Normalize(v.String()) == jsontext.Normalize(w.String())
}
