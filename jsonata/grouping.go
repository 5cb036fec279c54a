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
	groups := groups{object: newObject(min(n*len(g.keys), 8))}
	for i := range n {
		var item value
		if i < in.len() {
			item = in.at(i)
		}
		if err := g.collect(ev, &groups, item, i, f); err != nil {
			return value{}, err
		}
	}
	return g.complete(ev, &groups, func(members *groupEntry) (value, *frame, error) {
		context, err := members.context(ev, in)
		return context, f, err
	})
}

// evalTuples groups tuples: of each group, every variable becomes the array of
// its values.
func (g *grouping) evalTuples(ev *evaluation, tuples []tuple, f *frame) (value, error) {
	if len(tuples) == 0 && len(g.keys) > 0 && ev.expr.config.Dialect != V2_2 { // an exception without a code in jsonata-js
		return value{}, uncoded("There is nothing to group that has the variables of the path", nil)
	}
	groups := groups{object: &object{}}
	for i := range tuples {
		if err := g.collect(ev, &groups, tuples[i].context, i, tuples[i].frame(f)); err != nil {
			return value{}, err
		}
	}
	return g.complete(ev, &groups, func(members *groupEntry) (value, *frame, error) {
		merged, err := members.reduce(ev, tuples)
		return merged.context, merged.frame(f), err
	})
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

// complete evaluates the value of each group, in the context and the frame that
// its members have together.
func (g *grouping) complete(ev *evaluation, groups *groups, together func(*groupEntry) (value, *frame, error)) (value, error) {
	o := groups.object
	if !ev.expr.aws() && hasIndexNames(o.members) {
		groups.indexNamesFirst()
	}
	kept := o.members[:0]
	for i := range groups.list {
		context, f, err := together(&groups.list[i])
		if err != nil {
			return value{}, err
		}
		v, err := ev.eval(g.values[groups.list[i].pair], context, f)
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			kept = append(kept, member{o.members[i].name, v})
			o.depth = max(o.depth, v.nesting()+1)
		}
	}
	if len(kept) < len(o.members) {
		o.members = kept
		o.reindex()
	}
	return ev.finish(o)
}

// groups collects the groups of a grouping: an object has the keys in the order
// of their first appearance, and the list has a group for each of them.
type groups struct {
	object *object
	list   []groupEntry
}

// groupEntry tells which items have a key, and which pair evaluates them.
type groupEntry struct {
	pair  int
	first int
	more  []int
}

// groupSteps is the price of a group and its key.
const groupSteps = 20

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
	if i := g.object.find(name); i >= 0 {
		if g.list[i].pair != pair {
			return fail("D1009", of.pos).text("value", name)
		}
		g.list[i].more = append(g.list[i].more, item)
		return ev.charge(2 + len(name)/bytesRead)
	}
	g.object.add(name, value{})
	g.list = append(g.list, groupEntry{pair: pair, first: item})
	return ev.charge(groupSteps + len(name)/bytesRead)
}

// indexNamesFirst puts the groups into the order in which JavaScript evaluates
// them.
func (g *groups) indexNamesFirst() {
	sorted := indexNamesFirst(g.object.members)
	list := make([]groupEntry, len(sorted))
	for i := range sorted {
		list[i] = g.list[g.object.find(sorted[i].name)]
	}
	g.object.members, g.list = sorted, list
	g.object.reindex()
}

// reserves reports whether no member may have a name.
func (d Dialect) reserves(name string) bool {
	return d == V2_2 && (name == "_jsonata_lambda" || name == "_jsonata_function")
}

// context returns what a group is evaluated in: its item, or all of them.
func (m *groupEntry) context(ev *evaluation, in stream) (value, error) {
	if in.len() == 0 {
		return value{}, nil
	}
	if len(m.more) == 0 {
		return in.at(m.first), nil
	}
	items := spread(make([]value, 0, 1+len(m.more)), in.at(m.first))
	for _, i := range m.more {
		items = spread(items, in.at(i))
	}
	return ev.array(items)
}

// reduce merges the tuples of a group.
func (m *groupEntry) reduce(ev *evaluation, tuples []tuple) (tuple, error) {
	merged := tuples[m.first]
	if len(m.more) == 0 {
		return merged, nil
	}
	members := append([]int{m.first}, m.more...)
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
	v, _, _ := f.lookup(name)
	return v
}
