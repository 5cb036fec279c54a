package interp

import (
	"math"
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// number is a field that yields an integer, written as X, as XPath or as a
// JSONata expression.
type number struct {
	field   string
	literal int64
	written jsonvalue.Value // as the definition has it
	path    *path           // XPath
	expr    *expression     // {% %}
	least   int64
	// fraction: ToleratedFailurePercentage may be one.
	fraction bool
}

// read returns the value of the field; a field that is absent is 0.
func (n *number) read(t *turn, effective datum) (int64, *failure) {
	switch {
	case n == nil:
		return 0, nil
	case n.path != nil:
		return n.follow(t, effective)
	case n.expr != nil:
		return n.evaluate(t)
	}
	return n.literal, nil
}

// readFloat returns the value of a field of tolerated failures, whose bounds AWS
// words differently.
func (n *number) readFloat(t *turn, effective datum) (float64, *failure) {
	v, failed := n.raw(t, effective)
	if failed != nil {
		return 0, failed
	}
	value, ok := v.AsFloat64()
	if s, isString := v.AsString(); isString && n.path != nil {
		parsed, err := strconv.ParseFloat(s, 64)
		value, ok = parsed, err == nil
	}
	name, _ := strings.CutSuffix(n.field, "Path")
	kind := "integer"
	if n.fraction {
		kind = "float"
	}
	switch whole := value == math.Trunc(value); {
	case n.expr != nil && v.Kind() != jsonvalue.KindNumber:
		return 0, t.unexpectedType(n.expr, "number", v)
	case n.expr != nil && (!ok || !n.fraction && !whole):
		return 0, t.noInteger(n.expr, v)
	case !ok || !n.fraction && !whole:
		return 0, t.runtimeError("The %s field refers to value \"%s\" which is not a valid %s: %s", n.field, bareText(v), kind, n.path)
	case n.fraction && (value < 0 || value > 100):
		return 0, t.outOfRange(n, "%s must be between 0 and 100.", name)
	case value < 0:
		return 0, t.outOfRange(n, "%s cannot be negative.", name)
	}
	return value, nil
}

func (t *turn) outOfRange(n *number, format, name string) *failure {
	if n.expr != nil {
		return t.evaluationError(n.expr.field, format, name)
	}
	return t.runtimeError(format, name)
}

// raw returns what a field says, before it is taken for a number.
func (n *number) raw(t *turn, effective datum) (jsonvalue.Value, *failure) {
	switch {
	case n.path != nil:
		v, err := n.path.get(t.over(effective))
		if err != nil {
			return v, t.invalidPath(n.path, err)
		}
		return v, nil
	case n.expr != nil:
		return n.expr.value(t.over(t.at.input))
	}
	return n.written, nil
}

// follow reads an XPath. AWS takes a string of digits for a number in the
// fields of a Map state.
func (n *number) follow(t *turn, effective datum) (int64, *failure) {
	v, err := n.path.get(t.over(effective))
	if err != nil {
		return 0, t.invalidPath(n.path, err)
	}
	value, ok := v.AsInt64()
	if s, isString := v.AsString(); isString {
		parsed, err := strconv.ParseInt(s, 10, 64)
		value, ok = parsed, err == nil
	}
	if !ok {
		return 0, t.runtimeError("The %s field refers to value \"%s\" which is not a valid integer: %s", n.field, bareText(v), n.path)
	}
	if value < n.least {
		return 0, t.runtimeError("The %s field refers to value \"%s\" which is less than %d: %s", n.field, bareText(v), n.least, n.path)
	}
	return value, nil
}

func (n *number) evaluate(t *turn) (int64, *failure) {
	v, failed := n.expr.value(t.over(t.at.input))
	if failed != nil {
		return 0, failed
	}
	return n.expr.integer(t, v, n.field, n.least)
}
