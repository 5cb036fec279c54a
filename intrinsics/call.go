package intrinsics

import (
	"math/rand/v2"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// Call is a compiled call. It is immutable and safe for concurrent use.
type Call struct {
	text  string
	outer *call
}

// Parse compiles a call. The error is a *[SyntaxError].
func Parse(text string) (*Call, error) { return Config{}.Parse(text) }

// Config says how to compile calls. [Parse] uses the zero Config.
type Config struct {
	// Paths says how to compile the paths among the arguments. Default: as
	// jsonpath.Parse does.
	Paths jsonpath.Config
}

// Parse compiles a call. The error is a *[SyntaxError].
func (c Config) Parse(text string) (*Call, error) {
	p := &parser{text: text, paths: c.Paths}
	outer, err := p.whole()
	if err != nil {
		return nil, err
	}
	return &Call{text, outer}, nil
}

// Eval evaluates the call with $ standing for input. It can use no context
// object, no variables and no randomness; see [Call.EvalWith].
func (c *Call) Eval(input jsonvalue.Value) (jsonvalue.Value, error) {
	return c.EvalWith(Env{Input: input})
}

// EvalWith evaluates the call in env. The error is an *[Error].
func (c *Call) EvalWith(env Env) (jsonvalue.Value, error) {
	if c.outer == nil {
		return jsonvalue.Value{}, &Error{Message: "There is no call: it was not parsed"}
	}
	e := evaluations.Get().(*evaluation)
	defer e.release()
	e.env, e.budget = env, maxWork
	v, err := e.call(c.outer)
	if env.Spent != nil {
		*env.Spent += maxWork - max(e.budget, 0)
	}
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return v, nil
}

// Function returns the name of the outermost function: "States.Format".
func (c *Call) Function() string {
	if c.outer == nil {
		return ""
	}
	return c.outer.function.name
}

// String returns the call as it was written.
func (c *Call) String() string { return c.text }

// Env holds all that a call can reach. The zero Env has a null input and nothing else.
type Env struct {
	Input     jsonvalue.Value // $. Default: null
	Context   jsonvalue.Value // $$, the Context Object. Default: null
	Variables Variables       // $name. Default: none
	Random    rand.Source     // for States.UUID, and States.MathRandom without a seed. Default: none, and they fail
	Spent     *int            // grows by the bytes of data that the call looks through. Default: nil, nobody is told
}

// Variables looks up workflow variables by name, without the dollar sign.
type Variables interface {
	Lookup(name string) (jsonvalue.Value, bool)
}
