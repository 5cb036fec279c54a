package jsonata

// path is a.b.c: each step is evaluated for every item that the step before it
// yields, and the results are one flat sequence.
type path struct {
	steps    []step
	keep     bool      // [] somewhere: the result does not collapse to one item
	whole    bool      // the first step sees an array as one item, being a variable
	member   *memberOf // what the first two steps read, if it needs no object
	group    *grouping
	tuples   int  // the first step that makes tuples; len(steps) if none does
	asTuples bool // the result is the stream of tuples, for parents outside
}

// step is one step of a path.
type step struct {
	node     node
	name     string // of a step that is only a name; node is nil then
	isName   bool
	cons     bool // an array constructor that does not map over its input
	stages   []stageNode
	sort     *ordering
	tuple    bool
	focus    string
	index    string
	ancestor string
}

// stream is what flows from step to step: nothing, one item, or the members of
// an array.
type stream struct {
	value value
	one   bool
}

// streamOf returns the members of an array, or v alone.
func streamOf(v value) stream { return stream{v, !v.isNothing() && !v.isArray()} }

func (s stream) isEmpty() bool { return s.len() == 0 }

// len returns the number of items. Only the context that a path starts from
// may be an item and nothing.
func (s stream) len() int {
	if s.one {
		return 1
	}
	return s.value.len()
}

func (s stream) at(i int) value {
	if s.one {
		return s.value
	}
	return s.value.at(i)
}

func (p *path) eval(ev *evaluation, context value, f *frame) (value, error) {
	if err := ev.room(1); err != nil {
		return value{}, err
	}
	out, from, err := p.begin(ev, context, f)
	if err != nil {
		return value{}, err
	}
	emptyArray := from == 1 && out.isEmpty() && !p.steps[0].tuple // made by the first step, and the result as it is
	if p.tuples < len(p.steps) && !emptyArray {
		return p.evalTuples(ev, out, from, f)
	}
	if !emptyArray {
		if out, err = p.run(ev, out, from, len(p.steps), f); err != nil {
			return value{}, err
		}
	}
	result := p.result(out)
	if p.group != nil {
		return p.group.eval(ev, result, f)
	}
	return result, nil
}

// begin returns what the path starts from, and which step is the next.
func (p *path) begin(ev *evaluation, context value, f *frame) (stream, int, error) {
	if p.member != nil {
		if v, ok, err := p.member.eval(ev); ok || err != nil {
			return streamOf(v), 2, err
		}
	}
	in := stream{context, p.whole || !context.isArray()}
	if first := &p.steps[0]; first.cons {
		items, err := ev.sequence(spread(nil, context))
		if in.one {
			items, err = ev.sequence([]value{context})
		}
		if err != nil {
			return stream{}, 0, err
		}
		v, err := ev.eval(first.node, items, f)
		if first.focus != "" { // binds nothing, and is passed over
			return in, 1, err
		}
		return streamOf(v), 1, err
	}
	return in, 0, nil
}

// run takes the steps from one to another, as long as there are items.
func (p *path) run(ev *evaluation, in stream, from, to int, f *frame) (stream, error) {
	for i := from; i < to; i++ {
		if in.isEmpty() && i > from {
			return stream{}, nil
		}
		out, err := p.steps[i].run(ev, in, f)
		if err != nil {
			return stream{}, err
		}
		in = out
	}
	return in, nil
}

// result returns what a path yields.
func (p *path) result(out stream) value {
	if !p.keep {
		return out.value
	}
	if out.one && !out.value.isNothing() {
		return made(&array{items: []value{out.value}, depth: out.value.nesting() + 1, sequence: true, keepSingleton: true})
	}
	return keep(out.value)
}

