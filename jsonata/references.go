package jsonata

import (
	"cmp"
	"slices"
)

// Reference is one use of a name that the expression does not bind itself.
type Reference struct {
	Kind     ReferenceKind
	Name     string // without the dollar sign of a variable or function: "states" for "$states.input.x"; for input "phone", "$" or "$$"
	Field    string // the first name after a variable: "input"; "" if there is none
	Position int    // as in Error
}

// ReferenceKind tells references apart.
type ReferenceKind uint8

const (
	// VariableReference is $name where a value is read.
	VariableReference ReferenceKind = iota

	// FunctionReference is $name where it is called, as in $name(...) or
	// x ~> $name, and the name of a function of the dialect or of
	// Config.Functions anywhere.
	FunctionReference

	// InputReference is $$ anywhere, and $ or a bare name at the top level: the
	// first step of a path that is evaluated in the outermost context. Later
	// steps, predicates, order-by terms and groupings have a context of their
	// own; a lambda has the one of its definition.
	InputReference
)

// References returns the names that the expression takes from outside, in the
// order of the text. A validator needs them. A variable that := binds is no
// reference after its binding; in the body of a lambda it is none before it either.
func (e *Expr) References() []Reference {
	if e.syntax == nil {
		return nil
	}
	c := collector{isFunction: e.config.isFunction}
	c.visit(e.syntax, true, newScope(nil, false, e.syntax))
	slices.SortStableFunc(c.refs, func(a, b Reference) int { return cmp.Compare(a.Position, b.Position) })
	return c.refs
}

// scope is a part of the text with variables of its own.
type scope struct {
	outer  *scope
	lambda bool  // its body runs later, when outer has bound all it binds
	all    names // bound somewhere in it
	bound  names // bound before the place that is visited
}

// names is a set of names, which are few nearly always.
type names struct {
	few  []string
	many map[string]bool // all of them, if they are more
}

// fewNames is up to how many names comparing them is cheaper than a map.
const fewNames = 16

func (n *names) add(name string) {
	if n.many == nil && len(n.few) < fewNames {
		n.few = append(n.few, name)
		return
	}
	if n.many == nil {
		n.many = make(map[string]bool, 2*fewNames)
		for _, earlier := range n.few {
			n.many[earlier] = true
		}
	}
	n.many[name] = true
}

func (n *names) has(name string) bool {
	if n.many != nil {
		return n.many[name]
	}
	return slices.Contains(n.few, name)
}

// newScope returns the scope of what the expressions bind with :=.
func newScope(outer *scope, lambda bool, exprs ...*syntax) *scope {
	s := &scope{outer: outer, lambda: lambda}
	for _, expr := range exprs {
		expr.eachInScope(func(x *syntax) {
			if x.kind == syntaxBind {
				s.all.add(x.lhs.tok.text)
			}
		})
	}
	return s
}

// binds reports whether a variable is bound by the expression itself.
func (s *scope) binds(name string) bool {
	for later := false; s != nil; s = s.outer {
		if s.bound.has(name) || later && s.all.has(name) {
			return true
		}
		later = later || s.lambda
	}
	return false
}

// eachInScope calls f for s and every node below that is not inside a block or
// lambda.
func (s *syntax) eachInScope(f func(*syntax)) {
	f(s)
	if s.kind == syntaxBlock || s.kind == syntaxLambda {
		return
	}
	s.eachPart(func(part *syntax) { part.eachInScope(f) })
}

// eachPart calls f for every direct part of a resolved node, in the order of
// the text.
func (s *syntax) eachPart(f func(*syntax)) {
	for _, part := range []*syntax{s.lhs, s.rhs, s.third} {
		if part != nil {
			f(part)
		}
	}
	for _, part := range s.list {
		f(part)
	}
	for _, p := range s.pairs {
		f(p.key)
		f(p.value)
	}
	s.eachClause(f)
}

// eachClause calls f for what is evaluated with members of the node's result
// as context.
func (s *syntax) eachClause(f func(*syntax)) {
	for _, term := range s.terms {
		f(term.expr)
	}
	for _, stages := range [][]stage{s.predicates, s.stages} {
		for _, st := range stages {
			if st.filter != nil {
				f(st.filter)
			}
		}
	}
	if s.group != nil {
		for _, p := range s.group.pairs {
			f(p.key)
			f(p.value)
		}
	}
}

