package jsonata

import (
	"math"
)

// arithmetic is a + b and its like.
type arithmetic struct {
	op       byte
	pos      int
	lhs, rhs node
}

func (n *arithmetic) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	if ev.expr.aws() {
		if exact, ok := exactly(n.op, left, right); ok {
			return exact, nil
		}
	} else if a, b, ok := small(&left, &right); ok {
		return n.calculated(ev, a, b)
	}
	a, err := n.operand(left, "T2001")
	if err != nil {
		return value{}, err
	}
	b, err := n.operand(right, "T2002")
	if err != nil || left.isNothing() || right.isNothing() {
		return value{}, err
	}
	return n.calculated(ev, a, b)
}

func (n *arithmetic) calculated(ev *evaluation, a, b float64) (value, error) {
	if n.op == '%' {
		if err := ev.charge(moduloSteps(a, b)); err != nil {
			return value{}, err
		}
	}
	return number(calculate(n.op, a, b)), nil
}

// moduloSteps is the price of a remainder: math.Mod goes through the bits by which
// the exponents differ.
func moduloSteps(a, b float64) int {
	_, high := math.Frexp(a)
	_, low := math.Frexp(b)
	return max(0, high-low) / 8
}

// small returns two numbers that float64 holds exactly if they are integers.
func small(left, right *value) (a, b float64, ok bool) {
	a, isNumber := left.json.AsFloat64()
	if !isNumber || math.Abs(a) > 1<<53 {
		return 0, 0, false
	}
	b, isNumber = right.json.AsFloat64()
	return a, b, isNumber && math.Abs(b) <= 1<<53
}

// operand returns the number that an operand is, or the fault that it is none.
func (n *arithmetic) operand(v value, code string) (float64, error) {
	x, ok := v.float()
	switch {
	case math.IsInf(x, 0):
		return 0, fail("D1001", n.pos).about(string(n.op)).with("value", "null", formatFloat(x))
	case (!ok || x != x) && !v.isNothing():
		return 0, fail(code, n.pos).about(string(n.op)).value("value", v)
	}
	return x, nil
}

func calculate(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	}
	return math.Mod(a, b)
}

// exactly calculates with integers, which Step Functions does not round. False
// means that the result is no integer of 64 bits.
func exactly(op byte, left, right value) (value, bool) {
	a, aIsInt := left.json.AsInt64()
	b, bIsInt := right.json.AsInt64()
	if !aIsInt || !bIsInt {
		return value{}, false
	}
	var c int64
	ok := true
	switch op {
	case '+':
		c = a + b
		ok = (c > a) == (b > 0)
	case '-':
		c = a - b
		ok = (c < a) == (b > 0)
	case '*':
		c = a * b
		ok = a == 0 || c/a == b && !(a == -1 && b == math.MinInt64)
	case '/':
		ok = b != 0 && b != -1 && a%b == 0
		if ok {
			c = a / b
		}
	case '%':
		ok = b != 0 && b != -1 && (a%b != 0 || a >= 0)
		if ok {
			c = a % b
		}
	}
	return integer(c), ok
}

// negate is -a.
type negate struct {
	pos  int
	node node
}

func (n *negate) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := ev.eval(n.node, context, f)
	if err != nil || v.isNothing() {
		return value{}, err
	}
	if exact, ok := v.json.AsInt64(); ok && exact != 0 && exact != math.MinInt64 {
		return integer(-exact), nil
	}
	x, ok := v.float()
	switch {
	case math.IsInf(x, 0):
		return value{}, fail("D1001", n.pos).about("-").with("value", "null", formatFloat(x))
	case !ok || x != x:
		return value{}, fail("D1002", n.pos).about("-").value("value", v)
	}
	return number(-x), nil
}

// concatenation is a & b.
type concatenation struct {
	pos      int
	lhs, rhs node
}

func (n *concatenation) eval(ev *evaluation, context value, f *frame) (value, error) {
	a, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	b, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	left, err := ev.stringify(a, false)
	if err != nil {
		return value{}, within(err, n.pos, "&")
	}
	right, err := ev.stringify(b, false)
	if err != nil {
		return value{}, within(err, n.pos, "&")
	}
	if err := ev.chargeText(len(left) + len(right)); err != nil {
		return value{}, err
	}
	return text(concat(left, right)), nil
}

// logic is a and b, a or b.
type logic struct {
	or       bool
	pos      int
	lhs, rhs node

	left, right outcomes
}

func (n *logic) eval(ev *evaluation, context value, f *frame) (value, error) {
	v, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	yes, err := n.truth(ev, v)
	if err != nil {
		return value{}, err
	}
	if ev.reach(n.left, yes); yes == n.or {
		return boolean(yes), nil
	}
	if v, err = ev.eval(n.rhs, context, f); err != nil {
		return value{}, n.claim(err)
	}
	if yes, err = n.truth(ev, v); err != nil {
		return value{}, err
	}
	ev.reach(n.right, yes)
	return boolean(yes), nil
}

// claim makes a fault of the right side one of the operator, as in the
// reference implementation.
func (n *logic) claim(err error) error {
	f, ok := err.(*fault)
	if !ok || f.err == ErrLimit {
		return err
	}
	claimed := fault{code: f.code, pos: n.pos, err: f.err}
	claimed.about(n.name()).args = append(claimed.args, f.args...)
	return &claimed
}

// truth casts an operand.
func (n *logic) truth(ev *evaluation, v value) (bool, error) {
	yes, err := ev.truth(v)
	return yes, within(err, n.pos, n.name())
}

func (n *logic) name() string {
	if n.or {
		return "or"
	}
	return "and"
}

