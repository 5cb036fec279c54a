package jsonata

import "strconv"

// compiler turns a resolved tree into nodes.
type compiler struct {
	config Config
	bound  map[string]bool // every name that the expression binds somewhere
	open   bool            // $eval occurs, which may bind any name
	inside bool            // it is compiled by $eval
	lends  bool            // what was compiled of a lambda makes a value that holds its frame

	branches []Branch
}

func newCompiler(config Config, tree *syntax) *compiler {
	c := &compiler{config: config, bound: map[string]bool{}}
	c.collect(tree)
	return c
}

// collect notes the names that an expression binds.
func (c *compiler) collect(s *syntax) {
	switch s.kind {
	case syntaxBind:
		c.bound[s.lhs.tok.text] = true
	case syntaxLambda:
		for _, param := range s.list {
			c.bound[param.tok.text] = true
		}
	case syntaxVariable:
		c.open = c.open || s.tok.text == "eval" && c.config.Dialect != StepFunctions
	}
	for _, name := range s.bindings() {
		c.bound[name] = true
	}
	s.eachPart(c.collect)
}

// free reports whether nothing in the expression binds a name.
func (c *compiler) free(name string) bool { return !c.open && !c.bound[name] }

// compile returns the node of a tree, with the clauses that follow it.
func (c *compiler) compile(s *syntax) (node, error) {
	if s == nil {
		return nil, nil
	}
	n, err := c.bare(s)
	if err != nil || s.kind == syntaxPath {
		return n, err
	}
	if len(s.predicates) > 0 {
		wrapped := &filtered{node: n}
		for i := range s.predicates {
			p, err := c.filter(s.predicates[i])
			if err != nil {
				return nil, err
			}
			wrapped.filters = append(wrapped.filters, p)
		}
		n = wrapped
	}
	if s.group != nil {
		g, err := c.grouping(s.group.pairs, s.group.pos)
		if err != nil {
			return nil, err
		}
		n = &grouped{n, g}
	}
	if s.keepArray {
		n = kept{n}
	}
	return n, nil
}

// bare returns the node of a tree without clauses.
func (c *compiler) bare(s *syntax) (node, error) {
	switch s.kind {
	case syntaxName:
		return nameNode{s.tok.text}, nil
	case syntaxVariable:
		return c.variable(s.tok.text), nil
	case syntaxParent:
		return &variableNode{name: s.slot.label}, nil
	case syntaxString, syntaxNumber, syntaxValue:
		return literal{c.literal(s.tok)}, nil
	case syntaxRegex:
		f, err := compileRegex(s.tok, c.config.Budget)
		if err != nil {
			return nil, err
		}
		return literal{closure(f)}, nil
	case syntaxWildcard:
		return wildcard{}, nil
	case syntaxDescend:
		return descend{}, nil
	case syntaxBinary:
		return c.binary(s)
	case syntaxPath:
		return c.path(s)
	case syntaxCall:
		return c.call(s)
	}
	return c.compound(s)
}

// compound returns the node of a form that contains expressions.
func (c *compiler) compound(s *syntax) (node, error) {
	switch s.kind {
	case syntaxNegate:
		operand, err := c.compile(s.lhs)
		return &negate{s.tok.pos, operand}, err
	case syntaxArray:
		return c.array(s)
	case syntaxObject:
		return c.object(s)
	case syntaxBlock:
		return c.block(s, c.compile)
	case syntaxCondition, syntaxDefault:
		return c.condition(s, c.compile)
	case syntaxBind:
		v, err := c.compile(s.rhs)
		return &bind{s.lhs.tok.text, v}, err
	case syntaxApply:
		return c.application(s)
	case syntaxPartial:
		return c.partial(s)
	case syntaxLambda:
		return c.lambda(s)
	case syntaxTransform:
		return c.transform(s)
	}
	return nil, fail("S0206", s.tok.pos).aboutToken(s.tok)
}

