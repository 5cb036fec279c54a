package jsonata

import "slices"

var arrayFunctions = []native{
	{name: "append", signature: "<xx:a>", arity: 2, call: appendTo},
	{name: "reverse", signature: "<a:a>", arity: 1, call: reverse},
	{name: "sort", signature: "<af?:a>", arity: 2, call: sortArray},
	{name: "shuffle", signature: "<a:a>", arity: 1, call: shuffle},
	{name: "distinct", signature: "<x:x>", arity: 1, call: distinct},
	{name: "zip", signature: "<a+>", call: zip},
}

func appendTo(c caller, args []value) (value, error) {
	switch {
	case args[0].isNothing():
		return args[1], nil
	case args[1].isNothing():
		return args[0], nil
	}
	added := streamOf(args[1]).len()
	n := streamOf(args[0]).len() + added
	if err := c.ev.checkLength(n); err != nil {
		return value{}, err
	}
	if a, ok := args[0].array(); ok && a.growing != nil && len(a.growing.items) == len(a.items) {
		return c.ev.grown(a, args[1])
	}
	v, err := c.ev.array(spread(spread(make([]value, 0, n), args[0]), args[1]))
	if err == nil {
		a := v.made().(*array)
		a.growing = &growing{a.items}
	}
	return v, err
}

// growing is the longest of the arrays that begin with the same items. Adding to
// that one copies nothing, so that a list which is put together item by item
// takes linear time.
type growing struct{ items []value }

// grown returns an array with the items of a and the members of v.
func (ev *evaluation) grown(a *array, v value) (value, error) {
	from, room := len(a.items), cap(a.growing.items)
	items := spread(a.growing.items, v)
	a.growing.items = items
	made := len(items) - from
	if cap(items) > room { // all of them have moved
		made = cap(items)
	}
	longer := &array{items: items[:len(items):len(items)], growing: a.growing, depth: a.depth}
	for i := range items[from:] {
		longer.depth = max(longer.depth, items[from+i].nesting()+1)
	}
	if longer.depth > maxNesting {
		return value{}, errNesting
	}
	return arrayValue(longer), ev.charge(arraySteps + itemSteps*made)
}

func reverse(c caller, args []value) (value, error) {
	n := args[0].len()
	if n < 2 {
		return args[0], nil
	}
	if err := c.ev.checkLength(n); err != nil {
		return value{}, err
	}
	items := make([]value, n)
	for i := range items {
		items[i] = args[0].at(n - 1 - i)
	}
	return c.ev.array(items)
}

func sortArray(c caller, args []value) (value, error) {
	list := args[0]
	if list.len() < 2 {
		return list, nil
	}
	if err := c.ev.chargeSort(list.len()); err != nil {
		return value{}, err
	}
	after := c.afterInOrder
	if comparator, ok := args[1].function(); ok {
		after = func(a, b value) (bool, error) {
			v, err := c.call(comparator, a, b)
			if err == nil {
				err = c.ev.charge(2)
			}
			return c.isTruthy(v), err
		}
	} else if !allOf(list, kindNumber) && !allOf(list, kindString) {
		return value{}, fail("D3070", 0)
	}
	items := append([]value(nil), list.items()...)
	if err := mergeSort(items, after); err != nil {
		return value{}, err
	}
	return c.ev.array(items)
}

// chargeSort counts the copies of a list that sorting makes, and the looking
// through it.
func (ev *evaluation) chargeSort(n int) error {
	if err := ev.checkLength(n); err != nil {
		return err
	}
	return ev.charge(2 * itemSteps * n)
}

func (c caller) afterInOrder(a, b value) (bool, error) {
	if err := c.ev.charge(1); err != nil {
		return false, err
	}
	order, _ := compare(a, b)
	return order > 0, c.ev.chargeComparison(a, b)
}

func allOf(list value, k kind) bool {
	for i, n := 0, list.len(); i < n; i++ {
		if list.at(i).kind() != k {
			return false
		}
	}
	return true
}

// isTruthy casts the result of a comparator as JavaScript does.
func (c caller) isTruthy(v value) bool {
	switch v.kind() {
	case kindNothing, kindNull:
		return false
	case kindArray, kindObject, kindFunction:
		return true
	}
	yes, err := c.ev.truth(v)
	return yes || err != nil
}

func shuffle(c caller, args []value) (value, error) {
	if args[0].len() < 2 {
		return args[0], nil
	}
	if err := c.ev.chargeSort(args[0].len()); err != nil {
		return value{}, err
	}
	items := append([]value(nil), args[0].items()...)
	for i := len(items) - 1; i > 0; i-- {
		x, err := c.ev.randomFloat()
		if err != nil {
			return value{}, err
		}
		j := int(x * float64(i+1))
		items[i], items[j] = items[j], items[i]
	}
	return c.ev.array(items)
}

// distinct compares each member with those kept so far; scalars are looked up.
func distinct(c caller, args []value) (value, error) {
	list := args[0]
	if !list.isArray() || list.len() < 2 {
		return list, nil
	}
	n := list.len()
	base := len(c.ev.stack)
	defer c.ev.drop(base)
	var deep []value
	seen := make(map[any]bool, min(n, 64))
	for i := range n {
		item := list.at(i)
		if err := c.ev.chargeDistinct(item); err != nil {
			return value{}, err
		}
		key, scalar := scalarKey(item)
		isNew := !seen[key]
		if !scalar {
			var err error
			if isNew, err = c.lacks(deep, item); err != nil {
				return value{}, err
			}
		}
		if !isNew {
			continue
		}
		c.ev.stack = append(c.ev.stack, item)
		if scalar {
			seen[key] = true
		} else {
			deep = append(deep, item)
		}
	}
	kept := slices.Clone(c.ev.stack[base:])
	if list.isSequence() {
		return c.ev.sequence(kept)
	}
	return c.ev.array(kept)
}

// chargeDistinct counts the looking up of an item among those kept.
func (ev *evaluation) chargeDistinct(item value) error {
	const entry = 8 // of the map
	s, _ := item.str()
	return ev.charge(entry + len(s)/bytesRead)
}

// lacks reports whether no member of the list is equal to an item.
func (c caller) lacks(list []value, item value) (bool, error) {
	for _, v := range list {
		if same, err := c.ev.equal(v, item); same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// scalarKey returns a map key that equal scalars share.
func scalarKey(v value) (key any, ok bool) {
	switch v.kind() {
	case kindString:
		key, ok = v.str()
	case kindNumber:
		if n, isInt := v.json.AsInt64(); isInt {
			return n, true
		}
		x, _ := v.float()
		return x, x == x
	case kindBool:
		key, ok = v.json.AsBool()
	case kindNull:
		return nil, true
	}
	return key, ok
}

func zip(c caller, args []value) (value, error) {
	n := -1
	for _, list := range args {
		if count := list.len(); n < 0 || count < n {
			n = count
		}
	}
	if err := c.ev.charge(max(n, 0) * len(args)); err != nil {
		return value{}, err
	}
	if err := c.ev.checkLength(max(n, 0)); err != nil {
		return value{}, err
	}
	rows := make([]value, 0, max(n, 0))
	for i := range max(n, 0) {
		row := make([]value, len(args))
		for j, list := range args {
			row[j] = list.at(i)
		}
		v, err := c.ev.array(row)
		if err != nil {
			return value{}, err
		}
		rows = append(rows, v)
	}
	return c.ev.array(rows)
}
