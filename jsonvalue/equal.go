package jsonvalue

import (
	"github.com/statemill/statemill/internal/jsontext"
)

// Equal reports whether v and w are the same JSON value: numbers by value, the
// members of objects in any order. (go-cmp uses this method.)
func (v Value) Equal(w Value) bool {
	kind := v.Kind()
	if kind != w.Kind() {
		return false
	}
	switch kind {
	case KindNumber:
		return equalNumbers(v, w)
	case KindString:
		return v.text() == w.text()
	case KindArray:
		return v.isSame(w) || equalArrays(v.elements(), w.elements())
	case KindObject:
		return v.isSame(w) || equalObjects(v, w)
	}
	return v.num == w.num
}

// isSame reports whether two arrays or objects have one content.
func (v Value) isSame(w Value) bool {
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

func equalArrays(v, w []Value) bool {
	if len(v) != len(w) {
		return false
	}
	for i := range v {
		if !v[i].Equal(w[i]) {
			return false
		}
	}
	return true
}

func equalObjects(v, w Value) bool {
	if v.Len() != w.Len() {
		return false
	}
	for _, m := range v.members() {
		x, ok := w.Get(m.Name)
		if !ok || !m.Value.Equal(x) {
			return false
		}
	}
	return true
}
