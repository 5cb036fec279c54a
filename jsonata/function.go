package jsonata

import (
	"slices"
	"strconv"
)

// function is a value that can be called.
type function struct {
	self    reference
	name    string // for messages
	arity   int    // how many arguments a callback of this kind gets
	sig     *signature
	native  func(c caller, args []value) (value, error)
	lambda  *lambda
	partial *partial
	regex   *regex
	copies  bool // the result is new throughout, and nobody else has it
	builtin bool // a function of the language, but for those that take any number of arguments

	frame   *frame // of a lambda: where it was defined
	context value  // of a lambda: what $ was there
	pos     int    // of a lambda: where it was called last
}

// caller tells a native function about its call.
type caller struct {
	ev      *evaluation
	context value
	frame   *frame
}

// lambda is function($x){...}.
type lambda struct {
	params []string
	sig    *signature
	body   node
	lends  bool // what a call leaves behind may refer to its frame
}

func (n *lambda) eval(ev *evaluation, context value, f *frame) (value, error) {
	fn := &function{arity: len(n.params), sig: n.sig, lambda: n, frame: f, context: context}
	return closure(fn), ev.charge(functionSteps)
}

// functionSteps is the price of making a function.
const functionSteps = 14

// partial is a function of which some arguments are given.
type partial struct {
	function *function
	args     []value
	holes    []int // the places of the others
}

// thunk is a call in tail position that is still to be made. Only the result of
// a lambda's body may be one.
type thunk struct {
	self    reference
	call    *call
	context value
	frame   *frame
}

// tailCall is a call in tail position.
type tailCall struct{ call *call }

func (n tailCall) eval(_ *evaluation, context value, f *frame) (value, error) {
	t := &thunk{call: n.call, context: context, frame: f}
	t.self.made = t
	return value{ref: &t.self}, nil
}

// call is f(a, b).
type call struct {
	procedure node
	args      []node
	pos       int
	procPos   int
	name      string // of the procedure, for messages
	bare      string // the name, if it lacks the dollar sign
	known     bool   // whether $bare would be a function
}

func (n *call) eval(ev *evaluation, context value, f *frame) (value, error) {
	return n.invoke(ev, context, f, nil)
}

// invoke makes the call, with a first argument that stands elsewhere.
func (n *call) invoke(ev *evaluation, context value, f *frame, first *value) (value, error) {
	fn, err := n.evalProcedure(ev, context, f, "T1005")
	if err != nil {
		return value{}, err
	}
	base := len(ev.stack)
	if first != nil {
		ev.stack = append(ev.stack, *first)
	}
	if err := n.pushArgs(ev, context, f); err != nil {
		return value{}, err
	}
	v, err := ev.apply(fn, ev.args(base), caller{ev, context, f}, n.pos, n.name)
	ev.drop(base)
	if err != nil {
		if flt, ok := err.(*fault); ok && flt.pos == 0 {
			return value{}, within(err, n.pos, n.name)
		}
		return value{}, within(err, 0, n.name)
	}
	return v, nil
}

// evalProcedure evaluates what is called. A name without a dollar sign that
// would be a function gets a hint.
func (n *call) evalProcedure(ev *evaluation, context value, f *frame, hint string) (value, error) {
	fn, err := ev.eval(n.procedure, context, f)
	if err != nil || !fn.isNothing() || n.bare == "" {
		return fn, err
	}
	if v, ok, _ := f.lookup(n.bare); n.known || ok && !v.isNothing() {
		return value{}, fail(hint, n.pos).about(n.bare)
	}
	return fn, nil
}

// pushArgs evaluates the arguments. They lie on a stack of the evaluation,
// which saves an allocation for each call; nobody may hold on to them.
func (n *call) pushArgs(ev *evaluation, context value, f *frame) error {
	for _, arg := range n.args {
		v, err := ev.eval(arg, context, f)
		if err != nil {
			return err
		}
		ev.stack = append(ev.stack, v)
	}
	return nil
}

func (ev *evaluation) args(base int) []value {
	return ev.stack[base:len(ev.stack):len(ev.stack)]
}

// apply calls a function.
func (ev *evaluation) apply(fn value, args []value, c caller, pos int, name string) (value, error) {
	v, err := ev.applyOnce(fn, args, c, pos, name)
	if err != nil {
		return value{}, err
	}
	return ev.complete(v, c)
}

// complete makes the calls that are left. A lambda that ends in another call
// returns that as a thunk, so that the loop here makes it in constant stack.
func (ev *evaluation) complete(v value, c caller) (_ value, err error) {
	for {
		t, ok := v.made().(*thunk)
		if !ok {
			return v, nil
		}
		if v, err = ev.applyThunk(t, c); err != nil {
			return value{}, err
		}
	}
}

func (ev *evaluation) applyThunk(t *thunk, c caller) (value, error) {
	fn, err := ev.eval(t.call.procedure, t.context, t.frame)
	if err != nil {
		return value{}, err
	}
	base := len(ev.stack)
	if err := t.call.pushArgs(ev, t.context, t.frame); err != nil {
		return value{}, err
	}
	v, err := ev.applyOnce(fn, ev.args(base), c, t.call.procPos, t.call.name)
	ev.drop(base)
	return v, err
}

// call calls a function from inside another one.
func (c caller) call(fn *function, args ...value) (value, error) {
	c.context = null
	v, err := fn.call(args, c)
	if err != nil {
		return value{}, err
	}
	return c.ev.complete(v, c)
}

