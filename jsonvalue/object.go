package jsonvalue

import (
	"iter"
	"unsafe"
)

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// smallMembers is how many members are searched one by one. Beyond it an
// object carries an index.
const smallMembers = 16

type largeObject struct {
	members []Member
	index   map[string]int
}

// Object returns an object with its members in this order. If
// several members have one name, the last value counts, in the place of the first.
func Object(members ...Member) Value {
	own := make([]Member, len(members))
	copy(own, members)
	for i := range own {
		if name := own[i].Name; !isASCII(name) {
			own[i].Name = String(name).text()
		}
	}
	return ownObject(own)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// ownObject takes over members, whose names are valid text.
func ownObject(members []Member) Value {
	if len(members) <= smallMembers {
		return distinctObject(dropRepeated(members))
	}
	return indexed(members)
}

// distinctObject takes over a few members of which no two have the same name.
func distinctObject(members []Member) Value {
	return Value{num: lengthAndDepth(len(members), depthOf(members)), ref: smallObject(unsafe.SliceData(members))}
}

// depthOf returns the depth of the deepest member.
func depthOf(members []Member) int {
	inside := 0
	for i := range members {
		inside = max(inside, members[i].Value.Depth())
	}
	return inside
}

// dropRepeated leaves one member for each name. It works in place, writes
// nothing unless a name is there twice, and looks closer only at names that a
// set of 64 cannot tell apart.
func dropRepeated(members []Member) []Member {
	var seen uint64
	for i := range members {
		bit := uint64(1) << nameHash(members[i].Name)
		if seen&bit != 0 && find(members[:i], members[i].Name) >= 0 {
			return mergeRepeated(members, i)
		}
		seen |= bit
	}
	return members
}

// mergeRepeated drops repeated members from the first of them on.
func mergeRepeated(members []Member, first int) []Member {
	kept := members[:first]
	for _, m := range members[first:] {
		if at := find(kept, m.Name); at >= 0 {
			kept[at].Value = m.Value
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

func nameHash(name string) byte {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (byte(n)*31 + name[0]*7 + name[n-1] + name[n/2]*3) & 63
}

// find returns the place of a name among members, or -1.
func find(members []Member, name string) int {
	for i := range members {
		if members[i].Name == name {
			return i
		}
	}
	return -1
}

func indexed(members []Member) Value {
	large := &largeObject{index: make(map[string]int, len(members))}
	kept := members[:0]
	for _, m := range members {
		if at, ok := large.index[m.Name]; ok {
			kept[at].Value = m.Value
			continue
		}
		large.index[m.Name] = len(kept)
		kept = append(kept, m)
	}
	large.members = kept
	return Value{num: lengthAndDepth(len(kept), depthOf(kept)), ref: large}
}

// members returns the content of an object.
func (v Value) members() []Member {
	switch ref := v.ref.(type) {
	case smallObject:
		return unsafe.Slice((*Member)(ref), v.num&lengthMask)
	case *largeObject:
		return ref.members
	}
	return nil
}

// Get returns the member of an object; ok is false if there is none.
func (v Value) Get(name string) (member Value, ok bool) {
	switch ref := v.ref.(type) {
	case smallObject:
		members := unsafe.Slice((*Member)(ref), v.num&lengthMask)
		for i := range members {
			if members[i].Name == name {
				return members[i].Value, true
			}
		}
	case *largeObject:
		if i, ok := ref.index[name]; ok {
			return ref.members[i].Value, true
		}
	}
	return Value{}, false
}

// Members iterates over the members of an object in their order. Over anything
// else it does nothing.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		members := v.members()
		for i := range members {
			if !yield(members[i].Name, members[i].Value) {
				return
			}
		}
	}
}

// With returns a copy of the object v in which name has the value x: in its
// place if it was there, else at the end. Everything else is shared with v.
// If v is not an object, the result has this one member.
func (v Value) With(name string, x Value) Value {
	name = String(name).text()
	old := v.members()
	members := make([]Member, len(old), len(old)+1)
	copy(members, old)
	if large, ok := v.ref.(*largeObject); ok {
		if at, ok := large.index[name]; ok {
			members[at].Value = x
			return Value{num: lengthAndDepth(len(members), depthOf(members)), ref: &largeObject{members, large.index}}
		}
		return indexed(append(members, Member{name, x}))
	}
	if at := find(members, name); at >= 0 {
		members[at].Value = x
	} else {
		members = append(members, Member{name, x})
	}
	return ownObject(members)
}

// Without returns a copy of the object v that lacks name.
func (v Value) Without(name string) Value {
	if _, ok := v.Get(name); !ok {
		return v
	}
	old := v.members()
	members := make([]Member, 0, len(old)-1)
	for _, m := range old {
		if m.Name != name {
			members = append(members, m)
		}
	}
	return ownObject(members)
}
