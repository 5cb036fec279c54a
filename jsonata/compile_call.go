package jsonata

// call compiles f(a, b).
func (c *compiler) call(s *syntax) (*call, error) {
	n := &call{pos: s.tok.pos, procPos: s.lhs.tok.pos, name: procedureName(s.lhs)}
	if s.lhs.kind == syntaxPath {
		n.bare = n.name
		n.known = c.config.function(n.name) != nil
	}
	var err error
	if n.procedure, err = c.compile(s.lhs); err != nil {
		return nil, err
	}
	for _, arg := range s.list {
		var compiled node
		if arg.kind != syntaxHole {
			if compiled, err = c.compile(arg); err != nil {
				return nil, err
			}
		}
		n.args = append(n.args, compiled)
	}
	return n, nil
}

// procedureName returns the name by which messages call a function.
func procedureName(s *syntax) string {
	switch s.kind {
	case syntaxPath:
		return s.list[0].tok.text
	case syntaxLambda, syntaxTransform, syntaxCondition, syntaxDefault:
		return ""
	}
	return s.tok.text
}

func (c *compiler) partial(s *syntax) (node, error) {
	n, err := c.call(s)
	if err != nil {
		return nil, err
	}
	p := &partialCall{call: *n, holes: make([]bool, len(s.list))}
	for i, arg := range s.list {
		p.holes[i] = arg.kind == syntaxHole
	}
	return p, nil
}

func (c *compiler) application(s *syntax) (node, error) {
	lhs, err := c.compile(s.lhs)
	if err != nil {
		return nil, err
	}
	n := &application{lhs: lhs, pos: s.tok.pos}
	if s.rhs.kind == syntaxCall {
		n.call, err = c.call(s.rhs)
	} else {
		n.rhs, err = c.compile(s.rhs)
	}
	return n, err
}

func (c *compiler) lambda(s *syntax) (node, error) {
	n := &lambda{sig: s.sig}
	for _, param := range s.list {
		n.params = append(n.params, param.tok.text)
	}
	c.lends = c.open
	var err error
	n.body, err = c.tail(s.rhs)
	n.lends, c.lends = c.lends, true
	return n, err
}

// tail compiles an expression in tail position: a call there is left to the
// loop that runs the lambda. As in the reference implementation, a grouping or
// [] after such a call has no effect.
func (c *compiler) tail(s *syntax) (node, error) {
	if len(s.predicates) > 0 || s.kind != syntaxCall && (s.group != nil || s.keepArray) {
		return c.compile(s)
	}
	switch s.kind {
	case syntaxCall:
		n, err := c.call(s)
		c.lends = true
		return tailCall{n}, err
	case syntaxCondition, syntaxDefault:
		return c.condition(s, c.tail)
	case syntaxBlock:
		return c.block(s, c.tail)
	}
	return c.compile(s)
}

func (c *compiler) transform(s *syntax) (node, error) {
	nodes, err := c.all(s.lhs, s.rhs, s.third)
	if err != nil {
		return nil, err
	}
	c.lends = true
	n := &transform{pattern: nodes[0], update: nodes[1], remove: nodes[2], pos: s.tok.pos, updatePos: s.rhs.tok.pos}
	if s.third != nil {
		n.removePos = s.third.tok.pos
	}
	n.clone = c.named("clone")
	return n, nil
}
