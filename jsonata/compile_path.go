package jsonata

// path compiles a path with all that follows its steps.
func (c *compiler) path(s *syntax) (node, error) {
	if s.isField() {
		return &fieldNode{s.list[0].tok.text}, nil
	}
	p := &path{
		keep:     s.keepSingleton || s.keepArray,
		whole:    s.list[0].kind == syntaxVariable,
		tuples:   len(s.list),
		asTuples: s.tuple,
	}
	for i, part := range s.list {
		st, err := c.step(part)
		if err != nil {
			return nil, err
		}
		if st.tuple && i < p.tuples {
			p.tuples = i
		}
		p.steps = append(p.steps, st)
	}
	if p.steps[0].cons { // makes no tuples
		p.tuples = max(p.tuples, 1)
	}
	for i := p.tuples; i < len(p.steps); i++ {
		if p.steps[i].isName {
			p.steps[i].node = nameOf(s.list[i])
		}
	}
	p.member = c.memberOf(s, p)
	if s.group == nil {
		p.chain = p.isChain()
		return p, nil
	}
	var err error
	p.group, err = c.grouping(s.group.pairs, s.group.pos)
	return p, err
}

// isField reports whether a path is one name and nothing else.
func (s *syntax) isField() bool {
	name := s.list[0]
	return len(s.list) == 1 && name.isPlainName() && len(name.stages) == 0 && !name.tuple &&
		s.group == nil && !s.keepSingleton && !s.keepArray
}

// isPlainName reports whether a step is a name that needs no node. The node of a
// long name charges for its length.
func (s *syntax) isPlainName() bool {
	const long = 256
	return s.kind == syntaxName && s.predicates == nil && s.group == nil && len(s.tok.text) < long
}

// nameOf returns the node of a name in a path of tuples.
func nameOf(s *syntax) node {
	if s.keepArray {
		return kept{nameNode{s.tok.text}}
	}
	return nameNode{s.tok.text}
}

// step compiles one step. A plain name needs no node: the path reads it.
func (c *compiler) step(s *syntax) (step, error) {
	st := step{cons: s.consArray, tuple: s.tuple, focus: s.focus, index: s.index}
	if s.ancestor != nil {
		st.ancestor = s.ancestor.label
	}
	var err error
	switch {
	case s.isPlainName():
		st.name, st.isName = s.tok.text, true
	case s.kind == syntaxSort:
		st.sort, err = c.ordering(s)
	default:
		st.node, err = c.compile(s)
	}
	for i := 0; i < len(s.stages) && err == nil; i++ {
		stage := stageNode{index: s.stages[i].index, binds: s.stages[i].filter == nil}
		if !stage.binds {
			stage.filter, err = c.filter(s.stages[i])
		}
		st.stages = append(st.stages, stage)
	}
	st.plain = st.isName && len(st.stages) == 0
	return st, err
}

func (c *compiler) ordering(s *syntax) (*ordering, error) {
	o := &ordering{pos: s.tok.pos}
	for _, term := range s.terms {
		n, err := c.compile(term.expr)
		if err != nil {
			return nil, err
		}
		o.terms = append(o.terms, orderTerm{n, term.descending})
	}
	return o, nil
}

// memberOf returns how a path that begins with $name.member may begin, if the
// name comes from outside.
func (c *compiler) memberOf(s *syntax, p *path) *memberOf {
	if len(s.list) < 2 || p.tuples < 2 {
		return nil
	}
	first, second := s.list[0], s.list[1]
	if first.kind != syntaxVariable || len(first.predicates) > 0 || len(first.stages) > 0 || first.group != nil || first.keepArray ||
		!p.steps[1].isName || len(second.stages) > 0 {
		return nil
	}
	name := first.tok.text
	if name == "" || name == "$" || !c.free(name) {
		return nil
	}
	return &memberOf{name, p.steps[1].name}
}
