package jsonata

import (
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// output holds what arrays and objects will consist of while they are put
// together: the outer ones below, the inner ones on top.
type output struct {
	elements []jsonvalue.Value
	members  []jsonvalue.Member
	number   [32]byte // the text of one
}

// emptied returns the room for the next evaluation.
func (o *output) emptied() output {
	return output{elements: emptied(o.elements, len(o.elements)), members: emptied(o.members, len(o.members))}
}

// array takes an array off, of which the first element is at base.
func (o *output) array(base int) jsonvalue.Value {
	v := jsonvalue.Array(o.elements[base:]...)
	clear(o.elements[base:])
	o.elements = o.elements[:base]
	return v
}

// object takes an object off, of which the first member is at base.
func (o *output) object(base int) jsonvalue.Value {
	v := jsonvalue.Object(o.members[base:]...)
	clear(o.members[base:])
	o.members = o.members[:base]
	return v
}

// copyElements puts the first n elements of an array on.
func (o *output) copyElements(v jsonvalue.Value, n int) {
	o.elements = slices.Grow(o.elements, v.Len())
	for i := range n {
		element, _ := v.Index(i)
		o.elements = append(o.elements, element)
	}
}

// copyMembers puts the first n members of an object on.
func (o *output) copyMembers(v jsonvalue.Value, n int) {
	for name, member := range v.Members() {
		if n == 0 {
			return
		}
		o.members = append(o.members, jsonvalue.Member{Name: name, Value: member})
		n--
	}
}
