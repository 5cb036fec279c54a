package jsonata

import (
	"math/rand/v2"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Env is all that one evaluation can reach. The zero Env has a null input and
// nothing else; evaluations with equal Envs have equal results.
type Env struct {
	Input     jsonvalue.Value // $ and $$. In the dialect StepFunctions there is no input, and this is not read
	NoInput   bool            // $ and $$ are nothing, instead of Input. Default: false
	Variables Variables       // $name; may be MemberVariables. Default: none
	Now       time.Time       // $now() and $millis(). Default: they fail
	Random    rand.Source     // $random(), $shuffle(), $uuid(). Default: they fail
	Limits    Limits          // Default: see there
}

// Eval evaluates the expression over input, without variables, clock or
// randomness; see [Expr.EvalWith].
//
// The error is [ErrUndefined] if the expression yields nothing, as a path does
// that matches nothing; every other error is an *[Error].
func (e *Expr) Eval(input jsonvalue.Value) (jsonvalue.Value, error) {
	return e.EvalWith(Env{Input: input})
}

// EvalWith evaluates the expression in env. Errors are those of Eval.
func (e *Expr) EvalWith(env Env) (jsonvalue.Value, error) {
	ev := evaluation{expr: e, env: &env, limits: env.Limits.complete(e.config.Dialect)}
	ev.steps = ev.limits.Steps
	input := value{}
	if !e.aws() && !env.NoInput {
		input = data(env.Input)
	}
	ev.input = input
	v, err := ev.eval(e.root, wrapInput(input), &frame{})
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

// wrapInput puts an input that is an array into a sequence of one, so that a
// path maps over its members.
func wrapInput(v value) value {
	if !v.isArray() {
		return v
	}
	return made(&array{items: []value{v}, sequence: true, outerWrapper: true})
}

// evaluation is the state of one evaluation.
type evaluation struct {
	expr   *Expr
	env    *Env
	limits Limits
	steps  int     // that are left
	depth  int     // of nested evaluations
	input  value   // $$
	stack  []value // arguments of the calls under way
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
		return value{}, errDepth
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
		return errDepth
	}
	return nil
}

// global returns a variable that the expression does not bind.
func (ev *evaluation) global(name string, f *function) value {
	if ev.env.Variables != nil {
		if v, ok := ev.env.Variables.Lookup(name); ok {
			return data(v)
		}
	}
	if f == nil {
		return value{}
	}
	return closure(f)
}
