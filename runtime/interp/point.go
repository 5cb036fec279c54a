package interp

import (
	"slices"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// Point is something in a definition that an execution reaches or does not reach, as
// coverage counts it. A part of a definition with two outcomes has a Point for each.
type Point struct {
	Kind     PointKind
	State    string // the name of the state that it belongs to
	Location string // in the definition: "/States/Paid/Choices[0]/And[1]"
	Offset   int    // of what is part of an expression: where it begins in the string at Location, in bytes
}

// PointKind says which outcome a [Point] is.
type PointKind uint8

// The kinds of points.
const (
	StateEntered      PointKind = iota // every state
	StateLeft                          // by Next or End; not of Choice and Fail
	RuleTaken                          // a rule of a Choice state
	RulePassed                         // the rule was asked and did not hold
	OperandTrue                        // an element of And or Or
	OperandFalse                       // likewise
	DefaultTaken                       // of a Choice state
	RetrierUsed                        // an element of Retry began another attempt
	RetrierExhausted                   // it matched and had no attempt left
	CatcherTaken                       // an element of Catch
	MapEmpty                           // a Map state found no items
	MapSingle                          // one item
	MapMany                            // two items or more
	FailuresTolerated                  // of a distributed Map state that says how many: children failed, and it succeeded
	FailuresExceeded                   // more than it tolerates
	ArmTaken                           // of a ? b : c in an expression
	ArmMissing                         // of a ? b, where a is not true
	ExpressionTrue                     // an operand of and or or in an expression
	ExpressionFalse                    // likewise
)

var pointNames = [...]string{
	"state entered", "state left", "rule taken", "rule passed over", "operand true", "operand false", "default taken",
	"retrier used", "retrier exhausted", "catcher taken", "no items", "one item", "many items",
	"failures tolerated", "failures exceeded",
	"arm taken", "no arm taken", "operand true", "operand false",
}

// InExpression reports whether the outcome is one inside an expression in JSONata.
func (k PointKind) InExpression() bool { return k >= ArmTaken }

// String returns the kind as reports name it: "rule taken".
func (k PointKind) String() string { return pointNames[k] }

// Points returns what executions of the program can reach, in the order in which the
// states are written, each with the states inside it. [Config].Reach gets their
// indices. Do not change it.
func (p *Program) Points() []Point { return p.points }

// noPoint stands for what is no Point, such as the outcome false of a constant.
const noPoint = -1

// points are the indices of the points of a state.
type points struct {
	entered, left, other int32
	retry                []retrierPoints
	catch                int32    // of the first Catcher; the others follow
	items                [3]int32 // empty, single, many
	tolerance            [2]int32 // tolerated, exceeded
}

type retrierPoints struct{ used, exhausted int32 }

// point makes a Point.
func (c *compiler) point(kind PointKind, n *node, location string) int32 {
	c.points = append(c.points, Point{Kind: kind, State: n.name, Location: location})
	return int32(len(c.points) - 1)
}

// statePoints makes the points that a state has before its own parts.
func (c *compiler) statePoints(n *node, info *asl.StateInfo) {
	n.points = points{left: noPoint, other: noPoint}
	n.points.entered = c.point(StateEntered, n, info.Location)
	switch info.Type {
	case "Choice", "Succeed", "Fail":
	default:
		n.points.left = c.point(StateLeft, n, info.Location)
	}
}

// operandPoints makes two points for each operand, one beside the other.
func (c *compiler) operandPoints(n *node, operands []*asl.Rule) (first int32) {
	first = int32(len(c.points))
	for _, operand := range operands {
		c.point(OperandTrue, n, operand.Location)
		c.point(OperandFalse, n, operand.Location)
	}
	return first
}

// rulePoints makes the points of a rule. A Condition that is written as true or false
// has one outcome.
func (c *compiler) rulePoints(n *node, rule *asl.Rule) (taken, passed int32) {
	truth, constant := rule.Condition.Value.AsBool()
	taken, passed = noPoint, noPoint
	if !constant || truth {
		taken = c.point(RuleTaken, n, rule.Location)
	}
	if !constant || !truth {
		passed = c.point(RulePassed, n, rule.Location)
	}
	return taken, passed
}

// handlerPoints makes the points of Retry and Catch.
func (c *compiler) handlerPoints(n *node, retry []asl.Retrier, catch []asl.Catcher) {
	n.points.retry = make([]retrierPoints, len(retry))
	for i := range retry {
		p := &n.points.retry[i]
		p.used = noPoint
		if retry[i].MaxAttempts > 0 {
			p.used = c.point(RetrierUsed, n, retry[i].Location)
		}
		p.exhausted = c.point(RetrierExhausted, n, retry[i].Location)
	}
	n.points.catch = int32(len(c.points))
	for i := range catch {
		c.point(CatcherTaken, n, catch[i].Location)
	}
}

// itemPoints makes the points of the number of items. Of a literal list one can occur.
func (c *compiler) itemPoints(n *node, s *asl.Map) {
	n.points.items = [3]int32{noPoint, noPoint, noPoint}
	for i, kind := range []PointKind{MapEmpty, MapSingle, MapMany} {
		if s.Items.Value.Kind() != jsonvalue.KindArray || i == min(s.Items.Value.Len(), 2) {
			n.points.items[i] = c.point(kind, n, s.Location)
		}
	}
}

// branchKinds are the points of the branches of an expression.
var branchKinds = [...]PointKind{
	jsonata.ArmTaken: ArmTaken, jsonata.ArmMissing: ArmMissing, jsonata.OperandTrue: ExpressionTrue, jsonata.OperandFalse: ExpressionFalse,
}

// branchPoints makes the points of an expression, which begins at an offset in the string
// at a location.
func (c *compiler) branchPoints(expr *jsonata.Expr, location string, start int) (first int32) {
	first = int32(len(c.points))
	for _, b := range expr.Branches() {
		c.points[c.point(branchKinds[b.Kind], c.node, location)].Offset = start + b.Offset
	}
	return first
}

// branches returns what keeps which branches of an expression an evaluation reaches, each
// once; nil if nobody counts.
func (t *turn) branches(e *expression) func(branch int) {
	if t.env.reach == nil || e.branches == 0 {
		return nil
	}
	r := &t.branching
	if r.of != t { // a list of turns that grows moves them
		r.of, r.note = t, t.noteBranch
	}
	r.first, r.seen = e.points, slices.Grow(r.seen[:0], e.branches)[:e.branches]
	clear(r.seen)
	return r.note
}

// branching keeps which branches of the expression that is evaluated were reached. A turn
// uses its memory again.
type branching struct {
	first int32 // of the expression's points
	seen  []bool
	of    *turn
	note  func(branch int)
}

func (t *turn) noteBranch(branch int) {
	if r := &t.branching; !r.seen[branch] {
		r.seen[branch] = true
		t.note(r.first + int32(branch))
	}
}

// tolerancePoints makes the points of the failures that a distributed Map state tolerates.
func (c *compiler) tolerancePoints(n *node, s *asl.Map) {
	n.points.tolerance = [2]int32{noPoint, noPoint}
	if s.Distributed && (s.ToleratedFailureCount.Present() || s.ToleratedFailurePercentage.Present()) {
		n.points.tolerance[0] = c.point(FailuresTolerated, n, s.Location)
		n.points.tolerance[1] = c.point(FailuresExceeded, n, s.Location)
	}
}

// note keeps for Config.Reach that a point was reached.
func (t *turn) note(point int32) {
	if t.env.reach != nil && point != noPoint {
		t.reached = append(t.reached, point)
	}
}

// noteOutcome keeps which of two points was reached.
func (t *turn) noteOutcome(outcome bool, yes, no int32) {
	if outcome {
		t.note(yes)
	} else {
		t.note(no)
	}
}

// noteOperand keeps which outcome an operand of And or Or had.
func (t *turn) noteOperand(first int32, i int, outcome bool) {
	yes := first + 2*int32(i)
	t.noteOutcome(outcome, yes, yes+1)
}

// tellRun tells Config.Reach what a Map Run that ends has reached.
func (x *Execution) tellRun(f *frame) {
	p, run := &f.node.points, f.fork.run
	if x.reach == nil || !run.begun {
		return
	}
	points := []int32{p.items[min(run.item, 2)]}
	switch failed := run.items.Failed + run.items.TimedOut; {
	case f.fork.broken == nil && failed > 0:
		points = append(points, p.tolerance[0])
	case f.fork.broken != nil && f.fork.broken.Error == asl.StatesExceedToleratedFailureThreshold:
		points = append(points, p.tolerance[1])
	}
	for _, point := range points {
		if point != noPoint {
			x.reach(int(point), f.entered)
		}
	}
}

// tellReached tells Config.Reach what a turn reached.
func (x *Execution) tellReached(t *turn) {
	p, visit := &t.at.node.points, t.at.entered
	if t.retrier >= 0 && t.verdict == retries {
		t.note(p.retry[t.retrier].used)
	} else if t.retrier >= 0 {
		t.note(p.retry[t.retrier].exhausted)
	}
	switch {
	case t.verdict == exits && t.caught != nil:
		t.note(p.catch + int32(t.catcher))
	case t.verdict == exits:
		t.note(p.left)
	case t.verdict == begins && t.plan.run != nil: // it tells when it ends
	case t.verdict == begins && t.at.node.kind == kindMap:
		t.note(p.items[min(t.plan.items.value.Len(), 2)])
	}
	for _, point := range t.reached {
		x.reach(int(point), visit)
	}
}
