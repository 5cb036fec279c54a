package jsonata

import "strconv"

// A parent operator (%) shows the context in which an earlier step was
// evaluated. The text alone tells which step that is.
//
// Each % has a slot, which begins with level 1. The slot goes back over the
// steps of the path: a name lowers its level, another % raises it. The step at
// which the level becomes 0 is the parent: it keeps its context under the label
// of the slot. In a.b.%.c, the slot of % goes back to b, which keeps its context:
// an item of a. If no step of the path is the parent, the slot stays open, and
// the search goes on in the path around it, as in a.(b.%.%).

// parentLabel returns a label that no variable has.
func parentLabel(n int) string { return "!" + strconv.Itoa(n) }

// openSlots returns the slots inside s whose parents are outside of it.
func (s *syntax) openSlots() []*slot {
	if s.kind == syntaxParent {
		return append(s.open[:len(s.open):len(s.open)], s.slot)
	}
	return s.open
}

// inheritSlots adds the open slots of a part to those of s.
func (r *resolver) inheritSlots(s, part *syntax) error {
	if part == nil {
		return nil
	}
	slots := part.openSlots()
	s.open = append(s.open, slots...)
	return r.pay(len(slots))
}

// pay takes the work for slots off the budget.
func (r *resolver) pay(n int) error {
	if *r.budget -= n; *r.budget < 0 {
		return errTooLong
	}
	return nil
}

// resolveParents lets the slots of the last step of a path go back over the steps
// before it. Slots without a parent there become open slots of the path.
func (r *resolver) resolveParents(path *syntax) error {
	for _, slot := range lastStep(path).openSlots() {
		i := len(path.list) - 2
		for slot.level > 0 {
			if i < 0 {
				path.open = append(path.open, slot)
				break
			}
			step := path.list[i]
			i--
			for i >= 0 && step.focus != "" && path.list[i].focus != "" {
				step = path.list[i]
				i--
			}
			if err := r.passStep(step, slot); err != nil {
				return err
			}
		}
	}
	return nil
}

// passStep lets a slot go back over a step.
func (r *resolver) passStep(step *syntax, slot *slot) error {
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
			return r.passStep(step.list[n-1], slot)
		}
	case syntaxPath:
		return r.passPath(step, slot)
	default:
		return step.noParent()
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

func (r *resolver) passPath(path *syntax, slot *slot) error {
	path.tuple = true
	for i := len(path.list) - 1; i >= 0; i-- {
		if err := r.passStep(path.list[i], slot); err != nil {
			return err
		}
		if slot.level == 0 {
			break
		}
	}
	return nil
}

// noParent returns the fault of a % whose parent s cannot be.
func (s *syntax) noParent() *fault {
	names := [...]string{
		syntaxName: "name", syntaxVariable: "variable", syntaxString: "string", syntaxNumber: "number", syntaxValue: "value",
		syntaxRegex: "regex", syntaxWildcard: "wildcard", syntaxDescend: "descendant", syntaxParent: "parent",
		syntaxBinary: "binary", syntaxNegate: "unary", syntaxArray: "unary", syntaxObject: "unary", syntaxBlock: "block",
		syntaxCondition: "condition", syntaxDefault: "condition", syntaxBind: "bind", syntaxApply: "apply", syntaxCall: "function",
		syntaxPartial: "partial", syntaxLambda: "lambda", syntaxTransform: "transform", syntaxPath: "path", syntaxSort: "sort",
	}
	return fail("S0217", s.tok.pos).about(names[s.kind])
}
