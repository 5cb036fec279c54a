package interp

import "github.com/statemill/statemill/jsonvalue"

// datum is a value in the data flow with an upper bound of the length of its
// JSON text. A quota is checked against the bound; the value itself is measured
// only when the bound exceeds the quota, and the bound is exact from then on.
type datum struct {
	value jsonvalue.Value
	size  int
}

// measured returns a datum for a value of which nothing is known. What nests so
// deeply that its text could not be read again is not measured: it does not fit.
func measured(v jsonvalue.Value) datum {
	if v.Depth() > jsonvalue.MaxDepth {
		return datum{value: v}
	}
	return datum{value: v, size: v.Size()}
}

// emptyObject is what a null InputPath or OutputPath yields.
var emptyObject = datum{value: jsonvalue.Object(), size: len("{}")}

// fits reports whether the value keeps to a size in bytes and to the nesting
// that a reader accepts.
func (d *datum) fits(limit int) bool {
	if d.value.Depth() > jsonvalue.MaxDepth {
		return false
	}
	if d.size > limit {
		d.size = d.value.Size()
	}
	return d.size <= limit
}
