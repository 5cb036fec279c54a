package jsonata

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// native is a function of the language.
type native struct {
	name      string
	signature string
	arity     int // how many arguments it gets as a callback
	call      func(c caller, args []value) (value, error)
	levels    level
	copies    bool // the result is new throughout, and nobody else has it
}

// level is a set of dialects.
type level uint8

const (
	plainOnly level = 1 << iota // not in Step Functions
	awsOnly                     // only in Step Functions
)

// natives lists the functions by domain.
var natives = [...][]native{
	stringFunctions, encodingFunctions, numberFunctions, aggregateFunctions, arrayFunctions,
	objectFunctions, higherFunctions, timeFunctions, controlFunctions, awsFunctions,
}

// builtin returns the function of a name in a dialect, or nil.
func builtin(name string, d Dialect) *function {
	without := awsOnly
	if d == StepFunctions {
		without = plainOnly
	}
	for _, domain := range natives {
		for i := range domain {
			n := &domain[i]
			if n.name == name && n.levels != without {
				return n.function()
			}
		}
	}
	if name == "eval" && d != StepFunctions { // compiles, and so cannot be in the table that compiling reads
		return (&native{name: name, signature: "<sx?:x>", arity: 2, call: evalText}).function()
	}
	return nil
}

// Functions returns the names of the functions that the dialect has, sorted and
// without the dollar sign.
func (d Dialect) Functions() []string {
	var names []string
	for _, domain := range natives {
		for i := range domain {
			if builtin(domain[i].name, d) != nil && !slices.Contains(names, domain[i].name) {
				names = append(names, domain[i].name)
			}
		}
	}
	if builtin("eval", d) != nil {
		names = append(names, "eval")
	}
	slices.Sort(names)
	return names
}

func (n *native) function() *function {
	sig, _ := parseSignature(n.signature)
	return &function{name: n.name, arity: n.arity, sig: sig, native: n.call, copies: n.copies, builtin: n.name != "zip"}
}

// hostFunction returns a function that the host has given.
func hostFunction(name string, h Function) *function {
	f := &function{name: name}
	if h.Signature != "" {
		f.sig, _ = parseSignature(h.Signature)
		f.arity = len(f.sig.params)
	}
	f.native = func(c caller, args []value) (value, error) {
		exported := make([]jsonvalue.Value, len(args))
		for i, arg := range args {
			if arg.isNothing() {
				return value{}, nil
			}
			var err error
			if exported[i], err = c.ev.export(arg); err != nil {
				return value{}, err
			}
		}
		v, err := h.Call(exported)
		switch {
		case errors.Is(err, ErrUndefined):
			return value{}, nil
		case err != nil:
			return value{}, uncoded(err.Error(), err)
		}
		return given(v)
	}
	return f
}

// A signature takes nothing for an argument that it requires. The effect in a
// function follows from JavaScript: some fail, and some take it for the text
// "undefined".

// missing is the fault of a function that cannot do without an argument. The
// reference implementation has no code for it.
func missing(name string, index int) error {
	return uncoded("Argument "+strconv.Itoa(index)+" of function "+quote(name)+" is undefined", nil)
}

// textOf returns a text, or what JavaScript makes of nothing.
func textOf(v value) string {
	if v.isNothing() {
		return "undefined"
	}
	s, _ := v.str()
	return s
}

// limit returns an optional number of repetitions: no limit if it is missing,
// and the fault of a code if it is negative.
func limit(v value, code string) (int, error) {
	x, ok := v.float()
	switch {
	case !ok:
		return 1<<31 - 1, nil
	case x < 0:
		return 0, fail(code, 0).value("value", v)
	}
	return int(math.Ceil(min(x, 1<<31-1))), nil
}

// truncate returns a number without its fraction, within what lengths can be.
func truncate(x float64) int {
	return int(max(-1<<40, min(x, 1<<40)))
}