// run evaluates the step for every item. If there is but one result, it is the
// stream as it is: an array in the data stays the same array.
func (s *step) run(ev *evaluation, in stream, f *frame) (stream, error) {
	if s.sort != nil {
		sorted, err := s.sort.eval(ev, in, f)
		if err != nil {
			return stream{}, err
		}
		return s.filter(ev, streamOf(sorted), f)
	}
	n := in.len()
	if n == 1 {
		return s.one(ev, in.at(0), f)
	}
	var first stream
	var items []value
	results := 0
	for i := range n {
		out, err := s.one(ev, in.at(i), f)
		if err != nil {
			return stream{}, err
		}
		if out.value.isNothing() {
			continue
		}
		if results++; results == 1 {
			first = out
			continue
		}
		if results == 2 {
			items = first.appendTo(make([]value, 0, max(n, first.len()+1)))
		}
		items = out.appendTo(items)
		if err := ev.checkLength(len(items)); err != nil {
			return stream{}, err
		}
	}
	if results < 2 {
		return first, nil
	}
	all, err := ev.sequence(items)
	if len(items) == 1 {
		return stream{items[0], true}, err
	}
	return stream{all, false}, err
}

func (s stream) appendTo(items []value) []value {
	if s.one {
		return append(items, s.value)
	}
	return spread(items, s.value)
}

// one evaluates the step for one item.
func (s *step) one(ev *evaluation, item value, f *frame) (stream, error) {
	var v value
	var err error
	if s.isName {
		v, err = ev.field(item, s.name)
	} else {
		v, err = ev.eval(s.node, item, f)
	}
	if err != nil {
		return stream{}, err
	}
	out := streamOf(v)
	out.one = out.one || v.isCons()
	return s.filter(ev, out, f)
}

// filter takes a stream through the filters that follow the step.
func (s *step) filter(ev *evaluation, out stream, f *frame) (_ stream, err error) {
	for i := range s.stages {
		if i > 0 && out.value.isNothing() {
			break
		}
		if out, err = s.stages[i].filter.run(ev, out, f); err != nil {
			return stream{}, err
		}
	}
	return out, nil
}

// isCons reports whether v is an array that stays one in a flat sequence.
func (v value) isCons() bool {
	a, ok := v.ref.(*array)
	return ok && a.cons
}

// field evaluates a name: the member of an object, or of every object in an
// array.
func (ev *evaluation) field(v value, name string) (value, error) {
	if err := ev.charge(1); err != nil {
		return value{}, err
	}
	if !v.isArray() {
		return v.get(name), nil
	}
	items, err := ev.fields(nil, v, name)
	if err != nil || len(items) == 0 {
		return value{}, err
	}
	if len(items) == 1 {
		return items[0], nil
	}
	return ev.sequence(items)
}

func (ev *evaluation) fields(to []value, v value, name string) ([]value, error) {
	n := v.len()
	if err := ev.charge(n); err != nil {
		return nil, err
	}
	for i := range n {
		var err error
		if item := v.at(i); item.isArray() {
			to, err = ev.fields(to, item, name)
		} else if m := item.get(name); !m.isNothing() {
			to = spread(to, m)
		}
		if err == nil {
			err = ev.checkLength(len(to))
		}
		if err != nil {
			return nil, err
		}
	}
	return to, nil
}

// nameNode is a name that is evaluated by itself, as a step that makes tuples.
type nameNode struct{ name string }

func (n nameNode) eval(ev *evaluation, context value, _ *frame) (value, error) {
	return ev.field(context, n.name)
}

// memberOf is $name.member where the host can look into $name.
type memberOf struct{ name, member string }

// eval returns the member; false means that the host cannot.
func (m *memberOf) eval(ev *evaluation) (value, bool, error) {
	host, ok := ev.env.Variables.(MemberVariables)
	if !ok {
		return value{}, false, nil
	}
	if err := ev.charge(2); err != nil {
		return value{}, false, err
	}
	if v, ok := host.Member(m.name, m.member); ok {
		return data(v), true, nil
	}
	return value{}, true, nil
}
