package jsonata

import "github.com/statemill/statemill/jsonvalue"

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
	root     bool // the whole expression
	chain    bool // names alone, perhaps after a variable
}

// step is one step of a path.
type step struct {
	node     node
	name     string // of a step that is only a name; node is nil then
	isName   bool
	plain    bool // a name that no filter follows
	cons     bool // an array constructor that does not map over its input
	stages   []stageNode
	sort     *ordering
	tuple    bool
	focus    string
	index    string
	ancestor string
}

// stream holds the items that one step hands to the next: nothing, one item, the
// members of an array, or a list that lies on the stack of the evaluation.
type stream struct {
	value value
	one   bool
	list  []value
}

// streamOf returns the members of an array, or v alone.
func streamOf(v value) stream { return stream{value: v, one: !v.isNothing() && !v.isArray()} }

// oneItem returns a stream of one item, even if that is an array.
func oneItem(v value) stream { return stream{value: v, one: true} }

func (s stream) isEmpty() bool { return s.len() == 0 }

// len returns the number of items. An item may be nothing: the context that a
// path starts from, and what a filter makes of nothing.
func (s stream) len() int {
	switch {
	case s.one:
		return 1
	case s.list != nil:
		return len(s.list)
	}
	return s.value.len()
}

func (s *stream) at(i int) value {
	switch {
	case s.one:
		return s.value
	case s.list != nil:
		return s.list[i]
	}
	return s.value.at(i)
}

// get returns a member of an item, or that the item is an array.
func (s *stream) get(i int, name string) (v value, isArray bool) {
	item := &s.value
	switch {
	case s.one:
	case s.list != nil:
		item = &s.list[i]
	default:
		if item.ref != &plain {
			member := item.at(i)
			return member.get(name), member.isArray()
		}
		element, _ := item.json.Index(i)
		if member, ok := element.Get(name); ok {
			return data(member), false
		}
		return value{}, element.Kind() == jsonvalue.KindArray
	}
	if item.ref == &plain {
		if member, ok := item.json.Get(name); ok {
			return data(member), false
		}
		return value{}, item.json.Kind() == jsonvalue.KindArray
	}
	return item.get(name), item.isArray()
}

// isNothing reports whether there is not even an empty array.
func (s *stream) isNothing() bool { return !s.one && s.list == nil && s.value.isNothing() }

func (p *path) eval(ev *evaluation, context value, f *frame) (value, error) {
	if err := ev.room(1); err != nil {
		return value{}, err
	}
	if p.chain {
		return p.follow(ev, context, f)
	}
	base := len(ev.stack)
	v, err := p.evalSteps(ev, context, f)
	ev.drop(base)
	return v, err
}

func (p *path) evalSteps(ev *evaluation, context value, f *frame) (value, error) {
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
	if p.group != nil {
		if out.value.isCons() { // the members are grouped, if it is all there is
			out = streamOf(out.value)
		}
		return p.group.evalStream(ev, out, f)
	}
	return p.result(ev, out)
}

// begin returns what the path starts from, and which step is the next.
func (p *path) begin(ev *evaluation, context value, f *frame) (stream, int, error) {
	if p.member != nil {
		if v, ok, err := p.member.eval(ev); ok || err != nil {
			return streamOf(v), 2, err
		}
	}
	in := stream{value: context, one: p.whole || !context.isArray()}
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
		if err == nil && !v.isArray() {
			v, err = p.unwrapped(v)
		}
		return streamOf(v), 1, err
	}
	return in, 0, nil
}

// unwrapped returns what a path goes on with if its first step is an array
// constructor of which a predicate or a grouping has left no array. jsonata-js
// looks for the length of that, and finds it in a text alone: [a, b][0].c is
// nothing. (It is not recorded what Step Functions does.)
func (p *path) unwrapped(v value) (value, error) {
	s, isText := v.str()
	switch {
	case v.isNothing() && p.keep, v.kind() == kindNull, !v.isNothing() && p.tuples == 1 && len(p.steps) > 1:
		return value{}, uncoded("A path cannot begin with what is no array", nil) // no code in jsonata-js
	case len(p.steps) == 1:
		return v, nil
	case isText:
		var units []value
		for _, unit := range utf16Units(s) {
			units = append(units, text(string(appendUnit(nil, unit))))
		}
		return arrayValue(&array{items: units, depth: 1, sequence: true}), nil
	}
	return value{}, nil
}

// run takes the steps from one to another, as long as there are items.
func (p *path) run(ev *evaluation, in stream, from, to int, f *frame) (stream, error) {
	for i := from; i < to; i++ {
		if in.isEmpty() && i > from {
			return stream{}, nil
		}
		s := &p.steps[i]
		if in.one && s.plain && !in.value.isArray() && ev.steps > 0 {
			ev.steps--
			in.value = in.value.get(s.name)
			in.one = in.value.ref != nil && (!in.value.isArray() || in.value.isCons())
			continue
		}
		out, err := s.run(ev, in, f)
		if err != nil {
			return stream{}, err
		}
		in = out
	}
	return in, nil
}

