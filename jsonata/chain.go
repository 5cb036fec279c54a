package jsonata

// A chain is a path of names alone, a.b.c or $v.a.b. As long as it leads from
// one item to one item, there is no stream to keep.

// isChain reports whether nothing but names follows the first step, which is a
// name or a variable.
func (p *path) isChain() bool {
	if p.keep || p.group != nil || p.tuples < len(p.steps) || p.whole && len(p.steps[0].stages) > 0 {
		return false
	}
	for i := oneIf(p.whole); i < len(p.steps); i++ {
		if !p.steps[i].plain {
			return false
		}
	}
	return true
}

// follow evaluates a chain.
func (p *path) follow(ev *evaluation, context value, f *frame) (value, error) {
	v, from, err := p.first(ev, context, f)
	for i := from; i < len(p.steps) && err == nil; i++ {
		switch {
		case v.isArray():
			return p.rest(ev, v, i, f)
		case v.isNothing() && i > 0:
			return value{}, nil
		}
		v, err = v.get(p.steps[i].name), ev.charge(1)
	}
	return v, err
}

// first returns what the names of a chain start from, and the first of them.
func (p *path) first(ev *evaluation, context value, f *frame) (value, int, error) {
	if !p.whole {
		return context, 0, nil
	}
	if p.member != nil {
		if v, ok, err := p.member.eval(ev); ok || err != nil {
			return v, 2, err
		}
	}
	v, err := ev.eval(p.steps[0].node, context, f)
	return v, 1, err
}

// rest evaluates the steps of a chain from i on for the items of an array.
func (p *path) rest(ev *evaluation, v value, i int, f *frame) (value, error) {
	base := len(ev.stack)
	in := stream{value: v, one: i > 0 && v.isCons()}
	out, err := p.run(ev, in, i, len(p.steps), f)
	if err == nil {
		v, err = p.result(ev, out)
	}
	ev.drop(base)
	return v, err
}
