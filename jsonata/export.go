package jsonata

import (
	"math"

	"github.com/statemill/statemill/jsonvalue"
)

// export returns a result as JSON data. Whole numbers become integers, as they
// are in Step Functions; what is no integer of 64 bits is a float64.
func (ev *evaluation) export(v value) (jsonvalue.Value, error) {
	if err := ev.charge(1); err != nil {
		return jsonvalue.Value{}, err
	}
	switch ref := v.ref.(type) {
	case plain:
		if n, ok := v.json.AsInt64(); ok {
			return jsonvalue.Int(n), nil
		}
		normal, _ := ev.normal(v.json)
		return normal, ev.charge(0)
	case *array:
		return ev.exportArray(v)
	case *object:
		return ev.exportObject(v)
	case oddNumber:
		return ev.exportOdd(float64(ref))
	}
	return jsonvalue.Value{}, uncoded("The result is a function, which is not a JSON value", ErrResult)
}

func (ev *evaluation) exportArray(v value) (jsonvalue.Value, error) {
	var room [8]jsonvalue.Value // Array copies
	elements := room[:min(v.len(), len(room))]
	if n := v.len(); n > len(room) {
		elements = make([]jsonvalue.Value, n)
	}
	for i := range elements {
		var err error
		if elements[i], err = ev.export(v.at(i)); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	return jsonvalue.Array(elements...), nil
}

func (ev *evaluation) exportObject(v value) (jsonvalue.Value, error) {
	members := ev.members(v)
	out := make([]jsonvalue.Member, len(members))
	for i, m := range members {
		exported, err := ev.export(m.value)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		out[i] = jsonvalue.Member{Name: m.name, Value: exported}
	}
	return jsonvalue.Object(out...), nil
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
	ev.steps-- // it is checked afterwards: one value of the host is not too large
	switch v.Kind() {
	case jsonvalue.KindNumber:
		return normalNumber(v)
	case jsonvalue.KindArray:
		for i, element := range v.Elements() {
			if normal, changed := ev.normal(element); changed {
				return ev.normalArray(v, i, normal), true
			}
		}
	case jsonvalue.KindObject:
		for _, member := range v.Members() {
			if _, changed := ev.normal(member); changed {
				return ev.normalObject(v), true
			}
		}
	}
	return v, false
}

// normalArray copies an array of which element i is the first to change.
func (ev *evaluation) normalArray(v jsonvalue.Value, i int, changed jsonvalue.Value) jsonvalue.Value {
	elements := make([]jsonvalue.Value, 0, v.Len())
	for j, element := range v.Elements() {
		switch {
		case j == i:
			element = changed
		case j > i:
			element, _ = ev.normal(element)
		}
		elements = append(elements, element)
	}
	return jsonvalue.Array(elements...)
}

func (ev *evaluation) normalObject(v jsonvalue.Value) jsonvalue.Value {
	members := make([]jsonvalue.Member, 0, v.Len())
	for name, member := range v.Members() {
		normal, _ := ev.normal(member)
		members = append(members, jsonvalue.Member{Name: name, Value: normal})
	}
	return jsonvalue.Object(members...)
}

// normalNumber returns an integer or a float64 for a number of any form.
func normalNumber(v jsonvalue.Value) (jsonvalue.Value, bool) {
	if n, ok := v.AsInt64(); ok {
		whole := jsonvalue.Int(n)
		return whole, whole.Size() != v.Size()
	}
	x, _ := v.AsFloat64()
	rounded, err := jsonvalue.Float(x)
	if err != nil {
		return v, false
	}
	return rounded, x == math.Trunc(x) || !rounded.Equal(v)
}
