package jsonata

import (
	"math"
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// exportSteps is the price of the place that a value takes in an array or object
// of the result.
const exportSteps = 3

// export returns a result as JSON data. Whole numbers become integers, as they
// are in Step Functions; what is no integer of 64 bits is a float64.
func (ev *evaluation) export(v value) (jsonvalue.Value, error) {
	if err := ev.charge(1); err != nil {
		return jsonvalue.Value{}, err
	}
	if v.ref == &plain {
		return ev.exportData(v.json)
	}
	if v.isNothing() { // an item that a filter made of nothing
		return jsonvalue.Value{}, nil
	}
	switch ref := v.made().(type) {
	case *array:
		return ev.exportArray(v)
	case *object:
		return ev.exportObject(v)
	case oddNumber:
		return ev.exportOdd(float64(ref))
	}
	return jsonvalue.Value{}, uncoded("The result is a function, which is not a JSON value", ErrResult)
}

func (ev *evaluation) exportData(v jsonvalue.Value) (jsonvalue.Value, error) {
	if n, ok := v.AsInt64(); ok {
		return jsonvalue.Int(n), nil
	}
	normal, _ := ev.normal(v)
	return normal, ev.charge(0)
}

func (ev *evaluation) exportArray(v value) (jsonvalue.Value, error) {
	n, base := v.len(), len(ev.out.elements)
	if err := ev.charge(exportSteps * n); err != nil {
		return jsonvalue.Value{}, err
	}
	ev.out.elements = slices.Grow(ev.out.elements, n)
	for i := range n {
		element, err := ev.export(v.at(i))
		if err != nil {
			return jsonvalue.Value{}, err
		}
		ev.out.elements = append(ev.out.elements, element)
	}
	return ev.out.array(base), nil
}

func (ev *evaluation) exportObject(v value) (jsonvalue.Value, error) {
	base := len(ev.out.members)
	for _, m := range ev.members(v) {
		if err := ev.charge(2*exportSteps + len(m.name)/bytesMade); err != nil {
			return jsonvalue.Value{}, err
		}
		exported, err := ev.export(m.value)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		ev.out.members = append(ev.out.members, jsonvalue.Member{Name: m.name, Value: exported})
	}
	return ev.out.object(base), nil
}

// exportOdd returns a number that JSON lacks: Step Functions makes it a string.
func (ev *evaluation) exportOdd(x float64) (jsonvalue.Value, error) {
	switch {
	case x == 0:
		return jsonvalue.Int(0), nil
	case ev.expr.aws():
		return jsonvalue.String(formatFloat(x)), nil
	}
	return jsonvalue.Value{}, uncoded("The result is "+formatFloat(x)+", which is not a JSON value", ErrResult)
}

// normal returns JSON data with its numbers as results have them, and whether
// that is any different. Data that needs no change is shared, not copied.
func (ev *evaluation) normal(v jsonvalue.Value) (jsonvalue.Value, bool) {
	if ev.steps--; ev.steps < 0 { // the caller looks; parts of a value of the host may be in it many times over
		return v, false
	}
	switch v.Kind() {
	case jsonvalue.KindString:
		s, _ := v.AsString()
		ev.steps -= len(s) / bytesRead
	case jsonvalue.KindNumber:
		return ev.normalNumber(v)
	case jsonvalue.KindArray:
		return ev.normalArray(v)
	case jsonvalue.KindObject:
		return ev.normalObject(v)
	}
	return v, false
}

func (ev *evaluation) normalArray(v jsonvalue.Value) (jsonvalue.Value, bool) {
	base, changed := len(ev.out.elements), false
	for i, element := range v.Elements() {
		normal, differs := ev.normal(element)
		if differs && !changed {
			changed = true
			ev.steps -= exportSteps * v.Len()
			ev.out.copyElements(v, i)
		}
		if changed {
			ev.out.elements = append(ev.out.elements, normal)
		}
	}
	if !changed {
		return v, false
	}
	return ev.out.array(base), true
}

func (ev *evaluation) normalObject(v jsonvalue.Value) (jsonvalue.Value, bool) {
	base, i, changed := len(ev.out.members), 0, false
	for name, member := range v.Members() {
		ev.steps -= len(name) / bytesRead
		normal, differs := ev.normal(member)
		if differs && !changed {
			changed = true
			ev.steps -= 2 * exportSteps * v.Len()
			ev.out.copyMembers(v, i)
		}
		if changed {
			ev.out.members = append(ev.out.members, jsonvalue.Member{Name: name, Value: normal})
		}
		i++
	}
	if !changed {
		return v, false
	}
	return ev.out.object(base), true
}

// normalNumber returns an integer or a float64 for a number of any form.
func (ev *evaluation) normalNumber(v jsonvalue.Value) (jsonvalue.Value, bool) {
	if n, ok := v.AsInt64(); ok {
		return jsonvalue.Int(n), !isDigits(v.AppendJSON(ev.out.number[:0]))
	}
	x, _ := v.AsFloat64()
	rounded, err := jsonvalue.Float(x)
	if err != nil {
		return v, false
	}
	return rounded, x == math.Trunc(x) || !rounded.Equal(v)
}

// isDigits reports whether the text of a number is that of an integer.
func isDigits(text []byte) bool {
	for _, c := range text {
		if c == '.' || c|0x20 == 'e' {
			return false
		}
	}
	return true
}
