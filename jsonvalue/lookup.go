package jsonvalue

import (
	"slices"
	"unsafe"
)

// Lookup finds the member of one name in object after object. The objects of a
// list mostly look alike, so it begins where it found the member last. It pays
// in a loop; for a single object there is [Value.Get]. Goroutines must not
// share a Lookup.
type Lookup struct {
	Name  string
	place int
}

// In returns the member of the object, as Get does.
func (l *Lookup) In(object Value) (member Value, ok bool) {
	switch ref := object.ref.(type) {
	case smallObject:
		members := unsafe.Slice((*Member)(ref), object.num&lengthMask)
		for range members {
			if l.place >= len(members) {
				l.place = 0
			}
			if members[l.place].Name == l.Name {
				return members[l.place].Value, true
			}
			l.place++
		}
	case *largeObject:
		if i, ok := ref.index[l.Name]; ok {
			return ref.members[i].Value, true
		}
	}
	return Value{}, false
}

// Pluck returns the members called name of the elements of the array v, as an
// array: of all orders their ids. Elements without such a member are left out.
// If v is no array, the result is empty.
func (v Value) Pluck(name string) Value {
	elements := v.elements()
	lookup := Lookup{Name: name}
	plucked := make([]Value, 0, len(elements))
	for i := range elements {
		if member, ok := lookup.In(elements[i]); ok {
			plucked = append(plucked, member)
		}
	}
	if len(plucked) < cap(plucked)/2 {
		plucked = slices.Clone(plucked)
	}
	return ownArray(plucked)
}
