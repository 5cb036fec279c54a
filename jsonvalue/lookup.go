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

// sameMember returns the member at a place if its name is not only equal, but
// the same text in memory: objects that were parsed as one list share theirs.
func (v Value) sameMember(place int, name string) *Member {
	members, small := v.ref.(smallObject)
	if !small || uint64(place) >= v.num&lengthMask {
		return nil
	}
	m := &unsafe.Slice((*Member)(members), place+1)[place]
	if len(m.Name) != len(name) || unsafe.StringData(m.Name) != unsafe.StringData(name) {
		return nil
	}
	return m
}

// adopt takes over the name as the object has it in which it was found.
func (l *Lookup) adopt(object Value) {
	if members := object.members(); l.place < len(members) && members[l.place].Name == l.Name {
		l.Name = members[l.place].Name
	}
}

// Pluck returns an array: from each element of the array v, the member called name.
// From a list of orders, it makes the list of their ids. Elements without such a
// member are left out. If v is no array, the result is empty.
func (v Value) Pluck(name string) Value {
	elements := v.elements()
	plucked, n, inside := make([]Value, len(elements)), 0, 0
	lookup := Lookup{Name: name}
	same := lookup // in registers, where the lookup itself cannot be
	for i := range elements {
		var member Value
		if m := elements[i].sameMember(same.place, same.Name); m != nil {
			member = m.Value
		} else if found, ok := lookup.In(elements[i]); ok {
			lookup.adopt(elements[i])
			member, same = found, lookup
		} else {
			continue
		}
		plucked[n] = member
		inside = max(inside, member.Depth())
		n++
	}
	if plucked = plucked[:n]; n < cap(plucked)/2 {
		plucked = slices.Clone(plucked)
	}
	return Value{num: lengthAndDepth(n, inside), ref: arrayPointer(unsafe.SliceData(plucked))}
}
