package jsonata

import "math"

var aggregateFunctions = []native{
	{name: "sum", signature: "<a<n>:n>", arity: 1, call: sum},
	{name: "count", signature: "<a:n>", arity: 1, call: count},
	{name: "max", signature: "<a<n>:n>", arity: 1, call: maximum},
	{name: "min", signature: "<a<n>:n>", arity: 1, call: minimum},
	{name: "average", signature: "<a<n>:n>", arity: 1, call: average},
}

func sum(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	return c.sum(args[0])
}

func (c caller) sum(list value) (value, error) {
	n := list.len()
	if err := c.ev.charge(n); err != nil {
		return value{}, err
	}
	if c.ev.expr.aws() {
		if total, ok := exactSum(list); ok {
			return total, nil
		}
	}
	total := 0.0
	for i := range n {
		x, _ := list.at(i).float()
		total += x
	}
	return number(total), nil
}

// exactSum adds integers.
func exactSum(list value) (value, bool) {
	total, ok := integer(0), true
	for i, n := 0, list.len(); i < n && ok; i++ {
		total, ok = exactly('+', total, list.at(i))
	}
	return total, ok
}

func count(_ caller, args []value) (value, error) {
	return integer(int64(streamOf(args[0]).len())), nil
}

func maximum(c caller, args []value) (value, error) { return c.extreme(args[0], 1) }
func minimum(c caller, args []value) (value, error) { return c.extreme(args[0], -1) }

// extreme returns the greatest or least member.
func (c caller) extreme(list value, sign int) (value, error) {
	n := list.len()
	if n == 0 {
		return value{}, nil
	}
	if err := c.ev.charge(n); err != nil {
		return value{}, err
	}
	best := list.at(0)
	for i := 1; i < n; i++ {
		v := list.at(i)
		order, ordered := compare(v, best)
		if !ordered {
			return number(math.NaN()), nil
		}
		if order*sign > 0 {
			best = v
		}
	}
	return best, nil
}

func average(c caller, args []value) (value, error) {
	n := args[0].len()
	if n == 0 {
		return value{}, nil
	}
	total, err := c.sum(args[0])
	if err != nil {
		return value{}, err
	}
	if c.ev.expr.aws() {
		if exact, ok := exactly('/', total, integer(int64(n))); ok {
			return exact, nil
		}
	}
	x, _ := total.float()
	return number(x / float64(n)), nil
}
