package jsonata

// chain is a path of names alone, a.b.c or $v.a.b. As long as it leads from one
// item to one item, there is no stream to keep.
type chain struct {
	path  *path
	names int // the first step that is a name: 1 after a variable, else 0
}

// chained returns the chain that a path is, or nil.
func (p *path) chained() *chain {
	c := &chain{path: p, names: oneIf(p.whole)}
	if p.keep || p.group != nil || p.tuples < len(p.steps) || len(p.steps) < 2 {
		return nil
	}
	if first := &p.steps[0]; p.whole && (len(first.stages) > 0 || first.sort != nil) {
		return nil
	}
	for i := range p.steps[c.names:] {
		if !p.steps[c.names+i].plain {
			return nil
		}
	}
	return c
}

func (n *chain) eval(ev *evaluation, context value, f *frame) (value, error) {
	if err := ev.room(1); err != nil {
		return value{}, err
	}
	v, from, err := n.begin(ev, context, f)
	for i := from; i < len(n.path.steps) && err == nil; i++ {
		switch {
		case v.isArray():
			return n.path.rest(ev, v, i, f)
		case v.isNothing() && i > 0:
			return value{}, nil
		}
		v, err = v.get(n.path.steps[i].name), ev.charge(1)
	}
	return v, err
}

// begin returns what the names start from, and the first of them.
func (n *chain) begin(ev *evaluation, context value, f *frame) (value, int, error) {
	if n.names == 0 {
		return context, 0, nil
	}
	if member := n.path.member; member != nil {
		if v, ok, err := member.eval(ev); ok || err != nil {
			return v, 2, err
		}
	}
	v, err := ev.eval(n.path.steps[0].node, context, f)
	return v, 1, err
}

// rest evaluates the steps from i on for the items of an array.
func (p *path) rest(ev *evaluation, v value, i int, f *frame) (value, error) {
	base := len(ev.stack)
	in := stream{value: v, one: i > 0 && v.isCons()}
	out, err := p.run(ev, in, i, len(p.steps), f)
	if err == nil {
		v, err = p.result(ev, out)
	}
	ev.stack = ev.stack[:base]
	return v, err
}
