package jsonata

import (
	"slices"
	"strconv"
)

// object is an object that the engine made. Its members never change,
// except in the copy that a transform works on.
type object struct {
	self    reference
	members []member
	index   map[string]int // of many members
	depth   int32
}

// member is one member of an object.
type member struct {
	name  string
	value value
}

// manyMembers is from when on an object has an index.
const manyMembers = 12

func (o *object) find(name string) int {
	if o.index != nil {
		if i, ok := o.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].name == name {
			return i
		}
	}
	return -1
}

func (o *object) get(name string) value {
	if i := o.find(name); i >= 0 {
		return o.members[i].value
	}
	return value{}
}

// newObject returns an object that is going to have n members. A small one is
// allocated in one piece.
func newObject(n int) *object {
	if n > 3 {
		return &object{members: make([]member, 0, n)}
	}
	small := &struct {
		object
		room [3]member
	}{}
	small.members = small.room[:0:n]
	return &small.object
}

// add appends a member that is not there yet.
func (o *object) add(name string, v value) {
	o.depth = max(o.depth, v.nesting()+1)
	o.members = append(o.members, member{name, v})
	switch n := len(o.members); {
	case o.index != nil:
		o.index[name] = n - 1
	case n == manyMembers:
		o.reindex()
	}
}

// set gives a member a value, in its place if it is there.
func (o *object) set(name string, v value) {
	i := o.find(name)
	if i < 0 {
		o.add(name, v)
		return
	}
	o.depth = max(o.depth, v.nesting()+1)
	o.members[i].value = v
}

// remove takes a member away. It returns for how many members it had work.
func (o *object) remove(name string) int {
	i := o.find(name)
	if i < 0 {
		return 0
	}
	o.members = slices.Delete(o.members, i, i+1)
	o.reindex()
	return len(o.members)
}

func (o *object) reindex() {
	o.index = nil
	if len(o.members) < manyMembers {
		return
	}
	o.index = make(map[string]int, len(o.members))
	for i, m := range o.members {
		o.index[m.name] = i
	}
}

// finish ends the making of an object.
func (ev *evaluation) finish(o *object) (value, error) {
	if o.depth == 0 {
		o.depth = 1
	}
	if o.depth > maxNesting {
		return value{}, errNesting
	}
	if !ev.expr.aws() && hasIndexNames(o.members) {
		o.members = indexNamesFirst(o.members)
		o.reindex()
	}
	if err := ev.checkLength(len(o.members)); err != nil {
		return value{}, err
	}
	return objectValue(o), ev.charge(o.price())
}

// price returns how many steps it takes to make an object with its members.
func (o *object) price() int {
	each := memberSteps
	if o.index != nil {
		each += indexSteps
	}
	return objectSteps + each*len(o.members)
}

// members returns the members of an object in the order of the dialect. The
// limit is checked by what follows: one object is not too large.
func (ev *evaluation) members(v value) []member {
	members := membersOf(v)
	if _, ok := v.object(); ok {
		ev.steps -= len(members)
		return members
	}
	ev.steps -= memberSteps * len(members)
	if !ev.expr.aws() && hasIndexNames(members) {
		return indexNamesFirst(members)
	}
	return members
}

// size returns how many members an object has.
func (v value) size() int {
	if o, ok := v.object(); ok {
		return len(o.members)
	}
	return v.json.Len()
}

// membersOf returns the members of an object as they were set.
func membersOf(v value) []member {
	if o, ok := v.object(); ok {
		return o.members
	}
	members := make([]member, 0, v.json.Len())
	for name, m := range v.json.Members() {
		members = append(members, member{name, data(m)})
	}
	return members
}

// In JavaScript, names that look like the index of an array come first, in
// ascending order. Step Functions keeps the order in which they were set.

func hasIndexNames(members []member) bool {
	return slices.ContainsFunc(members, func(m member) bool { _, ok := indexName(m.name); return ok })
}

func indexName(name string) (uint64, bool) {
	if name == "" || name[0] < '0' || name[0] > '9' || name[0] == '0' && len(name) > 1 {
		return 0, false
	}
	n, err := strconv.ParseUint(name, 10, 32)
	return n, err == nil && n < 1<<32-1
}

func indexNamesFirst(members []member) []member {
	sorted := slices.Clone(members)
	slices.SortStableFunc(sorted, func(a, b member) int {
		m, aIsIndex := indexName(a.name)
		n, bIsIndex := indexName(b.name)
		switch {
		case aIsIndex && bIsIndex:
			return int(int64(m) - int64(n))
		case aIsIndex:
			return -1
		case bIsIndex:
			return 1
		}
		return 0
	})
	return sorted
}

// mutable returns a deep copy of v in which every array and object is of the
// engine's own make and may be changed.
func (ev *evaluation) mutable(v value) (value, error) {
	return ev.rebuild(v, (*evaluation).mutable)
}

// chargeCopy counts what mutable would, for a copy that is mutable already.
func (ev *evaluation) chargeCopy(v value) error {
	if a, ok := v.array(); ok {
		for _, item := range a.items {
			if err := ev.chargeCopy(item); err != nil {
				return err
			}
		}
		return ev.charge(arraySteps + itemSteps*len(a.items))
	}
	o, ok := v.object()
	if !ok {
		return nil
	}
	for i := range o.members {
		if err := ev.chargeCopy(o.members[i].value); err != nil {
			return err
		}
	}
	return ev.charge(o.price())
}

// rebuild returns an array or object of the engine's own make that holds what
// each makes of the items or members of v; any other value stays.
func (ev *evaluation) rebuild(v value, each func(*evaluation, value) (value, error)) (value, error) {
	switch v.kind() {
	case kindArray:
		items := make([]value, v.len())
		for i := range items {
			var err error
			if items[i], err = each(ev, v.at(i)); err != nil {
				return value{}, err
			}
		}
		return ev.array(items)
	case kindObject:
		o := &object{members: ev.members(v)}
		if _, shared := v.object(); shared {
			o.members = slices.Clone(o.members)
		}
		for i := range o.members {
			m, err := each(ev, o.members[i].value)
			if err != nil {
				return value{}, err
			}
			o.members[i].value = m
			o.depth = max(o.depth, m.nesting()+1)
		}
		o.reindex()
		return ev.finish(o)
	}
	return v, nil
}
