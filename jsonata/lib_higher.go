package jsonata

var higherFunctions = []native{
	{name: "map", signature: "<af>", arity: 2, call: mapArray},
	{name: "filter", signature: "<af>", arity: 2, call: filterArray},
	{name: "single", signature: "<af?>", arity: 2, call: single},
	{name: "reduce", signature: "<afj?:j>", arity: 3, call: reduce},
}

// callback calls a function with a member, its place and the whole: as many of
// them as it takes.
func (c caller) callback(f *function, v, place, whole value) (value, error) {
	base := len(c.ev.stack)
	c.ev.stack = append(c.ev.stack, v)
	if f.arity >= 2 {
		c.ev.stack = append(c.ev.stack, place)
	}
	if f.arity >= 3 {
		c.ev.stack = append(c.ev.stack, whole)
	}
	result, err := c.call(f, c.ev.args(base)...)
	c.ev.drop(base)
	return result, err
}

func mapArray(c caller, args []value) (value, error) {
	list := args[0]
	if list.isNothing() {
		return value{}, nil
	}
	f, ok := args[1].function()
	n := list.len()
	if !ok && n > 0 {
		return value{}, missing("map", 2)
	}
	items := make([]value, 0, min(n, c.ev.limits.Sequence))
	for i := range n {
		v, err := c.callback(f, list.at(i), integer(int64(i)), list)
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			items = append(items, v)
		}
	}
	return c.ev.sequence(items)
}

// satisfies reports whether a member is one that the function is true for.
func (c caller) satisfies(f *function, list value, i int) (bool, error) {
	v, err := c.callback(f, list.at(i), integer(int64(i)), list)
	if err != nil {
		return false, err
	}
	return c.ev.truth(v)
}

func filterArray(c caller, args []value) (value, error) {
	list := args[0]
	if list.isNothing() {
		return value{}, nil
	}
	f, ok := args[1].function()
	if !ok && list.len() > 0 {
		return value{}, missing("filter", 2)
	}
	base := len(c.ev.stack)
	for i, n := 0, list.len(); i < n; i++ {
		yes, err := c.satisfies(f, list, i)
		if err != nil {
			return value{}, err
		}
		if yes {
			c.ev.stack = append(c.ev.stack, list.at(i))
		}
	}
	items := c.ev.stack[base:]
	c.ev.drop(base)
	return c.ev.sequenceOf(items)
}

func single(c caller, args []value) (value, error) {
	list := args[0]
	if list.isNothing() {
		return value{}, nil
	}
	f, conditional := args[1].function()
	found := -1
	for i, n := 0, list.len(); i < n; i++ {
		if conditional {
			yes, err := c.satisfies(f, list, i)
			if err != nil {
				return value{}, err
			}
			if !yes {
				continue
			}
		}
		if found >= 0 {
			return value{}, fail("D3138", 0).num("index", i)
		}
		found = i
	}
	if found < 0 {
		return value{}, fail("D3139", 0)
	}
	return list.at(found), nil
}

func reduce(c caller, args []value) (value, error) {
	list, result := args[0], args[2]
	if list.isNothing() {
		return value{}, nil
	}
	f, ok := args[1].function()
	if !ok {
		return value{}, missing("reduce", 2)
	}
	if f.arity < 2 {
		return value{}, fail("D3050", 0).num("index", 1)
	}
	from, n := 0, list.len()
	if result.isNothing() && n > 0 {
		result, from = list.at(0), 1
	}
	all := [4]value{3: list}
	for i := from; i < n; i++ {
		all[0], all[1], all[2] = result, list.at(i), integer(int64(i))
		var err error
		if result, err = c.call(f, all[:min(f.arity, 4)]...); err != nil {
			return value{}, err
		}
	}
	return result, nil
}
