package interp

import "github.com/statemill/statemill/jsonvalue"

// choiceState is a Choice state.
type choiceState struct {
	flow  // Assign and Output hold for the Default branch, and for rules without their own
	rules []choiceRule

	hasDefault bool
	other      *node // Default; nil: the graph ends
}

// choiceRule is a rule at the top level of Choices.
type choiceRule struct {
	test condition
	next *node // nil: the graph ends

	taken, passed int32 // points
	flow          flow  // Assign and Output of the rule, or of the state
}

// condition is a data-test expression.
type condition interface {
	holds(s *scope) (bool, *failure)
}

func (s *choiceState) enter(t *turn) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	env := t.over(effective)
	for i := range s.rules {
		matched, failed := s.rules[i].test.holds(env)
		if failed != nil {
			return failed
		}
		t.noteOutcome(matched, s.rules[i].taken, s.rules[i].passed)
		if matched {
			return s.rules[i].flow.leadTo(t, effective, s.rules[i].next)
		}
	}
	if !s.hasDefault {
		return t.runtimeError("Failed to transition out of the state. The state does not point to a next state.")
	}
	t.note(t.f.node.points.other)
	return s.flow.leadTo(t, effective, s.other)
}

// leadTo passes the input on to the state that was chosen.
func (fl *flow) leadTo(t *turn, effective datum, next *node) *failure {
	failed := fl.forward(t, effective)
	t.next = next
	return failed
}

// allOf is And: the first operand that is false decides.
type allOf struct {
	points   int32 // two for each operand, from here on
	operands []condition
}

func (c allOf) holds(s *scope) (bool, *failure) {
	for i, operand := range c.operands {
		matched, failed := operand.holds(s)
		if failed != nil {
			return false, failed
		}
		s.turn.noteOperand(c.points, i, matched)
		if !matched {
			return false, nil
		}
	}
	return true, nil
}

// anyOf is Or: the first operand that is true decides.
type anyOf struct {
	points   int32 // likewise
	operands []condition
}

func (c anyOf) holds(s *scope) (bool, *failure) {
	for i, operand := range c.operands {
		matched, failed := operand.holds(s)
		if failed != nil {
			return false, failed
		}
		s.turn.noteOperand(c.points, i, matched)
		if matched {
			return true, nil
		}
	}
	return false, nil
}

// notOf is Not.
type notOf struct{ condition }

func (c notOf) holds(s *scope) (bool, *failure) {
	matched, failed := c.condition.holds(s)
	return !matched, failed
}

// constant is a Condition that is written as true or false.
type constant bool

func (c constant) holds(*scope) (bool, *failure) { return bool(c), nil }

// conditionExpression is a Condition in JSONata.
type conditionExpression struct{ *expression }

func (c conditionExpression) holds(s *scope) (bool, *failure) {
	v, failed := c.value(s)
	if failed != nil {
		return false, failed
	}
	matched, ok := v.AsBool()
	if !ok {
		return false, s.turn.unexpectedType(c.expression, jsonvalue.KindBool.String(), v)
	}
	return matched, nil
}
