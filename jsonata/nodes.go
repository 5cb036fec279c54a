package jsonata

// The nodes that are not more than a value or a few evaluations.

// literal is a value, a regular expression or a name without its path.
type literal struct{ value value }

func (n literal) eval(*evaluation, value, *frame) (value, error) { return n.value, nil }

// contextNode is $.
type contextNode struct{}

func (contextNode) eval(_ *evaluation, context value, f *frame) (value, error) {
	if a, ok := context.array(); ok && a.outerWrapper {
		return a.at(0), nil
	}
	return context, nil
}

// inputNode is $$.
type inputNode struct{}

func (inputNode) eval(ev *evaluation, _ value, _ *frame) (value, error) { return ev.input, nil }

// variableNode is $name.
type variableNode struct {
	name     string
	free     bool  // nothing in the expression binds the name
	function value // the function of that name, if nobody binds another value
}

func (n *variableNode) eval(ev *evaluation, _ value, f *frame) (value, error) {
	if !n.free {
		v, ok, seen := f.lookup(n.name)
		if ev.steps -= seen / variablesSeen; ok {
			return v, nil
		}
	}
	return ev.global(n.name, n.function)
}

// block is (a; b).
type block struct {
	nodes []node
	binds bool // something in it may bind a variable
}

func (n *block) eval(ev *evaluation, context value, f *frame) (result value, err error) {
	if n.binds {
		f = &frame{outer: f}
	}
	for _, expr := range n.nodes {
		if result, err = ev.eval(expr, context, f); err != nil {
			return value{}, err
		}
	}
	return result, nil
}

// condition is a ? b : c.
type condition struct {
	test, then, otherwise node
	arms                  outcomes
}

func (n *condition) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := ev.eval(n.test, context, f)
	if err != nil {
		return value{}, err
	}
	yes, err := ev.truth(v)
	if err != nil {
		return value{}, err
	}
	ev.reach(n.arms, yes)
	switch {
	case yes:
		return ev.eval(n.then, context, f)
	case n.otherwise != nil:
		return ev.eval(n.otherwise, context, f)
	}
	return value{}, nil
}

// bind is $v := a.
type bind struct {
	name string
	node node
}

func (n *bind) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := ev.eval(n.node, context, f)
	if err == nil {
		ev.steps -= f.bind(n.name, v) / variablesSeen
	}
	return v, err
}

// filtered is a[b] where a is no path.
type filtered struct {
	node    node
	filters []filter
}

func (n *filtered) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := n.node.eval(ev, context, f)
	_, isName := n.node.(nameNode)
	empty := isName && context.isArray() && v.isNothing() // not nothing, but a sequence
	for i := range n.filters {
		if err != nil || (i > 0 || empty) && v.isNothing() {
			return value{}, err
		}
		v, err = n.filters[i].sequence(ev, v, f)
	}
	return v, err
}

// grouped is a{k: v} where a is no path.
type grouped struct {
	node  node
	group *grouping
}

func (n *grouped) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := n.node.eval(ev, context, f)
	if err != nil {
		return value{}, err
	}
	return n.group.eval(ev, v, f)
}

// kept is a[].
type kept struct{ node node }

func (n kept) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := n.node.eval(ev, context, f)
	if err != nil {
		return value{}, err
	}
	return ev.keep(v)
}

// wildcard is *.
type wildcard struct{}

func (wildcard) eval(ev *evaluation, context value, f *frame) (value, error) {
	context, _ = contextNode{}.eval(ev, context, f)
	base := len(ev.stack)
	var err error
	switch context.kind() {
	case kindObject:
		members := ev.members(context)
		for i := 0; i < len(members) && err == nil; i++ {
			err = ev.pushDeep(base, members[i].value)
		}
	case kindArray:
		err = ev.pushDeep(base, context)
	}
	return ev.pushedSequence(base, err)
}

// pushDeep puts what is in v on the stack of the evaluation, through arrays of
// arrays. The items from base on are one sequence.
func (ev *evaluation) pushDeep(base int, v value) (err error) {
	if !v.isArray() {
		return ev.pushItem(base, v)
	}
	for i, n := 0, v.len(); i < n && err == nil; i++ {
		err = ev.pushDeep(base, v.at(i))
	}
	if err == nil {
		err = ev.charge(1)
	}
	return err
}

// pushItem puts a value on the stack as an item of the sequence that begins at
// base.
func (ev *evaluation) pushItem(base int, v value) error {
	ev.stack = append(ev.stack, v)
	if err := ev.checkLength(len(ev.stack) - base); err != nil {
		return err
	}
	return ev.charge(1)
}

// pushedSequence returns the sequence of what lies on the stack from base on.
func (ev *evaluation) pushedSequence(base int, err error) (v value, _ error) {
	if err == nil {
		v, err = ev.sequenceOf(ev.stack[base:])
	}
	ev.drop(base)
	return v, err
}

// descend is **.
type descend struct{}

func (descend) eval(ev *evaluation, context value, _ *frame) (value, error) {
	if context.isNothing() {
		return value{}, nil
	}
	base := len(ev.stack)
	v, err := ev.pushedSequence(base, ev.pushDescendants(base, context))
	return collapse(v), err
}

// pushDescendants puts v on the stack, unless it is an array, and everything in
// it.
func (ev *evaluation) pushDescendants(base int, v value) (err error) {
	if !v.isArray() {
		err = ev.pushItem(base, v)
	}
	switch v.kind() {
	case kindArray:
		for i, n := 0, v.len(); i < n && err == nil; i++ {
			err = ev.pushDescendants(base, v.at(i))
		}
	case kindObject:
		members := ev.members(v)
		for i := 0; i < len(members) && err == nil; i++ {
			err = ev.pushDescendants(base, members[i].value)
		}
	}
	if err != nil {
		return err
	}
	return ev.charge(1)
}
