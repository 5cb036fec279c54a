package inputs

import (
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/statemill/statemill/jsonvalue"
)

// mostShrinks bounds how often Shrink asks.
const mostShrinks = 500

// Shrink returns a value that still fails, is allowed by the schema, and is as small as
// can be found by leaving out parts and making texts and numbers smaller.
func Shrink(s *jsonschema.Schema, v jsonvalue.Value, fails func(jsonvalue.Value) bool) jsonvalue.Value {
	for asked := 0; ; {
		smaller := false
		for candidate := range reductions(v) {
			if asked == mostShrinks {
				return v
			}
			if Validate(s, candidate) != nil {
				continue
			}
			if asked++; fails(candidate) {
				v, smaller = candidate, true
				break
			}
		}
		if !smaller {
			return v
		}
	}
}

// reductions yields values that are smaller in one place.
func reductions(v jsonvalue.Value) func(yield func(jsonvalue.Value) bool) {
	return func(yield func(jsonvalue.Value) bool) { reduce(v, yield) }
}

func reduce(v jsonvalue.Value, yield func(jsonvalue.Value) bool) bool {
	switch v.Kind() {
	case jsonvalue.KindObject:
		for name := range v.Members() {
			if !yield(v.Without(name)) {
				return false
			}
		}
		for name, inner := range v.Members() {
			if !reduce(inner, func(w jsonvalue.Value) bool { return yield(v.With(name, w)) }) {
				return false
			}
		}
	case jsonvalue.KindArray:
		return reduceArray(v, yield)
	case jsonvalue.KindString:
		text, _ := v.AsString()
		letters := []rune(text)
		return len(letters) == 0 || yield(jsonvalue.String("")) && yield(jsonvalue.String(string(letters[:len(letters)/2]))) &&
			yield(jsonvalue.String(string(letters[:len(letters)-1])))
	case jsonvalue.KindNumber:
		n, ok := v.AsInt64()
		return !ok || n == 0 || yield(jsonvalue.Int(0)) && (n/2 == 0 || yield(jsonvalue.Int(n/2)))
	}
	return true
}

func reduceArray(v jsonvalue.Value, yield func(jsonvalue.Value) bool) bool {
	var elements []jsonvalue.Value
	for _, e := range v.Elements() {
		elements = append(elements, e)
	}
	for i := range elements {
		rest := append(append([]jsonvalue.Value{}, elements[:i]...), elements[i+1:]...)
		if !yield(jsonvalue.Array(rest...)) {
			return false
		}
	}
	for i, inner := range elements {
		set := func(w jsonvalue.Value) bool {
			changed, _ := v.WithIndex(i, w)
			return yield(changed)
		}
		if !reduce(inner, set) {
			return false
		}
	}
	return true
}
