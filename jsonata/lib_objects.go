package jsonata

var objectFunctions = []native{
	{name: "keys", signature: "<x-:a<s>>", arity: 1, call: keys},
	{name: "lookup", signature: "<x-s:x>", arity: 2, call: lookup},
	{name: "spread", signature: "<x-:a<o>>", arity: 1, call: spreadObjects},
	{name: "merge", signature: "<a<o>:o>", arity: 1, call: merge},
	{name: "sift", signature: "<o-f?:o>", arity: 2, call: sift},
	{name: "each", signature: "<o-f:a>", arity: 2, call: each},
	{name: "clone", signature: "<(oa)-:o>", arity: 1, call: clone, copies: true},
}

func keys(c caller, args []value) (value, error) {
	var names []value
	seen := map[string]bool{}
	if err := c.collectKeys(args[0], seen, &names); err != nil {
		return value{}, err
	}
	return c.ev.sequence(names)
}

// chargeName counts the looking up of a name.
func (c caller) chargeName(name string) error { return c.ev.charge(2 + len(name)/bytesRead) }

func (c caller) collectKeys(v value, seen map[string]bool, names *[]value) error {
	if err := c.ev.charge(1); err != nil {
		return err
	}
	switch v.kind() {
	case kindArray:
		for i, n := 0, v.len(); i < n; i++ {
			if err := c.collectKeys(v.at(i), seen, names); err != nil {
				return err
			}
		}
	case kindObject:
		for _, m := range c.ev.members(v) {
			if err := c.ev.charge(8 + len(m.name)/bytesRead); err != nil {
				return err
			}
			if !seen[m.name] {
				seen[m.name] = true
				*names = append(*names, text(m.name))
			}
		}
	}
	return nil
}

func lookup(c caller, args []value) (value, error) {
	name := textOf(args[1])
	if err := c.ev.chargeRead(len(name) * max(1, args[0].len())); err != nil {
		return value{}, err
	}
	return c.ev.field(args[0], name)
}

func spreadObjects(c caller, args []value) (value, error) {
	v := args[0]
	if v.kind() != kindArray && v.kind() != kindObject {
		return v, nil
	}
	items, err := c.spreadInto(nil, v)
	if err != nil {
		return value{}, err
	}
	if v.isArray() && v.len() > 0 { // what was put together does not collapse
		return c.ev.array(items)
	}
	return c.ev.sequence(items)
}

func (c caller) spreadInto(to []value, v value) (_ []value, err error) {
	if err := c.ev.charge(1); err != nil {
		return nil, err
	}
	switch v.kind() {
	case kindArray:
		for i, n := 0, v.len(); i < n && err == nil; i++ {
			to, err = c.spreadInto(to, v.at(i))
		}
		return to, err
	case kindObject:
		for _, m := range c.ev.members(v) {
			o := &object{}
			o.set(m.name, m.value)
			single, err := c.ev.finish(o)
			if err != nil {
				return nil, err
			}
			to = append(to, single)
		}
		return to, nil
	}
	return append(to, v), nil
}

func merge(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	o := &object{}
	for i, n := 0, args[0].len(); i < n; i++ {
		members := c.ev.members(args[0].at(i))
		if err := c.ev.charge(1); err != nil {
			return value{}, err
		}
		if i == 0 {
			o.members = make([]member, 0, len(members)+min(n-1, 8))
		}
		for _, m := range members {
			if err := c.chargeName(m.name); err != nil {
				return value{}, err
			}
			o.set(m.name, m.value)
		}
	}
	return c.ev.finish(o)
}

func sift(c caller, args []value) (value, error) {
	f, ok := args[1].function()
	o := &object{}
	for _, m := range c.ev.members(args[0]) {
		if !ok {
			return value{}, missing("sift", 2)
		}
		v, err := c.callback(f, m.value, text(m.name), args[0])
		if err != nil {
			return value{}, err
		}
		yes, err := c.ev.truth(v)
		if err != nil {
			return value{}, err
		}
		if yes {
			if err := c.chargeName(m.name); err != nil {
				return value{}, err
			}
			o.set(m.name, m.value)
		}
	}
	if len(o.members) == 0 {
		return value{}, nil
	}
	return c.ev.finish(o)
}

func each(c caller, args []value) (value, error) {
	f, ok := args[1].function()
	var items []value
	for _, m := range c.ev.members(args[0]) {
		if !ok {
			return value{}, missing("each", 2)
		}
		v, err := c.callback(f, m.value, text(m.name), args[0])
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			items = append(items, v)
		}
	}
	return c.ev.sequence(items)
}

func clone(c caller, args []value) (value, error) {
	if a, ok := args[0].array(); ok && a.outerWrapper {
		return c.ev.clone(a.at(0))
	}
	return c.ev.clone(args[0])
}
