package interp

import "github.com/statemill/statemill/jsonvalue"

// datum is a value in the data flow with an upper bound of the length of its
// JSON text. A quota is checked against the bound; the value itself is measured
// only when the bound exceeds the quota, and the bound is exact from then on.
type datum struct {
	value jsonvalue.Value
	size  int
}

// measured returns a datum for a value whose size is not known. A value
// whose text could not be read again, because it nests too deeply, is not measured:
// it does not fit.
func measured(v jsonvalue.Value) datum {
	if v.Depth() > jsonvalue.MaxDepth {
		return datum{value: v}
	}
	if text, ok := v.AsString(); ok && len(text) <= looseText {
		return datum{value: v, size: len(`""`) + len(`\u0000`)*len(text)}
	}
	return datum{value: v, size: v.Size()}
}

// looseText is how long a string is of which a loose bound is enough, that
// every character is escaped: looking for escapes takes longer than a state.
const looseText = 1024

// bounded does so for a value that comes from outside.
func (x *Execution) bounded(v jsonvalue.Value) datum {
	if x.loose && v.Depth() <= jsonvalue.MaxDepth {
		return datum{value: v, size: v.SizeBound()}
	}
	return measured(v)
}

// emptyObject stands for the data where InputPath or OutputPath is null.
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