// all compiles several trees.
func (c *compiler) all(trees ...*syntax) ([]node, error) {
	nodes := make([]node, len(trees))
	for i, tree := range trees {
		var err error
		if nodes[i], err = c.compile(tree); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (c *compiler) variable(name string) node {
	switch name {
	case "":
		return contextNode{}
	case "$":
		return inputNode{}
	}
	return c.named(name)
}

// named returns the node of $name.
func (c *compiler) named(name string) *variableNode {
	n := &variableNode{name: name, free: c.free(name)}
	if f := c.config.function(name); f != nil {
		n.function = closure(f)
	}
	return n
}

// literal returns the value of a token. Step Functions keeps integers exact.
func (c *compiler) literal(t token) value {
	switch {
	case t.kind == tokenString:
		return text(t.text)
	case t.kind == tokenNumber:
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil && n != 0 && c.config.Dialect == StepFunctions {
			return integer(n)
		}
		return number(t.num)
	case t.text == "null":
		return null
	}
	return boolean(t.text == "true")
}

func (c *compiler) binary(s *syntax) (node, error) {
	if s.tok.text == "and" || s.tok.text == "or" {
		return c.logic(s)
	}
	nodes, err := c.all(s.lhs, s.rhs)
	if err != nil {
		return nil, err
	}
	lhs, rhs, pos := nodes[0], nodes[1], s.tok.pos
	switch op := s.tok.text; op {
	case "+", "-", "*", "/", "%":
		return &arithmetic{op[0], pos, lhs, rhs}, nil
	case "&":
		return &concatenation{pos, lhs, rhs}, nil
	case "=", "!=":
		return &equality{op == "!=", lhs, rhs}, nil
	case "<", "<=", ">", ">=":
		return &comparison{op, pos, lhs, rhs}, nil
	case "in":
		return &inclusion{lhs, rhs}, nil
	case "..":
		return &rangeNode{pos, lhs, rhs}, nil
	}
	return nil, fail("S0206", pos).aboutToken(s.tok)
}

func (c *compiler) array(s *syntax) (node, error) {
	nodes, err := c.all(s.list...)
	if err != nil {
		return nil, err
	}
	n := &arrayNode{nodes: nodes, nested: make([]bool, len(nodes)), cons: s.consArray}
	for i, item := range s.list {
		n.nested[i] = item.kind == syntaxArray
	}
	return n, nil
}

// object compiles {k: v}.
func (c *compiler) object(s *syntax) (node, error) {
	g, err := c.grouping(s.pairs, s.tok.pos)
	if err != nil {
		return nil, err
	}
	n := &objectNode{values: g.values, group: g}
	seen := make(map[string]bool, len(g.keys))
	for _, key := range g.keys {
		written, _ := key.(literal)
		name, ok := written.value.str()
		_, isIndex := indexName(name)
		if !ok || seen[name] || c.config.Dialect.reserves(name) || isIndex && c.config.Dialect != StepFunctions {
			return g, nil
		}
		seen[name] = true
		n.names = append(n.names, name)
	}
	return n, nil
}

func (c *compiler) grouping(pairs []pair, pos int) (*grouping, error) {
	g := &grouping{pos: pos}
	for _, p := range pairs {
		nodes, err := c.all(p.key, p.value)
		if err != nil {
			return nil, err
		}
		g.keys, g.values = append(g.keys, nodes[0]), append(g.values, nodes[1])
	}
	return g, nil
}

// block compiles (a; b); the last expression by a function of its own.
func (c *compiler) block(s *syntax, last func(*syntax) (node, error)) (node, error) {
	n := &block{binds: c.open}
	for i, expr := range s.list {
		expr.eachInScope(func(x *syntax) { n.binds = n.binds || x.kind == syntaxBind })
		compile := c.compile
		if i == len(s.list)-1 {
			compile = last
		}
		compiled, err := compile(expr)
		if err != nil {
			return nil, err
		}
		n.nodes = append(n.nodes, compiled)
	}
	return n, nil
}

// condition compiles a ? b : c; the branches by a function of their own.
func (c *compiler) condition(s *syntax, branch func(*syntax) (node, error)) (node, error) {
	if s.kind == syntaxDefault {
		return c.orDefault(s, branch)
	}
	test, err := c.compile(s.lhs)
	if err != nil {
		return nil, err
	}
	n := &condition{test: test, arms: c.arms(s)}
	if n.then, err = branch(s.rhs); err == nil && s.third != nil {
		n.otherwise, err = branch(s.third)
	}
	return n, err
}

// orDefault compiles a ?: b and a ?? b, conditions in which a is evaluated
// twice. It is compiled once, or else nested defaults would double the work.
func (c *compiler) orDefault(s *syntax, branch func(*syntax) (node, error)) (node, error) {
	left, err := c.compile(s.lhs)
	if err != nil {
		return nil, err
	}
	n := &condition{test: left, then: left, arms: c.arms(s)}
	if s.tok.text == "??" {
		n.test = &call{procedure: c.variable("exists"), args: []node{left}, pos: s.tok.pos, procPos: s.tok.pos, name: "exists"}
	}
	n.otherwise, err = branch(s.rhs)
	return n, err
}

func (c *compiler) filter(st stage) (filter, error) {
	if number := st.filter; number.kind == syntaxNumber {
		return filter{literal: true, place: number.tok.num, pos: st.pos}, nil
	}
	n, err := c.compile(st.filter)
	return filter{node: n, pos: st.pos}, err
}
