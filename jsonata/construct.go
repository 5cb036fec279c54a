package jsonata

import "math"

// arrayNode is [a, b]. An item that is an array is spread, unless it is an
// array constructor itself.
type arrayNode struct {
	nodes  []node
	nested []bool // the items that are array constructors
	cons   bool
}

func (n *arrayNode) eval(ev *evaluation, context value, f *frame) (value, error) {
	items := make([]value, 0, len(n.nodes))
	for i, item := range n.nodes {
		v, err := ev.eval(item, context, f)
		switch {
		case err != nil:
			return value{}, err
		case v.isNothing():
		case n.nested[i]:
			items = append(items, v)
		case len(n.nodes) == 1 && v.isArray():
			return n.copyOf(ev, v)
		default:
			if err := ev.checkLength(len(items) + streamOf(v).len()); err != nil {
				return value{}, err
			}
			items = spread(items, v)
		}
	}
	v, err := ev.array(items)
	v.ref.made.(*array).cons = n.cons
	return v, err
}

// copyOf returns an array with the members of v, of which the content is shared.
func (n *arrayNode) copyOf(ev *evaluation, v value) (value, error) {
	a, ok := v.array()
	if !ok || a.tuples != nil {
		copied, err := ev.array(spread(nil, v))
		copied.ref.made.(*array).cons = n.cons
		return copied, err
	}
	copied := &array{items: a.items, first: a.first, count: a.count, depth: a.depth, cons: n.cons}
	return arrayValue(copied), ev.charge(arraySteps)
}

// rangeNode is a..b.
type rangeNode struct {
	pos      int
	lhs, rhs node
}

// maxRange is how many members a range may have, whatever the limits.
const maxRange = 1e7

func (n *rangeNode) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	low, err := n.bound(left, "T2003")
	if err != nil {
		return value{}, err
	}
	high, err := n.bound(right, "T2004")
	if err != nil || left.isNothing() || right.isNothing() || low > high {
		return value{}, err
	}
	if extreme := max(math.Abs(low), math.Abs(high)); extreme > 1<<53 {
		return value{}, n.tooLarge(ev, extreme)
	}
	size := high - low + 1
	if size > maxRange {
		return value{}, n.tooLarge(ev, size)
	}
	if err := ev.checkLength(int(size)); err != nil {
		return value{}, err
	}
	return arrayValue(&array{first: int64(low), count: int64(size), depth: 1, sequence: true}), ev.charge(arraySteps)
}

// bound returns an end of the range.
func (n *rangeNode) bound(v value, code string) (float64, error) {
	x, ok := v.float()
	if !v.isNothing() && (!ok || x != math.Trunc(x) || math.IsInf(x, 0)) {
		return 0, fail(code, n.pos).about("..").value("value", v)
	}
	return x, nil
}

// tooLarge is the fault of a range of too many members. jsonata-js 2.0.6 has the
// same limit as 2.2.2 and names another one.
func (n *rangeNode) tooLarge(ev *evaluation, size float64) error {
	limit := "1e6"
	if ev.expr.config.Dialect == V2_2 {
		limit = "1e7"
	}
	return fail("D2014", n.pos).about("..").with("value", formatFloat(size), "").with("limit", "", limit)
}

// objectNode is {"k": v} where every key is written out, and none twice. So it
// is known before which members there are.
type objectNode struct {
	names  []string
	values []node
	group  *grouping // the same for the items of an array
}

func (n *objectNode) eval(ev *evaluation, context value, f *frame) (value, error) {
	if context.isArray() {
		return n.group.eval(ev, context, f)
	}
	if err := n.chargeKeys(ev); err != nil {
		return value{}, err
	}
	o := newObject(len(n.names))
	for i, name := range n.names {
		v, err := ev.eval(n.values[i], context, f)
		if err != nil {
			return value{}, err
		}
		if !v.isNothing() {
			o.add(name, v)
		}
	}
	return ev.finish(o)
}

// chargeKeys counts the keys as if they were evaluated and grouped by.
func (n *objectNode) chargeKeys(ev *evaluation) error {
	if len(n.names) == 0 {
		return nil
	}
	if err := ev.charge(1); err != nil {
		return err
	}
	if err := ev.room(1); err != nil {
		return err
	}
	return ev.charge(2*len(n.names) - 1)
}
