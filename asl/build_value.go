package asl

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/statemill/statemill/internal/jsontext"
	"github.com/statemill/statemill/jsonvalue"
)

// value returns the value of n. Its strings are parts of the text.
func (n node) value() jsonvalue.Value {
	switch n.kind() {
	case boolKind:
		return jsonvalue.Bool(n.isTrue())
	case numberKind:
		return numberValue(n.raw())
	case textKind, substitutionKind:
		return jsonvalue.String(n.text())
	case arrayKind:
		var few [8]jsonvalue.Value // Array makes a copy
		elements := slices.Grow(few[:0], n.len())
		for child := range n.children() {
			elements = append(elements, child.value())
		}
		return jsonvalue.Array(elements...)
	case objectKind:
		var few [8]jsonvalue.Member // Object makes a copy
		members := slices.Grow(few[:0], n.len())
		for child := range n.children() {
			members = append(members, jsonvalue.Member{Name: child.name(), Value: child.value()})
		}
		return jsonvalue.Object(members...)
	}
	return jsonvalue.Value{}
}

// numberValue returns a number of a definition. Step Functions keeps those with a
// fraction or an exponent as doubles.
func numberValue(raw string) jsonvalue.Value {
	if f, ok := jsontext.Double(raw); ok {
		v, _ := jsonvalue.Float(f)
		return v
	}
	if i, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return jsonvalue.Int(i)
	}
	v, _ := jsonvalue.Number(json.Number(raw)) // the scanner has seen that it is one
	return v
}
