package jsonata

// Branch is one outcome of a choice that an expression makes, as coverage counts it.
// a ? b : c has two, its arms. Each operand of and and or has two, true and false, but
// for one that is written as a value. In a and b and c there are three operands.
type Branch struct {
	Kind   BranchKind
	Offset int // of the arm or operand in the text, in bytes
}

// BranchKind says which outcome a [Branch] is.
type BranchKind uint8

// The kinds of branches.
const (
	ArmTaken     BranchKind = iota // of a ? b : c, and the right side of a ?: b and a ?? b
	ArmMissing                     // of a ? b, where a is not true; of a ?: b and a ?? b, where a is the result
	OperandTrue                    // of and and or
	OperandFalse                   // likewise
)

// Branches returns the outcomes of the choices that the expression makes. What $eval
// compiles has none. [Env].Branch gets their indices. Do not change it.
func (e *Expr) Branches() []Branch { return e.branches }

// outcomes are the indices of two branches; noBranch stands for what is none.
type outcomes struct{ yes, no int }

const noBranch = -1

var noOutcomes = outcomes{noBranch, noBranch}

// reach tells Env.Branch which of two branches was reached.
func (ev *evaluation) reach(o outcomes, yes bool) {
	if ev.env.Branch != nil {
		ev.tellBranch(o, yes)
	}
}

func (ev *evaluation) tellBranch(o outcomes, yes bool) {
	branch := o.no
	if yes {
		branch = o.yes
	}
	if branch != noBranch {
		ev.env.Branch(branch)
	}
}

// branch makes a Branch.
func (c *compiler) branch(kind BranchKind, offset int) int {
	if c.inside {
		return noBranch
	}
	c.branches = append(c.branches, Branch{kind, offset})
	return len(c.branches) - 1
}

// arms makes the branches of a condition.
func (c *compiler) arms(s *syntax) outcomes {
	switch {
	case s.kind == syntaxDefault:
		return outcomes{c.branch(ArmMissing, s.tok.start), c.branch(ArmTaken, s.rhs.start)}
	case s.third == nil:
		return outcomes{c.branch(ArmTaken, s.rhs.start), c.branch(ArmMissing, s.tok.start)}
	}
	return outcomes{c.branch(ArmTaken, s.rhs.start), c.branch(ArmTaken, s.third.start)}
}

// logic compiles a and b, a or b.
func (c *compiler) logic(s *syntax) (*logic, error) {
	n := &logic{or: s.tok.text == "or", pos: s.tok.pos}
	var err error
	if n.left, n.lhs, err = c.operand(s, s.lhs); err != nil {
		return nil, err
	}
	n.right, n.rhs, err = c.operand(s, s.rhs)
	return n, err
}

// operand compiles one side of and or or.
func (c *compiler) operand(s, side *syntax) (outcomes, node, error) {
	o := c.operandBranches(s, side)
	n, err := c.compile(side)
	return o, n, err
}

// operandBranches makes the branches of one side. The operands of a and b are those of
// (a and b) and c as well, of which a and b is none.
func (c *compiler) operandBranches(s, side *syntax) outcomes {
	switch side.kind {
	case syntaxBinary:
		if side.tok.text == s.tok.text {
			return noOutcomes
		}
	case syntaxString, syntaxNumber, syntaxValue:
		if truth, _ := new(evaluation).truth(c.literal(side.tok)); truth {
			return outcomes{c.branch(OperandTrue, side.start), noBranch}
		}
		return outcomes{noBranch, c.branch(OperandFalse, side.start)}
	}
	return outcomes{c.branch(OperandTrue, side.start), c.branch(OperandFalse, side.start)}
}
