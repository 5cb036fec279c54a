package jsonata

var controlFunctions = []native{
	{name: "boolean", signature: "<x-:b>", arity: 1, call: toBoolean},
	{name: "not", signature: "<x-:b>", arity: 1, call: not},
	{name: "exists", signature: "<x:b>", arity: 1, call: exists},
	{name: "type", signature: "<x:s>", arity: 1, call: typeOf},
	{name: "error", signature: "<s?:x>", arity: 1, call: raise},
	{name: "assert", signature: "<bs?:x>", arity: 2, call: assert},
}

func toBoolean(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	yes, err := c.truth(args[0])
	return boolean(yes), err
}

func not(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	yes, err := c.truth(args[0])
	return boolean(!yes), err
}

// truth casts an argument; a function is false at any level.
func (c caller) truth(v value) (bool, error) {
	if _, ok := v.function(); ok {
		return false, nil
	}
	return c.ev.truth(v)
}

func exists(_ caller, args []value) (value, error) {
	return boolean(!args[0].isNothing()), nil
}

func typeOf(c caller, args []value) (value, error) {
	names := [...]string{
		kindNull: "null", kindBool: "boolean", kindNumber: "number", kindString: "string",
		kindArray: "array", kindObject: "object", kindFunction: "function",
	}
	if args[0].isNothing() {
		return value{}, nil
	}
	if args[0].kind() == kindNumber {
		if _, err := c.ev.truth(args[0]); err != nil {
			return value{}, err
		}
	}
	return text(names[args[0].kind()]), nil
}

func raise(_ caller, args []value) (value, error) {
	return value{}, raised("D3137", args[0], "$error() function evaluated")
}

// raised is a fault with a message that the expression gives.
func raised(code string, message value, standard string) error {
	s, ok := message.str()
	if !ok || s == "" {
		s = standard
	}
	return fail(code, 0).text("message", s)
}

func assert(_ caller, args []value) (value, error) {
	if yes, _ := args[0].json.AsBool(); yes {
		return value{}, nil
	}
	return value{}, raised("D3141", args[1], "$assert() statement failed")
}

// evalText compiles and evaluates an expression where it is called: it sees the
// variables there, and what it binds stays bound.
func evalText(c caller, args []value) (value, error) {
	source, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	root, err := c.compileInside(source)
	if err != nil {
		return value{}, wrapFault("D3120", err)
	}
	context := c.context
	if !args[1].isNothing() {
		context = wrapInput(args[1])
	}
	v, err := c.ev.eval(root, context, c.frame)
	if err != nil {
		return value{}, wrapFault("D3121", err)
	}
	return v, nil
}

// stepsPerToken is how many steps of an evaluation it takes to compile a token.
const stepsPerToken = 20

// compileInside compiles a text of which any variable may be bound outside. The
// evaluation pays for it.
func (c caller) compileInside(source string) (node, error) {
	given := min(DefaultBudget, c.ev.steps/stepsPerToken)
	left := given
	config := c.ev.expr.config
	config.Budget = &left
	_, root, _, err := config.compile(source, true)
	if left < 0 {
		return nil, errSteps
	}
	if charged := c.ev.charge((given - left) * stepsPerToken); charged != nil {
		return nil, charged
	}
	return root, err
}

// wrapFault says that a text which was evaluated failed. Limits are limits,
// wherever they are met.
func wrapFault(code string, err error) error {
	f, ok := err.(*fault)
	if !ok || f.err == ErrLimit {
		return err
	}
	return fail(code, 0).text("value", public(err).Error())
}