func (ev *evaluation) applyOnce(fn value, args []value, c caller, pos int, name string) (value, error) {
	f, ok := fn.function()
	if !ok {
		return value{}, fail("T1006", pos).about(name)
	}
	if f.lambda != nil {
		f.pos = pos
	}
	v, err := f.call(args, c)
	if err != nil {
		if f.lambda != nil { // as in jsonata-js, which notes the place in the function
			pos = f.pos
		}
		return value{}, within(err, pos, name)
	}
	return v, nil
}

// call checks the arguments and computes the result.
func (f *function) call(args []value, c caller) (v value, err error) {
	ev := c.ev
	if ev.calls++; ev.calls > ev.limits.Depth+maxCalls {
		return value{}, ev.tooDeep()
	}
	base := len(ev.stack)
	if f.sig != nil {
		if args, err = f.sig.validate(ev, args, c.context); err != nil {
			return value{}, err
		}
	}
	v, err = f.run(args, c)
	ev.drop(base)
	ev.calls--
	return v, err
}

func (f *function) run(args []value, c caller) (value, error) {
	switch {
	case f.lambda != nil:
		return f.callLambda(args, c.ev)
	case f.partial != nil:
		return f.callPartial(args, c)
	}
	return f.native(c, args)
}

func (f *function) callLambda(args []value, ev *evaluation) (value, error) {
	n := f.lambda
	if many := len(n.params); many > 8 {
		if err := ev.charge(itemSteps * many); err != nil {
			return value{}, err
		}
	}
	local := ev.enter(f.frame)
	for i, name := range n.params {
		param := variable{name: name}
		if i < len(args) {
			param.value = args[i]
		}
		local.vars = append(local.vars, param)
	}
	v, err := ev.eval(n.body, f.context, local)
	if !n.lends {
		ev.leave(local)
	}
	return v, err
}

// callPartial fills the holes.
func (f *function) callPartial(args []value, c caller) (value, error) {
	p := f.partial
	if err := c.ev.charge(itemSteps * len(p.args)); err != nil {
		return value{}, err
	}
	all := make([]value, len(p.args))
	copy(all, p.args)
	for i, hole := range p.holes {
		if i < len(args) {
			all[hole] = args[i]
		}
	}
	inner := *p.function
	c.context = value{}
	if inner.builtin {
		if err := inner.checkKinds(all); err != nil {
			return value{}, err
		}
	}
	if inner.builtin || inner.lambda != nil {
		inner.sig = nil
	}
	return inner.call(all, c)
}

// resize makes the arguments as many as the function has parameters.
func (p *partial) resize(n int) {
	args := make([]value, n)
	copy(args, p.args)
	p.args = args
	p.holes = slices.DeleteFunc(p.holes, func(hole int) bool { return hole >= n })
}

// checkKinds checks the arguments of a function of the language that was applied
// partially. As in jsonata-js, its signature then adds and converts nothing, and
// what is missing is not noticed; what the function cannot work with has no code.
func (f *function) checkKinds(args []value) error {
	if len(args) > 0 && args[0].isNothing() { // the result is nothing, whatever the others are
		return nil
	}
	for i := range min(len(args), len(f.sig.params)) {
		p, arg := &f.sig.params[i], args[i]
		noList := p.symbol == "a" && !arg.isArray()
		switch {
		case arg.isNothing():
		case noList && len(f.sig.params) > 1 && f.sig.params[1].symbol == "f": // JavaScript finds no members
			args[i] = arrayValue(&array{depth: 1})
			return nil
		case noList || !p.takes(arg):
			return uncoded("Argument "+strconv.Itoa(i+1)+" of function "+quote(f.name)+" is of the wrong type", nil)
		}
	}
	return nil
}

// partialCall is f(a, ?).
type partialCall struct {
	call
	holes []bool
}

func (n *partialCall) eval(ev *evaluation, context value, f *frame) (value, error) {
	p := &partial{args: make([]value, len(n.args))}
	for i, arg := range n.args {
		if n.holes[i] {
			p.holes = append(p.holes, i)
			continue
		}
		var err error
		if p.args[i], err = ev.eval(arg, context, f); err != nil {
			return value{}, err
		}
	}
	fn, err := n.evalProcedure(ev, context, f, "T1007")
	if err != nil {
		return value{}, err
	}
	var ok bool
	if p.function, ok = fn.function(); !ok {
		return value{}, fail("T1008", n.pos).about(n.name)
	}
	if p.function.builtin {
		p.resize(len(p.function.sig.params))
	}
	return closure(&function{arity: len(p.holes), partial: p}), ev.charge(functionSteps + arraySteps + itemSteps*len(p.args))
}

// application is a ~> b.
type application struct {
	lhs  node
	call *call // if b is a call, of which a is the first argument
	rhs  node  // if it is not
	pos  int
}

func (n *application) eval(ev *evaluation, context value, f *frame) (value, error) {
	left, err := ev.eval(n.lhs, context, f)
	if err != nil {
		return value{}, err
	}
	if n.call != nil {
		return n.call.invoke(ev, context, f, &left)
	}
	right, err := ev.eval(n.rhs, context, f)
	if err != nil {
		return value{}, err
	}
	fn, ok := right.function()
	if !ok {
		return value{}, fail("T2006", n.pos).value("value", right)
	}
	c := caller{ev: ev, context: null, frame: f}
	if first, ok := left.function(); ok {
		return closure(compose(first, fn)), ev.charge(functionSteps)
	}
	v, err := c.call(fn, left)
	return v, within(err, 0, fn.name)
}

// compose returns x -> second(first(x)).
func compose(first, second *function) *function {
	return &function{arity: 1, native: func(c caller, args []value) (value, error) {
		v, err := c.call(first, args[:min(1, len(args))]...)
		if err != nil {
			return value{}, err
		}
		return c.call(second, collapse(v))
	}}
}
