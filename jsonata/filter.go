package jsonata

import "math"

// stageNode follows a step: it is a filter, or binds an index in a stream of
// tuples.
type stageNode struct {
	filter filter
	binds  bool // it binds an index
	index  string
}

// filter is [a]: an index, or a condition for every item.
type filter struct {
	node    node
	pos     int
	literal bool // a number: the one item at that place
	place   float64
}

// run filters a stream. Nothing is filtered as one item would be, which is
// nothing. So missing[true].(1) is 1, as in jsonata-js. (It is not recorded what
// Step Functions does.) An item that is chosen by a literal index and is an
// array becomes the stream.
func (p *filter) run(ev *evaluation, in stream, f *frame) (stream, error) {
	if p.literal {
		return streamOf(at(in, p.place)), nil
	}
	if in.isNothing() {
		in = oneItem(value{})
	}
	base, n := len(ev.stack), in.len()
	for i := range n {
		item := in.at(i)
		times, err := p.times(ev, item, i, n, f)
		if err != nil {
			return stream{}, err
		}
		for range times {
			ev.stack = append(ev.stack, item)
		}
	}
	items := ev.stack[base:]
	ev.drop(base)
	switch len(items) {
	case 0:
		return stream{}, nil
	case 1:
		return oneItem(items[0]), nil
	}
	v, err := ev.sequenceOf(items)
	return streamOf(v), err
}

// sequence filters a value.
func (p *filter) sequence(ev *evaluation, v value, f *frame) (value, error) {
	if a, ok := v.array(); ok && a.tuples != nil {
		tuples, err := p.tuples(ev, a.tuples, f)
		return arrayValue(&array{tuples: tuples, sequence: true}), err
	}
	out, err := p.run(ev, streamOf(v), f)
	if err != nil || !out.one {
		return out.value, err
	}
	return ev.sequence([]value{out.value})
}

// at returns the item at a place; from the end if that is negative.
func at(in stream, place float64) value {
	n := in.len()
	if i := index(place, n); i >= 0 && i < n {
		return in.at(i)
	}
	return value{}
}

// index returns the place among n items that a number means, or -1.
func index(place float64, n int) int {
	place = math.Floor(place)
	if place < 0 {
		place += float64(n)
	}
	if place >= 0 && place < float64(n) {
		return int(place)
	}
	return -1
}

// times returns how often an item occurs in the result.
func (p *filter) times(ev *evaluation, item value, i, n int, f *frame) (int, error) {
	v, err := ev.eval(p.node, item, f)
	if err != nil {
		return 0, err
	}
	if x, ok := v.float(); ok && x == x {
		if math.IsInf(x, 0) {
			return 0, infinite(x)
		}
		return oneIf(index(x, n) == i), nil
	}
	if v.isArray() {
		if err := ev.charge(v.len() / 4); err != nil {
			return 0, err
		}
		if count, ok := countPlaces(v, i, n); ok {
			return count, nil
		}
	}
	yes, err := ev.truth(v)
	return oneIf(yes), err
}

// countPlaces counts how often an array of numbers names the place i; false
// means that it is no array of numbers.
func countPlaces(v value, i, n int) (count int, ok bool) {
	for j, members := 0, v.len(); j < members; j++ {
		x, ok := v.at(j).float()
		if !ok || x != x {
			return 0, false
		}
		count += oneIf(index(x, n) == i)
	}
	return count, true
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}