// result returns what a path yields.
func (p *path) result(ev *evaluation, out stream) (value, error) {
	v := out.value
	if out.list != nil {
		var err error
		if p.root {
			v, err = ev.resultOf(out.list)
		} else {
			v, err = ev.sequenceOf(out.list)
		}
		if err != nil {
			return value{}, err
		}
	}
	if !p.keep {
		return v, nil
	}
	if out.one || v.isCons() {
		kept := &array{items: []value{v}, depth: v.nesting() + 1, sequence: true, keepSingleton: true}
		return arrayValue(kept), ev.charge(arraySteps + itemSteps)
	}
	return ev.keep(v)
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
	if s.plain {
		return s.runName(ev, &in)
	}
	n := in.len()
	if n == 1 {
		return s.one(ev, in.at(0), f)
	}
	var first stream
	base, results := len(ev.stack), 0
	for i := range n {
		out, err := s.one(ev, in.at(i), f)
		if err != nil {
			return stream{}, err
		}
		if out.isNothing() {
			continue
		}
		if results++; results == 1 {
			first = out
			continue
		}
		if results == 2 {
			first.push(ev)
		}
		out.push(ev)
		if err := ev.checkLength(len(ev.stack) - base); err != nil {
			return stream{}, err
		}
	}
	if results < 2 {
		return first, nil
	}
	return pushed(ev.stack[base:]), nil
}

// runName is run for a name that no filter follows.
func (s *step) runName(ev *evaluation, in *stream) (stream, error) {
	n := in.len()
	if err := ev.charge(n); err != nil {
		return stream{}, err
	}
	var first value
	base, results := len(ev.stack), 0
	for i := range n {
		v, isArray := in.get(i, s.name)
		if isArray {
			var err error
			if v, err = ev.field(in.at(i), s.name); err != nil {
				return stream{}, err
			}
		}
		if v.ref == nil {
			continue
		}
		if results++; results == 1 {
			first = v
			continue
		}
		if results == 2 {
			ev.pushFlat(first)
		}
		ev.pushFlat(v)
		if err := ev.checkLength(len(ev.stack) - base); err != nil {
			return stream{}, err
		}
	}
	if results < 2 {
		return stream{value: first, one: results == 1 && (!first.isArray() || first.isCons())}, nil
	}
	return pushed(ev.stack[base:]), nil
}

// pushFlat puts a value on the stack of the evaluation, or the members of an
// array.
func (ev *evaluation) pushFlat(v value) {
	if !v.isArray() || v.isCons() {
		ev.stack = append(ev.stack, v)
	} else {
		ev.stack = spread(ev.stack, v)
	}
}

// pushed returns items that lie on the stack as a stream.
func pushed(list []value) stream {
	switch len(list) {
	case 0:
		return stream{}
	case 1:
		return oneItem(list[0])
	}
	return stream{list: list}
}

// push puts the items on the stack of the evaluation.
func (s *stream) push(ev *evaluation) {
	switch {
	case s.one:
		ev.stack = append(ev.stack, s.value)
	case s.list != nil:
		ev.stack = append(ev.stack, s.list...)
	default:
		ev.stack = spread(ev.stack, s.value)
	}
}

// one evaluates the step for one item.
func (s *step) one(ev *evaluation, item value, f *frame) (stream, error) {
	var v value
	var err error
	if !s.isName {
		v, err = ev.eval(s.node, item, f)
	} else if ev.steps--; ev.steps >= 0 && !item.isArray() {
		v = item.get(s.name)
	} else {
		v, err = ev.field(item, s.name)
	}
	if err != nil {
		return stream{}, err
	}
	out := streamOf(v)
	if len(s.stages) > 0 {
		return s.filter(ev, out, f)
	}
	if !out.one && v.isCons() {
		out.one = true
	}
	return out, nil
}

// filter takes a stream through the filters that follow the step.
func (s *step) filter(ev *evaluation, out stream, f *frame) (_ stream, err error) {
	for i := range s.stages {
		if i > 0 && out.isNothing() {
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
	a, ok := v.array()
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
	base := len(ev.stack)
	err := ev.pushFields(base, v, name)
	if n := len(ev.stack) - base; err == nil && n < 2 {
		v = value{}
		if n == 1 {
			v = ev.stack[base]
		}
		ev.drop(base)
		return v, nil
	}
	return ev.pushedSequence(base, err)
}

// pushFields puts the members of all objects in an array on the stack. The items
// from base on are one sequence.
func (ev *evaluation) pushFields(base int, v value, name string) error {
	n := v.len()
	if err := ev.charge(n); err != nil {
		return err
	}
	for i := range n {
		if item := v.at(i); item.isArray() {
			if err := ev.pushFields(base, item, name); err != nil {
				return err
			}
		} else if m := item.get(name); !m.isNothing() {
			ev.stack = spread(ev.stack, m)
		}
		if err := ev.checkLength(len(ev.stack) - base); err != nil {
			return err
		}
	}
	return nil
}

// fieldNode is a path of one name.
type fieldNode struct{ name string }

func (n *fieldNode) eval(ev *evaluation, context value, _ *frame) (value, error) {
	if err := ev.room(1); err != nil {
		return value{}, err
	}
	if context.isArray() {
		return n.each(ev, context)
	}
	return context.get(n.name), ev.charge(1)
}

// each evaluates the name for the items of an array.
func (n *fieldNode) each(ev *evaluation, context value) (value, error) {
	base := len(ev.stack)
	s, in := step{name: n.name}, stream{value: context}
	out, err := s.runName(ev, &in)
	v := out.value
	if err == nil && out.list != nil {
		v, err = ev.sequenceOf(out.list)
	}
	ev.drop(base)
	return v, err
}

// nameNode is a name that is evaluated by itself, as a step that makes tuples.
type nameNode struct{ name string }

func (n nameNode) eval(ev *evaluation, context value, _ *frame) (value, error) {
	if err := ev.chargeRead(len(n.name)); err != nil {
		return value{}, err
	}
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
		given, err := given(v)
		return given, true, err
	}
	return value{}, true, nil
}
