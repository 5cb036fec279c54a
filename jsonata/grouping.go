package jsonata

import "slices"

// grouping is {k: v}, as a constructor or after another expression.
type grouping struct {
	keys, values []node
	pos          int
}

func (g *grouping) eval(ev *evaluation, context value, f *frame) (value, error) {
	if a, ok := context.array(); ok && a.tuples != nil {
		return g.evalTuples(ev, a.tuples, f)
	}
	return g.evalStream(ev, stream{value: context, one: !context.isArray()}, f)
}

// evalStream groups the items of a stream.
func (g *grouping) evalStream(ev *evaluation, in stream, f *frame) (value, error) {
	n := max(in.len(), 1) // without items there still is an object to make
	groups := groups{list: make([]groupEntry, 0, min(n*len(g.keys), 8))}
	for i := range n {
		var item value
		if i < in.len() {
			item = in.at(i)
		}
		if err := g.collect(ev, &groups, item, i, f); err != nil {
			return value{}, err
		}
	}
	o := &object{members: make([]member, 0, len(groups.list))}
	for i := range groups.list {
		entry := &groups.list[i]
		context, err := entry.context(ev, in)
		if err != nil {
			return value{}, err
		}
		v, err := ev.eval(g.values[entry.pair], context, f)
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			o.set(entry.key, v)
		}
	}
	return ev.finish(o)
}

// collect evaluates the keys for one item.
func (g *grouping) collect(ev *evaluation, to *groups, item value, i int, f *frame) error {
	for pair, key := range g.keys {
		v, err := ev.eval(key, item, f)
		if err != nil {
			return err
		}
		if err := to.add(ev, g, v, pair, i); err != nil {
			return err
		}
	}
	return nil
}

// groups are the members that a grouping makes, in the order of their keys'
// first appearance.
type groups struct {
	list  []groupEntry
	index map[string]int // of many keys
}

// groupEntry is one group: which items it is made of, and which pair evaluates
// them.
type groupEntry struct {
	key   string
	pair  int
	first int
	more  []int
}

func (g *groups) find(key string) int {
	if g.index != nil {
		if i, ok := g.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range g.list {
		if g.list[i].key == key {
			return i
		}
	}
	return -1
}

// add notes that an item has a key.
func (g *groups) add(ev *evaluation, of *grouping, key value, pair, item int) error {
	name, ok := key.str()
	switch {
	case key.isNothing():
		return nil
	case !ok:
		return fail("T1003", of.pos).value("value", key)
	case ev.expr.config.Dialect.reserves(name):
		return fail("D1013", of.pos).text("value", name)
	}
	if i := g.find(name); i >= 0 {
		if g.list[i].pair != pair {
			return fail("D1009", of.pos).text("value", name)
		}
		g.list[i].more = append(g.list[i].more, item)
		return ev.charge(1)
	}
	g.list = append(g.list, groupEntry{key: name, pair: pair, first: item})
	switch n := len(g.list); {
	case g.index != nil:
		g.index[name] = n - 1
	case n == manyMembers:
		g.index = make(map[string]int)
		for i := range g.list {
			g.index[g.list[i].key] = i
		}
	}
	return ev.charge(1)
}

// reserves reports whether no member may have a name.
func (d Dialect) reserves(name string) bool {
	return d == V2_2 && (name == "_jsonata_lambda" || name == "_jsonata_function")
}

// context returns what a group is evaluated in: its item, or all of them.
func (e *groupEntry) context(ev *evaluation, in stream) (value, error) {
	if in.len() == 0 {
		return value{}, nil
	}
	if len(e.more) == 0 {
		return in.at(e.first), nil
	}
	items := spread(make([]value, 0, 1+len(e.more)), in.at(e.first))
	for _, i := range e.more {
		items = spread(items, in.at(i))
	}
	return ev.array(items)
}

// evalTuples groups tuples: of each group, every variable becomes the array of
// its values.
func (g *grouping) evalTuples(ev *evaluation, tuples []tuple, f *frame) (value, error) {
	var groups groups
	for i := range tuples {
		if err := g.collect(ev, &groups, tuples[i].context, i, tuples[i].frame(f)); err != nil {
			return value{}, err
		}
	}
	o := &object{}
	for i := range groups.list {
		entry := &groups.list[i]
		merged, err := entry.reduce(ev, tuples)
		if err != nil {
			return value{}, err
		}
		v, err := ev.eval(g.values[entry.pair], merged.context, merged.frame(f))
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			o.set(entry.key, v)
		}
	}
	return ev.finish(o)
}

// reduce merges the tuples of a group.
func (e *groupEntry) reduce(ev *evaluation, tuples []tuple) (tuple, error) {
	merged := tuples[e.first]
	if len(e.more) == 0 {
		return merged, nil
	}
	members := append([]int{e.first}, e.more...)
	var err error
	collect := func(get func(*tuple) value) value {
		var items []value
		for _, i := range members {
			if v := get(&tuples[i]); !v.isNothing() {
				items = spread(items, v)
			}
		}
		var all value
		if err == nil {
			all, err = ev.array(items)
		}
		return all
	}
	context := collect(func(t *tuple) value { return t.context })
	for _, v := range slices.Clone(merged.vars) {
		name := v.name
		merged = merged.with(name, collect(func(t *tuple) value { return t.frame(nil).get(name) }))
	}
	merged.context = context
	return merged, err
}

// get returns a variable of the frame, or nothing.
func (f *frame) get(name string) value {
	v, _ := f.lookup(name)
	return v
}