// truth casts a value to a boolean; nothing is false. Before 2.2.1, a function
// is true.
func (ev *evaluation) truth(v value) (bool, error) {
	switch v.kind() {
	case kindFunction:
		f, _ := v.function()
		return f.regex == nil && ev.expr.config.Dialect != V2_2, nil
	case kindBool:
		b, _ := v.json.AsBool()
		return b, nil
	case kindNumber:
		x, _ := v.float()
		if math.IsInf(x, 0) {
			return false, infinite(x)
		}
		return x != 0 && x == x, nil
	case kindString:
		s, _ := v.str()
		return s != "", nil
	case kindObject:
		return v.size() > 0, nil
	case kindArray:
		return ev.anyTrue(v)
	}
	return false, nil
}

// anyTrue reports whether a member of an array is true.
func (ev *evaluation) anyTrue(v value) (bool, error) {
	n := v.len()
	if err := ev.charge(1 + n); err != nil {
		return false, err
	}
	for i := range n {
		if yes, err := ev.truth(v.at(i)); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// comparison is a < b and its like.
type comparison struct {
	op       string
	pos      int
	lhs, rhs node
}

func (n *comparison) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	if a, b, ok := small(&left, &right); ok {
		return boolean(n.holds(compareNumbers(a, b))), nil
	}
	return n.compare(ev, left, right)
}

func (n *comparison) compare(ev *evaluation, left, right value) (value, error) {
	for _, v := range []value{left, right} {
		if k := v.kind(); k != kindNothing && k != kindNumber && k != kindString {
			return value{}, fail("T2010", n.pos).about(n.op).value("value", v)
		}
	}
	if left.isNothing() || right.isNothing() {
		return value{}, nil
	}
	if left.kind() != right.kind() {
		return value{}, fail("T2009", n.pos).about(n.op).value("value", left).value("value2", right)
	}
	order, ordered := compare(left, right)
	return boolean(ordered && n.holds(order)), ev.chargeComparison(left, right)
}

func (n *comparison) holds(order int) bool {
	switch n.op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// chargeComparison counts the comparison of two texts.
func (ev *evaluation) chargeComparison(a, b value) error {
	s, _ := a.str()
	t, _ := b.str()
	return ev.chargeRead(min(len(s), len(t)))
}

// compare orders two numbers or two strings. NaN has no order. It is charged by
// [evaluation.chargeComparison], once for all that is compared at once.
func compare(a, b value) (order int, ordered bool) {
	if s, ok := a.str(); ok {
		t, _ := b.str()
		return compareText(s, t), true
	}
	if m, ok := a.json.AsInt64(); ok {
		if n, ok := b.json.AsInt64(); ok {
			return compareNumbers(m, n), true
		}
	}
	x, _ := a.float()
	y, _ := b.float()
	return compareNumbers(x, y), x == x && y == y
}

func compareNumbers[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// equality is a = b, a != b.
type equality struct {
	not      bool
	lhs, rhs node
}

func (n *equality) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	if left.isNothing() || right.isNothing() {
		return boolean(false), nil
	}
	same, err := ev.equal(left, right)
	return boolean(same != n.not), err
}

// equal compares deeply: arrays member by member, objects in any order.
func (ev *evaluation) equal(a, b value) (bool, error) {
	if err := ev.charge(1); err != nil {
		return false, err
	}
	k := a.kind()
	if k != b.kind() {
		return false, nil
	}
	switch k {
	case kindArray:
		return ev.equalArrays(a, b)
	case kindObject:
		return ev.equalObjects(a, b)
	}
	return sameScalar(a, b), ev.chargeComparison(a, b)
}

// sameScalar compares values of one kind that have no members, and functions.
func sameScalar(a, b value) bool {
	switch a.kind() {
	case kindString:
		s, _ := a.str()
		t, _ := b.str()
		return s == t
	case kindNumber:
		order, ordered := compare(a, b)
		return ordered && order == 0
	case kindBool:
		p, _ := a.json.AsBool()
		q, _ := b.json.AsBool()
		return p == q
	case kindFunction:
		return sameFunction(a.made().(*function), b.made().(*function))
	}
	return true
}

// sameFunction compares functions: those of the language by their names.
func sameFunction(f, g *function) bool {
	return f == g || f.name != "" && f.name == g.name
}

func (ev *evaluation) equalArrays(a, b value) (bool, error) {
	n := a.len()
	if b.len() != n {
		return false, nil
	}
	for i := range n {
		if same, err := ev.equal(a.at(i), b.at(i)); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (ev *evaluation) equalObjects(a, b value) (bool, error) {
	if a.size() != b.size() {
		return false, nil
	}
	for _, m := range ev.members(a) {
		if err := ev.chargeRead(len(m.name)); err != nil {
			return false, err
		}
		other := b.get(m.name)
		if other.isNothing() {
			return false, nil
		}
		if same, err := ev.equal(m.value, other); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// inclusion is a in b.
type inclusion struct{ lhs, rhs node }

func (n *inclusion) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil || left.isNothing() || right.isNothing() {
		return boolean(false), err
	}
	if !right.isArray() {
		same, err := ev.identical(left, right)
		return boolean(same), err
	}
	for i, count := 0, right.len(); i < count; i++ {
		if same, err := ev.identical(left, right.at(i)); same || err != nil {
			return boolean(same), err
		}
	}
	return boolean(false), nil
}

// identical compares as in does: arrays and objects that an expression makes
// are different even if they look the same. Data of the host has no identity
// of its own, and is the same if it looks the same.
func (ev *evaluation) identical(a, b value) (bool, error) {
	if a.ref == &plain && b.ref == &plain {
		return ev.equal(a, b)
	}
	if k := a.kind(); k == kindArray || k == kindObject {
		return a.ref == b.ref, nil
	}
	return a.kind() == b.kind() && sameScalar(a, b), ev.charge(1)
}
