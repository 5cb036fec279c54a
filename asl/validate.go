package asl

// Validate checks a definition with the zero [Validator]: it is as strict as AWS,
// and reports warnings as well.
func Validate(definition []byte) Diagnostics { return Validator{}.Validate(definition) }

// Validator checks definitions, and reads them. The zero Validator is as strict
// as AWS is with a STANDARD state machine. A Validator may be used by several
// goroutines at once.
type Validator struct {
	// Express applies the rules for EXPRESS state machines. Default: STANDARD.
	Express bool

	// Substitutions accepts ${Name} wherever a value is expected, as in
	// templates that CloudFormation or Terraform fill in. Such a machine can be
	// drawn and examined. It cannot run if it has [StateMachine.Placeholders].
	// Default: refused, as on AWS.
	Substitutions bool

	// AnyResource accepts any text as a Resource. Default: only the forms that
	// AWS knows.
	AnyResource bool

	// Off holds the codes of warnings that are not reported. A code that does
	// not exist is reported itself. Default: all warnings are reported.
	Off []string

	// Max limits the number of findings that Validate returns. Default: 0, no
	// limit beyond that of the package, which is about 1,000.
	Max int

	lints bool // warnings are wanted
}

// Validate checks a definition. It reports all problems as findings, also that
// the text is not JSON.
func (v Validator) Validate(definition []byte) Diagnostics {
	v.lints = true
	w := workspaces.Get().(*workspace)
	c, d := v.read(string(definition), w.rows[:0])
	if d != nil {
		w.leave(w.rows)
		return Diagnostics{*d}
	}
	c.run(&locations{off: true}, &w.arena)
	found := c.diagnostics()
	w.leave(c.rows)
	if v.Max > 0 && len(found) > v.Max {
		found = found[:v.Max]
	}
	return found
}
