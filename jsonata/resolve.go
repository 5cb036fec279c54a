package jsonata

// Resolving turns the tree as written into the tree as meant: names and dots
// become paths, predicates and bindings move to the steps they belong to, and
// every parent operator finds the step whose context it shows.

// resolver resolves one expression.
type resolver struct {
	labels int
	budget *int // what compiling may still take
}

// resolve resolves a whole expression.
func resolve(expr *syntax, budget *int) (*syntax, error) {
	r := &resolver{budget: budget}
	result, err := r.resolve(expr)
	if err != nil {
		return nil, err
	}
	if result.kind == syntaxParent || len(result.open) > 0 {
		return nil, result.noParent()
	}
	return result, nil
}

// resolve returns the resolved form of a node.
func (r *resolver) resolve(s *syntax) (*syntax, error) {
	result, err := r.form(s)
	if err != nil {
		return nil, err
	}
	result.height, result.start = max(result.height, s.height), s.start
	if s.keepArray {
		result.keepArray = true
	}
	return result, nil
}

func (r *resolver) form(s *syntax) (*syntax, error) {
	switch s.kind {
	case syntaxName:
		return &syntax{kind: syntaxPath, tok: s.tok, list: []*syntax{s}, keepSingleton: s.keepArray}, nil
	case syntaxParent:
		s.slot = &slot{label: parentLabel(r.labels), level: 1}
		r.labels++
		return s, nil
	case syntaxBinary:
		return r.binary(s)
	case syntaxNegate:
		return r.negate(s)
	case syntaxBlock:
		return r.block(s)
	case syntaxBind:
		return s, r.operands(s, &s.rhs)
	case syntaxApply:
		err := r.children(&s.lhs, &s.rhs)
		s.keepArray = err == nil && (s.keepArray || s.lhs.keepArray || s.rhs.keepArray)
		return s, err
	case syntaxLambda:
		return s, r.children(&s.rhs)
	case syntaxTransform:
		return s, r.children(&s.lhs, &s.rhs, &s.third)
	case syntaxCall, syntaxPartial:
		if err := r.operandList(s); err != nil {
			return nil, err
		}
		return s, r.children(&s.lhs)
	case syntaxArray:
		return s, r.operandList(s)
	case syntaxObject:
		return s, r.pairs(s, s.pairs)
	case syntaxCondition, syntaxDefault:
		return s, r.operands(s, &s.lhs, &s.rhs, &s.third)
	case syntaxEnd:
		return nil, fail("S0207", s.tok.pos).about("(end)")
	}
	return s, nil
}

// children resolves parts in place; a missing part stays missing.
func (r *resolver) children(parts ...**syntax) error {
	for _, part := range parts {
		if *part == nil {
			continue
		}
		resolved, err := r.resolve(*part)
		if err != nil {
			return err
		}
		*part = resolved
	}
	return nil
}

