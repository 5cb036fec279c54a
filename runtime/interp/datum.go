package interp

import "github.com/statemill/statemill/jsonvalue"

// datum is a value in the data flow with an upper bound of the length of its
// JSON text and of its nesting. A quota is checked against the bound; the value
// itself is measured only when the bound exceeds the quota, and the bound is
// exact from then on.
type datum struct {
	value jsonvalue.Value
	size  int
	depth int
}

// unknownDepth is the bound of what came in as text: the reader nests no deeper.
const unknownDepth = jsonvalue.MaxDepth

// measured returns a datum for a value of which nothing is known.
func measured(v jsonvalue.Value) datum {
	return datum{value: v, size: v.Size(), depth: unknownDepth}
}

// emptyObject is what a null InputPath or OutputPath yields.
var emptyObject = datum{value: jsonvalue.Object(), size: len("{}"), depth: 1}

// fits reports whether the value keeps to a size in bytes and to the nesting
// that a reader accepts.
func (d *datum) fits(limit int) bool {
	if d.size > limit {
		d.size = d.value.Size()
	}
	if d.depth > jsonvalue.MaxDepth {
		d.depth = nesting(d.value, 2*jsonvalue.MaxDepth)
	}
	return d.size <= limit && d.depth <= jsonvalue.MaxDepth
}

// nesting measures how deeply a value nests; it looks no deeper than limit.
func nesting(v jsonvalue.Value, limit int) int {
	if limit == 0 {
		return 0
	}
	deepest := 0
	switch v.Kind() {
	case jsonvalue.KindArray:
		for _, element := range v.Elements() {
			deepest = max(deepest, nesting(element, limit-1))
		}
	case jsonvalue.KindObject:
		for _, member := range v.Members() {
			deepest = max(deepest, nesting(member, limit-1))
		}
	default:
		return 0
	}
	return deepest + 1
}
