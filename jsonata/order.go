package jsonata

// ordering is ^(a, >b).
type ordering struct {
	terms []orderTerm
	pos   int
}

type orderTerm struct {
	node       node
	descending bool
}

// orderKeys holds the values by which one item is ordered.
type orderKeys struct {
	place int
	keys  []value
}

// eval orders the items of a stream.
func (o *ordering) eval(ev *evaluation, in stream, f *frame) (value, error) {
	n := in.len()
	switch n {
	case 0:
		return value{}, nil
	case 1:
		return ev.sequence([]value{in.at(0)})
	}
	order, err := o.order(ev, n, f, func(i int) (value, *frame) { return in.at(i), f })
	if err != nil {
		return value{}, err
	}
	items := make([]value, n)
	for i, k := range order {
		items[i] = in.at(k.place)
	}
	return ev.array(items)
}

// tuples orders tuples.
func (o *ordering) tuples(ev *evaluation, tuples []tuple, f *frame) ([]tuple, error) {
	if len(tuples) < 2 {
		return tuples, nil
	}
	order, err := o.order(ev, len(tuples), f, func(i int) (value, *frame) { return tuples[i].context, tuples[i].frame(f) })
	if err != nil {
		return nil, err
	}
	sorted := make([]tuple, len(tuples))
	for i, k := range order {
		sorted[i] = tuples[k.place]
	}
	return sorted, nil
}

// order returns the places of n items in order. Each term is evaluated once for
// each item.
func (o *ordering) order(ev *evaluation, n int, f *frame, item func(int) (value, *frame)) ([]orderKeys, error) {
	if err := ev.charge(itemSteps * n * (4 + len(o.terms))); err != nil {
		return nil, err
	}
	keys := make([]value, n*len(o.terms))
	order := make([]orderKeys, n)
	for i := range order {
		order[i] = orderKeys{i, keys[i*len(o.terms) : (i+1)*len(o.terms)]}
		context, f := item(i)
		for t := range o.terms {
			v, err := ev.eval(o.terms[t].node, context, f)
			if err != nil {
				return nil, err
			}
			order[i].keys[t] = v
		}
	}
	err := mergeSort(order, func(a, b orderKeys) (bool, error) {
		return o.after(ev, a, b)
	})
	return order, err
}

// after reports whether a comes after b. Keys that are nothing come last.
func (o *ordering) after(ev *evaluation, a, b orderKeys) (bool, error) {
	for t := range o.terms {
		x, y := a.keys[t], b.keys[t]
		if err := ev.charge(1); err != nil {
			return false, err
		}
		if x.isNothing() || y.isNothing() {
			if x.isNothing() != y.isNothing() {
				return x.isNothing(), nil
			}
			continue
		}
		if err := o.check(x, y); err != nil {
			return false, err
		}
		if err := ev.chargeComparison(x, y); err != nil {
			return false, err
		}
		if c, _ := compare(x, y); c != 0 {
			return c > 0 != o.terms[t].descending, nil
		}
	}
	return false, nil
}

func (o *ordering) check(x, y value) error {
	for _, v := range []value{x, y} {
		if k := v.kind(); k != kindNumber && k != kindString {
			return fail("T2008", o.pos).value("value", v)
		}
	}
	if x.kind() != y.kind() {
		return fail("T2007", o.pos).value("value", x).value("value2", y)
	}
	return nil
}

// mergeSort sorts with the steps of the reference implementation, so that a
// comparison that contradicts itself has the same result.
func mergeSort[T any](items []T, after func(a, b T) (bool, error)) error {
	return mergeInto(items, make([]T, len(items)), after)
}

func mergeInto[T any](items, room []T, after func(a, b T) (bool, error)) error {
	n := len(items)
	if n < 2 {
		return nil
	}
	if err := mergeInto(items[:n/2], room[:n/2], after); err != nil {
		return err
	}
	if err := mergeInto(items[n/2:], room[n/2:], after); err != nil {
		return err
	}
	copy(room, items)
	left, right := room[:n/2], room[n/2:]
	for i := range items {
		takeRight := len(left) == 0
		if !takeRight && len(right) > 0 {
			var err error
			if takeRight, err = after(left[0], right[0]); err != nil {
				return err
			}
		}
		if takeRight {
			items[i], right = right[0], right[1:]
		} else {
			items[i], left = left[0], left[1:]
		}
	}
	return nil
}