// operands resolves parts that are evaluated in the context of s, which inherits
// their open slots.
func (r *resolver) operands(s *syntax, parts ...**syntax) error {
	for _, part := range parts {
		if err := r.children(part); err != nil {
			return err
		}
		if err := r.inheritSlots(s, *part); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) operandList(s *syntax) error {
	for i := range s.list {
		if err := r.operands(s, &s.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) pairs(s *syntax, pairs []pair) error {
	for i := range pairs {
		if err := r.operands(s, &pairs[i].key, &pairs[i].value); err != nil {
			return err
		}
	}
	return nil
}

// binary resolves what the parser read as an operator between two operands.
func (r *resolver) binary(s *syntax) (*syntax, error) {
	switch s.tok.text {
	case ".":
		return r.step(s)
	case "[":
		return r.predicate(s)
	case "{":
		return r.grouping(s)
	case "^":
		return r.orderBy(s)
	case "@":
		return r.focus(s)
	case "#":
		return r.index(s)
	}
	return s, r.operands(s, &s.lhs, &s.rhs)
}

// negate folds the sign of a number into it.
func (r *resolver) negate(s *syntax) (*syntax, error) {
	if err := r.operands(s, &s.lhs); err != nil {
		return nil, err
	}
	if number := s.lhs; number.kind == syntaxNumber {
		number.tok.num = -number.tok.num
		number.tok.text = "-" + number.tok.text
		return number, nil
	}
	return s, nil
}

func (r *resolver) block(s *syntax) (*syntax, error) {
	if err := r.operandList(s); err != nil {
		return nil, err
	}
	for _, expr := range s.list {
		if expr.consArray || expr.kind == syntaxPath && expr.list[0].consArray {
			s.consArray = true
		}
	}
	return s, nil
}

// asPath returns s, or the path of which s is the only step.
func asPath(s *syntax) *syntax {
	if s.kind == syntaxPath {
		return s
	}
	return &syntax{kind: syntaxPath, tok: s.tok, list: []*syntax{s}}
}

// lastStep returns the step to which a clause after s belongs.
func lastStep(s *syntax) *syntax {
	if s.kind == syntaxPath {
		return s.list[len(s.list)-1]
	}
	return s
}

// becomeStep makes the predicates of a node those of a step.
func (s *syntax) becomeStep() {
	if s.kind != syntaxPath {
		s.stages, s.predicates = s.predicates, nil
	}
}

// step resolves a.b.
func (r *resolver) step(s *syntax) (*syntax, error) {
	left, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	path := asPath(left)
	if left.kind == syntaxParent {
		path.open = []*slot{left.slot}
	}
	right, err := r.resolve(s.rhs)
	if err != nil {
		return nil, err
	}
	if right.kind == syntaxPath {
		path.list = append(path.list, right.list...)
	} else {
		right.becomeStep()
		path.list = append(path.list, right)
	}
	return path, r.finishPath(path)
}

// finishPath does what has to be known about a path as a whole.
func (r *resolver) finishPath(path *syntax) error {
	for _, step := range path.list {
		switch step.kind {
		case syntaxNumber, syntaxValue:
			return fail("S0213", step.tok.pos).with("value", step.tok.json(), step.tok.text)
		case syntaxString:
			step.kind = syntaxName
		}
		path.keepSingleton = path.keepSingleton || step.keepArray
	}
	for _, end := range []*syntax{path.list[0], lastStep(path)} {
		if end.kind == syntaxArray {
			end.consArray = true
		}
	}
	return r.resolveParents(path)
}

// predicate resolves a[b].
func (r *resolver) predicate(s *syntax) (*syntax, error) {
	result, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	step := lastStep(result)
	if step.group != nil {
		return nil, fail("S0209", s.tok.pos)
	}
	filter, err := r.resolve(s.rhs)
	if err != nil {
		return nil, err
	}
	for _, slot := range filter.open {
		if slot.level > 1 {
			slot.level--
		} else if err := r.passStep(step, slot); err != nil {
			return nil, err
		}
	}
	if len(filter.open) > 0 {
		if err := r.inheritSlots(step, filter); err != nil {
			return nil, err
		}
	}
	st := stage{filter: filter, pos: s.tok.pos}
	if result.kind == syntaxPath {
		step.stages = append(step.stages, st)
	} else {
		step.predicates = append(step.predicates, st)
	}
	return result, nil
}

// grouping resolves a{k: v}.
func (r *resolver) grouping(s *syntax) (*syntax, error) {
	result, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	if result.group != nil {
		return nil, fail("S0210", s.tok.pos)
	}
	for i := range s.pairs {
		if err := r.children(&s.pairs[i].key, &s.pairs[i].value); err != nil {
			return nil, err
		}
	}
	result.group = &group{pairs: s.pairs, pos: s.tok.pos}
	return result, nil
}

// orderBy resolves a^(b).
func (r *resolver) orderBy(s *syntax) (*syntax, error) {
	left, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	sort := &syntax{kind: syntaxSort, tok: s.tok, terms: s.terms}
	for i := range sort.terms {
		if err := r.operands(sort, &sort.terms[i].expr); err != nil {
			return nil, err
		}
	}
	path := asPath(left)
	path.list = append(path.list, sort)
	return path, r.resolveParents(path)
}

// focus resolves a@$v.
func (r *resolver) focus(s *syntax) (*syntax, error) {
	result, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	step := lastStep(result)
	if len(step.stages) > 0 || len(step.predicates) > 0 {
		return nil, fail("S0215", s.tok.pos)
	}
	if step.kind == syntaxSort {
		return nil, fail("S0216", s.tok.pos)
	}
	step.keepArray = step.keepArray || s.keepArray
	step.focus, step.tuple = s.rhs.tok.text, true
	return result, nil
}

// index resolves a#$v.
func (r *resolver) index(s *syntax) (*syntax, error) {
	left, err := r.resolve(s.lhs)
	if err != nil {
		return nil, err
	}
	path, step := asPath(left), lastStep(left)
	step.becomeStepOf(left)
	name := s.rhs.tok.text
	if len(step.stages) == 0 {
		step.index = name
	} else {
		step.stages = append(step.stages, stage{index: name, pos: s.tok.pos})
	}
	step.tuple = true
	return path, nil
}

// becomeStepOf makes the predicates of s those of a step if s was no path yet.
func (s *syntax) becomeStepOf(whole *syntax) {
	if whole.kind != syntaxPath {
		s.becomeStep()
	}
}
