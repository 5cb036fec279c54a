package jsonata

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Env is all that one evaluation can reach. The zero Env has a null input and
// nothing else; evaluations with equal Envs have equal results.
type Env struct {
	Input     jsonvalue.Value // $ and $$; not read in the dialect StepFunctions, which has no input. Default: null
	NoInput   bool            // $ and $$ are nothing, instead of Input. Default: false
	Variables Variables       // $name; may be MemberVariables. Default: none
	Now       time.Time       // $now() and $millis(). Default: they fail
	Random    rand.Source     // $random(), $shuffle(), $uuid(). Default: they fail
	Limits    Limits          // Default: see there

	// Spent grows by the steps that the evaluation takes, also if it fails; see
	// Limits.Steps. Default: nil, nobody is told.
	Spent *int

	// Branch is told each outcome that the evaluation reaches, by its index in
	// [Expr.Branches], also if the evaluation fails. Default: nil, nobody is told.
	Branch func(branch int)
}

// Eval evaluates the expression over input, without variables, clock or
// randomness; see [Expr.EvalWith].
//
// The error is [ErrUndefined] if the expression yields nothing, for
// example a path that matches nothing. Every other error is an *[Error].
func (e *Expr) Eval(input jsonvalue.Value) (jsonvalue.Value, error) {
	return e.EvalWith(Env{Input: input})
}

// EvalWith evaluates the expression in env. Errors are those of Eval.
func (e *Expr) EvalWith(env Env) (jsonvalue.Value, error) {
	if e.root == nil {
		return jsonvalue.Value{}, public(uncoded("There is no expression: it was not compiled", nil))
	}
	ev := evaluations.Get().(*evaluation)
	defer ev.release()
	ev.expr, ev.env = e, env
	ev.limits = env.Limits.complete(e.config.Dialect)
	ev.steps = ev.limits.Steps
	if !e.aws() && !env.NoInput {
		var err error
		if ev.input, err = given(env.Input); err != nil {
			return jsonvalue.Value{}, public(err)
		}
	}
	if env.Spent != nil {
		defer ev.tell()
	}
	v, err := ev.eval(e.root, wrapInput(ev.input), &ev.frame)
	if err != nil {
		return jsonvalue.Value{}, public(err)
	}
	if v.isNothing() {
		return jsonvalue.Value{}, ErrUndefined
	}
	result, err := ev.export(v)
	if err != nil {
		return jsonvalue.Value{}, public(err)
	}
	return result, nil
}

// tell adds the steps that were taken to those that the host counts.
func (ev *evaluation) tell() { *ev.env.Spent += ev.limits.Steps - max(ev.steps, 0) }

// evaluations are evaluations that are over. Nothing of one outlives it: a
// result is JSON data, and functions, which hold frames, are none.
var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// release empties an evaluation for the next one.
func (ev *evaluation) release() {
	ev.drop(0)
	*ev = evaluation{stack: emptied(ev.stack, ev.used), out: ev.out.emptied(), text: ev.text[:0]}
	if cap(ev.text) > keptText {
		ev.text = nil
	}
	evaluations.Put(ev)
}

// keptText is how much room for texts is kept, in bytes.
const keptText = 64 << 10

// emptied returns the room of a stack that is over, if it is worth keeping. The
// first places, which were used, refer to nothing any more.
func emptied[T any](stack []T, used int) []T {
	const kept = 1024
	if cap(stack) > kept {
		return nil
	}
	clear(stack[:used])
	return stack[:0]
}

// wrapInput puts an input that is an array into a sequence of one, so that a
// path maps over its members.
func wrapInput(v value) value {
	if !v.isArray() {
		return v
	}
	return arrayValue(&array{items: []value{v}, sequence: true, outerWrapper: true})
}

// evaluation is the state of one evaluation.
type evaluation struct {
	expr   *Expr
	env    Env
	limits Limits
	steps  int     // that are left
	depth  int     // of nested evaluations
	calls  int     // that are nested
	input  value   // $$
	frame  frame   // the outermost
	idle   *frame  // frames for the next calls, one the outer of the other
	stack  []value // arguments and items that are needed for a moment
	used   int     // the most places of the stack that were ever used
	result array   // of the expression, if that is a path
	out    output  // results on their way out
	text   []byte  // room for what $string writes
}

// drop shortens the stack to its first base items.
func (ev *evaluation) drop(base int) {
	ev.used = max(ev.used, len(ev.stack))
	ev.stack = ev.stack[:base]
}

// node is a compiled expression. Its eval computes the bare value; everybody
// but wrappers around a node calls evaluation.eval instead.
type node interface {
	eval(ev *evaluation, context value, f *frame) (value, error)
}

// eval evaluates a node: what jsonata-js calls evaluate, and counts.
func (ev *evaluation) eval(n node, context value, f *frame) (value, error) {
	if ev.steps--; ev.steps < 0 {
		return value{}, errSteps
	}
	if ev.depth++; ev.depth > ev.limits.Depth {
		return value{}, ev.tooDeep()
	}
	v, err := n.eval(ev, context, f)
	ev.depth--
	if err != nil {
		return value{}, err
	}
	return collapse(v), nil
}

// room checks that n more evaluations may nest, for nodes that do the work of
// several.
func (ev *evaluation) room(n int) error {
	if ev.depth+n > ev.limits.Depth {
		return ev.tooDeep()
	}
	return nil
}

// global returns a variable that the expression does not bind.
func (ev *evaluation) global(name string, f value) (value, error) {
	if ev.env.Variables != nil {
		if v, ok := ev.env.Variables.Lookup(name); ok {
			return given(v)
		}
	}
	return f, nil
}

// given is a value of the host. One that nests too deeply for JSON, which a program can
// make, is too deep for recursion as well.
func given(v jsonvalue.Value) (value, error) {
	if v.Depth() > maxNesting {
		return value{}, errNesting
	}
	return data(v), nil
}
