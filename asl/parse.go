package asl

// Parse reads a definition in JSON. The error is of type [Diagnostics] and
// holds every problem, not only the first. [Validator.Parse] also returns the
// warnings, and can apply other rules.
func Parse(definition []byte) (*StateMachine, error) {
	m, found := Validator{AnyResource: true}.parse(definition)
	return m, found.Err()
}

// Parse reads a definition in JSON under the rules of v. It returns all findings,
// whatever v.Max says: first the errors, then the warnings. The machine is nil
// if one of them is an error.
func (v Validator) Parse(definition []byte) (*StateMachine, Diagnostics) {
	v.lints = true
	return v.parse(definition)
}

func (v Validator) parse(definition []byte) (*StateMachine, Diagnostics) {
	c, d := v.read(string(definition), nil)
	if d != nil {
		return nil, Diagnostics{*d}
	}
	m := c.run(new(locations), new(arena))
	if c.failed() {
		return nil, c.diagnostics()
	}
	m.uses, m.placeholders = c.uses, c.placeholders()
	return m, c.diagnostics()
}

// run puts a definition through all stages. The arena allocates the
// graph, which is sound only if there are no errors.
func (c *checker) run(locations *locations, arena *arena) *StateMachine {
	c.unknownCodes()
	c.duplicates()
	twice := c.failed()
	c.machine(c.root())
	if twice || c.full() {
		return nil
	}
	m := builder{c, locations, arena}.machine(c.root())
	c.graphRules(&m.Graph)
	if c.lints && !c.failed() {
		c.lint(&m.Graph)
	}
	return m
}

// read reads the text of something that must be an object, into rows.
func (v Validator) read(source string, rows []row) (*checker, *Diagnostic) {
	t, d := read(source, v.Substitutions, rows)
	if d != nil {
		return nil, d
	}
	if t.root().kind() != objectKind {
		l := locator{text: source}
		start := int(t.rows[0].start)
		return nil, &Diagnostic{
			Code: codeSchema, Message: "Definition must be a valid JSON object",
			Start: l.position(start), End: l.position(start + 1), Line: l.line(start),
		}
	}
	return &checker{
		findings:  findings{tree: t, starts: locator{text: source}, ends: locator{text: source}},
		Validator: v, budget: maxCompiled,
	}, nil
}

// ParseState reads a single state, for runtime.TestState. It returns a machine
// of one state without a name. The transitions of that state may lead anywhere,
// and its location is "/States/StateName", as on AWS. The error is of type
// [Diagnostics].
func ParseState(state []byte) (*StateMachine, error) {
	c, d := Validator{AnyResource: true}.read(string(state), nil)
	if d != nil {
		return nil, Diagnostics{*d}
	}
	c.tree.prefix = "/States/StateName"
	c.language = JSONPath
	if c.duplicates(); c.failed() {
		return nil, c.diagnostics()
	}
	c.state(c.root())
	m := builder{c, &locations{}, new(arena)}.single(c.root())
	c.innerRules(&m.Graph)
	if c.failed() {
		return nil, c.diagnostics()
	}
	return m, nil
}
