package asl

import "sync"

// Validate checks a definition with the zero [Validator], that is as strictly
// as AWS, and warns.
func Validate(definition []byte) Diagnostics { return Validator{}.Validate(definition) }

// Validator checks definitions. The zero Validator is as strict as AWS is with
// a STANDARD state machine.
type Validator struct {
	// Express applies the rules for EXPRESS state machines. Default: STANDARD.
	Express bool

	// Substitutions accepts ${Name} wherever a value is expected, as in
	// templates that CloudFormation or Terraform fill in. Default: refused, as
	// on AWS.
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
	rows := rowPool.Get().(*[]row)
	defer rowPool.Put(rows)
	c, d := v.read(string(definition), (*rows)[:0])
	if d != nil {
		return Diagnostics{*d}
	}
	c.run()
	found := c.diagnostics()
	if cap(c.rows) <= pooledRows {
		*rows = c.rows
	}
	if v.Max > 0 && len(found) > v.Max {
		found = found[:v.Max]
	}
	return found
}

// pooledRows is how many rows are kept for the next definition. Findings do not
// refer to them.
const pooledRows = 1 << 14

var rowPool = sync.Pool{New: func() any { return new([]row) }}
