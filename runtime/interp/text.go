package interp

import "github.com/statemill/statemill/jsonvalue"

// text is a field that yields a string: Error, ErrorPath, Cause, CausePath. It
// holds a literal, a path, an intrinsic call or a JSONata expression, or
// nothing.
type text struct {
	field string
	value template
}

func (x text) read(t *turn) (s string, present bool, failed *failure) {
	if x.value == nil {
		return "", false, nil
	}
	d, failed := x.value.eval(t.over(t.at.input))
	if failed != nil {
		return "", false, failed
	}
	if s, ok := d.value.AsString(); ok {
		return s, true, nil
	}
	if e, ok := x.value.(*expression); ok {
		return "", false, t.unexpectedType(e, jsonvalue.KindString.String(), d.value)
	}
	// The words for a path that leads to something else are not recorded
	// (unsure).
	return "", false, t.runtimeError("The value for the field '%s' must be a string but was: %s", x.field, d.value)
}

// bareText prints a value as messages quote it: strings without their quotes.
func bareText(v jsonvalue.Value) string {
	if s, ok := v.AsString(); ok {
		return s
	}
	return v.String()
}
