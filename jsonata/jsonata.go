package jsonata

import (
	"maps"
	"slices"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// Expr is a compiled expression. It is immutable and safe for concurrent use.
type Expr struct {
	text     string
	syntax   *syntax
	root     node
	config   Config
	branches []Branch
}

// Compile compiles an expression with the zero Config. The error is an
// *[Error] whose code begins with S.
func Compile(text string) (*Expr, error) { return Config{}.Compile(text) }

// MustCompile is Compile for expressions that are part of the program; it
// panics where Compile returns an error.
func MustCompile(text string) *Expr {
	expr, err := Compile(text)
	if err != nil {
		panic("jsonata: Compile(" + strconv.Quote(text) + "): " + err.Error())
	}
	return expr
}

// Config says which language an expression is written in. The zero Config is
// ready to use.
type Config struct {
	// Dialect is the level of the language. Default: V2_2.
	Dialect Dialect

	// Functions are called as $name(...), beside the built-in functions and in
	// place of those of the same name. Default: none.
	Functions map[string]Function

	// Budget bounds the work of compiling. Compile takes 1 off for every token,
	// for every byte of a regular expression, for every instruction of its
	// program, and for every step over which a % is resolved. It fails with
	// [ErrLimit] when nothing is left. Compiling many expressions with the same
	// Budget bounds all of them together; two goroutines must not do that at once.
	// Default: [DefaultBudget] for each expression.
	Budget *int
}

// DefaultBudget is the budget of one expression. Compiling that much takes a
// fraction of a second and less than 100 MB.
const DefaultBudget = 200_000

// Compile compiles an expression. The error is an *[Error].
func (c Config) Compile(text string) (*Expr, error) {
	if err := c.check(); err != nil {
		return nil, public(err)
	}
	own := DefaultBudget
	if c.Budget == nil {
		c.Budget = &own
	}
	tree, root, branches, err := c.compile(text, false)
	if err != nil {
		return nil, public(err)
	}
	if p, ok := root.(*path); ok {
		p.root = p.group == nil
	}
	c.Budget = nil // an Expr outlives it
	return &Expr{text: text, syntax: tree, root: root, config: c, branches: branches}, nil
}

// compile compiles a text within the budget. Inside says that it is part of an
// evaluation: any variable may be bound outside of it, and it has no branches.
func (c Config) compile(text string, inside bool) (*syntax, node, []Branch, error) {
	tree, err := parse(text, c.Dialect == V2_2, c.Budget)
	if err == nil {
		tree, err = resolve(tree, c.Budget)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	compiler := newCompiler(c, tree)
	compiler.open, compiler.inside = compiler.open || inside, inside
	root, err := compiler.compile(tree)
	return tree, root, compiler.branches, err
}

// check refuses a Config that cannot be meant.
func (c Config) check() error {
	if c.Dialect > StepFunctions {
		return uncoded("Unknown dialect "+strconv.Itoa(int(c.Dialect)), nil)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Functions)) {
		f := c.Functions[name]
		if f.Call == nil {
			return uncoded("Function "+name+" has no Call", nil)
		}
		if _, err := parseSignature(f.Signature); err != nil {
			return uncoded("Function "+name+": "+err.message(), nil)
		}
	}
	return nil
}

// Dialect is a level of the language.
type Dialect uint8

const (
	V2_2          Dialect = iota // jsonata-js 2.2.2
	V2_0                         // jsonata-js 2.0.6
	StepFunctions                // 2.0.6 as Step Functions has it
)

// Function is a function written in Go.
type Function struct {
	// Signature restricts and converts the arguments, as in "<s-n?:s>".
	// Default: "", any arguments.
	Signature string

	// Call computes the result. It is called from every goroutine that
	// evaluates. An error that is ErrUndefined means no result. If an argument
	// is undefined, Call is not called, and the result is undefined.
	Call func(args []jsonvalue.Value) (jsonvalue.Value, error)
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.text }

// aws reports whether the expression is written for Step Functions.
func (e *Expr) aws() bool { return e.config.Dialect == StepFunctions }

// isFunction reports whether a name is that of a function.
func (c Config) isFunction(name string) bool { return c.function(name) != nil }

// function returns the function of a name, or nil.
func (c Config) function(name string) *function {
	if f, ok := c.Functions[name]; ok {
		return hostFunction(name, f)
	}
	return builtin(name, c.Dialect)
}
