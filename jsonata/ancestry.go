package jsonata

import "strconv"

// A parent operator shows the context in which the step before it was
// evaluated. Which step that is follows from the text alone: a slot walks back
// over the steps, and the one it stops at keeps its context under the slot's
// label.

// parentLabel returns a label that no variable has.
func parentLabel(n int) string { return "!" + strconv.Itoa(n) }

// sought returns what parents inside s look for beyond it.
func (s *syntax) sought() []*slot {
	if s.kind == syntaxParent {
		return append(s.seeking[:len(s.seeking):len(s.seeking)], s.slot)
	}
	return s.seeking
}

// adopt makes s look for what its part looks for.
func (r *resolver) adopt(s, part *syntax) error {
	if part == nil {
		return nil
	}
	sought := part.sought()
	s.seeking = append(s.seeking, sought...)
	return r.pay(len(sought))
}

// pay takes the work for parents off the budget.
func (r *resolver) pay(n int) error {
	if *r.budget -= n; *r.budget < 0 {
		return errTooLong
	}
	return nil
}

// resolveAncestry lets the slots of the last step of a path walk back over the
// steps before it. What none of them is, the path looks for.
func (r *resolver) resolveAncestry(path *syntax) error {
	for _, slot := range lastStep(path).sought() {
		i := len(path.list) - 2
		for slot.level > 0 {
			if i < 0 {
				path.seeking = append(path.seeking, slot)
				break
			}
			step := path.list[i]
			i--
			for i >= 0 && step.focus != "" && path.list[i].focus != "" {
				step = path.list[i]
				i--
			}
			if err := r.seekParent(step, slot); err != nil {
				return err
			}
		}
	}
	return nil
}

// seekParent lets a slot pass over a step.
func (r *resolver) seekParent(step *syntax, slot *slot) error {
	if err := r.pay(1); err != nil {
		return err
	}
	switch step.kind {
	case syntaxName, syntaxWildcard:
		slot.level--
		if slot.level == 0 {
			keepContext(step, slot)
		}
	case syntaxParent:
		slot.level++
	case syntaxBlock:
		if n := len(step.list); n > 0 {
			step.tuple = true
			return r.seekParent(step.list[n-1], slot)
		}
	case syntaxPath:
		return r.seekParentInPath(step, slot)
	default:
		return step.orphan()
	}
	return nil
}

// keepContext makes a step keep its context under the label of a slot.
func keepContext(step *syntax, slot *slot) {
	if step.ancestor != nil {
		slot.label = step.ancestor.label
	}
	step.ancestor = slot
	step.tuple = true
}

func (r *resolver) seekParentInPath(path *syntax, slot *slot) error {
	path.tuple = true
	for i := len(path.list) - 1; i >= 0; i-- {
		if err := r.seekParent(path.list[i], slot); err != nil {
			return err
		}
		if slot.level == 0 {
			break
		}
	}
	return nil
}

// orphan is the fault of a parent that s does not have.
func (s *syntax) orphan() *fault {
	names := [...]string{
		syntaxName: "name", syntaxVariable: "variable", syntaxString: "string", syntaxNumber: "number", syntaxValue: "value",
		syntaxRegex: "regex", syntaxWildcard: "wildcard", syntaxDescend: "descendant", syntaxParent: "parent",
		syntaxBinary: "binary", syntaxNegate: "unary", syntaxArray: "unary", syntaxObject: "unary", syntaxBlock: "block",
		syntaxCondition: "condition", syntaxDefault: "condition", syntaxBind: "bind", syntaxApply: "apply", syntaxCall: "function",
		syntaxPartial: "partial", syntaxLambda: "lambda", syntaxTransform: "transform", syntaxPath: "path", syntaxSort: "sort",
	}
	return fail("S0217", s.tok.pos).about(names[s.kind])
}
