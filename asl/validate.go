package asl

// Validate checks a definition with the zero [Validator], that is as strictly
// as AWS, and warns.
func Validate(definition []byte) Diagnostics { return Validator{}.Validate(definition) }

// Validator checks definitions, and reads them. The zero Validator is as strict as AWS is with
// a STANDARD state machine.
type Validator struct {
	// Express applies the rules for EXPRESS state machines. Default: STANDARD.
	Express bool

	// Substitutions accepts ${Name} wherever a value is expected, as in
	// templates that CloudFormation or Terraform fill in. A machine with such
	// places is there to be looked at, see [StateMachine.Placeholders]. Default:
	// refused, as on AWS.
	Substitutions bool

	// AnyResource accepts any text as a Resource. Default: only what AWS
	// knows.
	AnyResource bool

	// Off names warnings that are not wanted, by code. A code that does not
	// exist is itself reported. Default: all warnings are reported.
	Off []string

	// Max is how many findings are reported at most. Default: 0, all (of a
	// definition with more than a thousand faults, about the first thousand).
	Max int

	lints bool // warnings are wanted
}

// Validate checks a definition. It never fails: text that is not JSON is a
// finding as well.
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