// collector collects the references of an expression.
type collector struct {
	refs       []Reference
	isFunction func(name string) bool
}

// visit collects the references in s. Top says that its context is the
// outermost one.
func (c *collector) visit(s *syntax, top bool, sc *scope) {
	switch s.kind {
	case syntaxName:
		if top {
			c.add(InputReference, s, s.tok.text)
		}
	case syntaxVariable:
		c.variable(s, top, sc, VariableReference)
	case syntaxPath:
		c.path(s, top, sc)
		return
	case syntaxBlock:
		sc = newScope(sc, false, s.list...)
		c.parts(s, top, sc)
	case syntaxLambda:
		sc = newScope(sc, true, s.rhs)
		for _, param := range s.list {
			sc.bound.add(param.tok.text)
		}
		c.visit(s.rhs, top, sc)
	case syntaxBind:
		c.bind(s, top, sc)
	case syntaxTransform:
		c.parts(s, false, sc)
	case syntaxCall, syntaxPartial:
		c.procedure(s.lhs, top, sc)
		for _, argument := range s.list {
			c.visit(argument, top, sc)
		}
	case syntaxApply:
		c.visit(s.lhs, top, sc)
		c.procedure(s.rhs, top, sc)
	default:
		c.parts(s, top, sc)
	}
	s.eachClause(func(clause *syntax) { c.visit(clause, false, sc) })
}

// parts visits what s consists of, but not its clauses.
func (c *collector) parts(s *syntax, top bool, sc *scope) {
	bare := syntax{lhs: s.lhs, rhs: s.rhs, third: s.third, list: s.list, pairs: s.pairs}
	bare.eachPart(func(part *syntax) { c.visit(part, top, sc) })
}

func (c *collector) add(kind ReferenceKind, s *syntax, name string) {
	c.refs = append(c.refs, Reference{Kind: kind, Name: name, Position: s.tok.pos})
}

func (c *collector) variable(s *syntax, top bool, sc *scope, kind ReferenceKind) {
	switch name := s.tok.text; {
	case name == "$":
		c.add(InputReference, s, "$$")
	case name == "":
		if top {
			c.add(InputReference, s, "$")
		}
	case sc.binds(name):
	case c.isFunction(name):
		c.add(FunctionReference, s, name)
	default:
		c.add(kind, s, name)
	}
}

// procedure visits what is called.
func (c *collector) procedure(s *syntax, top bool, sc *scope) {
	if s.kind != syntaxVariable {
		c.visit(s, top, sc)
		return
	}
	c.variable(s, top, sc, FunctionReference)
	s.eachClause(func(clause *syntax) { c.visit(clause, false, sc) })
}

// bind visits $v := a. A function may call itself by its name.
func (c *collector) bind(s *syntax, top bool, sc *scope) {
	c.visit(s.rhs, top, sc)
	sc.bound.add(s.lhs.tok.text)
}

// path visits a path. Only the first step sees the context of the path;
// variables bound by one step are seen by the steps after it and by clauses.
func (c *collector) path(s *syntax, top bool, sc *scope) {
	sc = &scope{outer: sc}
	for i, step := range s.list {
		before := len(c.refs)
		c.visit(step, top && i == 0, sc)
		if i == 0 && len(s.list) > 1 && len(c.refs) > before {
			c.field(&c.refs[before], step, s.list[1])
		}
		for _, name := range step.bindings() {
			sc.bound.add(name)
		}
	}
	s.eachClause(func(clause *syntax) { c.visit(clause, false, sc) })
}

// field notes the name that follows a variable.
func (c *collector) field(ref *Reference, first, second *syntax) {
	if ref.Kind == VariableReference && first.kind == syntaxVariable && len(first.predicates) == 0 && second.kind == syntaxName {
		ref.Field = second.tok.text
	}
}

// bindings returns the variables that a step binds with @ and #.
func (s *syntax) bindings() []string {
	var names []string
	for _, name := range []string{s.focus, s.index} {
		if name != "" {
			names = append(names, name)
		}
	}
	for _, st := range s.stages {
		if st.index != "" {
			names = append(names, st.index)
		}
	}
	return names
}
