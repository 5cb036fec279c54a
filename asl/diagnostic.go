package asl

import (
	"encoding/json"
	"strings"
)

// Diagnostic is one finding about a definition.
type Diagnostic struct {
	// Code names the rule: "MISSING_TRANSITION_TARGET". The codes of AWS are
	// used where AWS has one; the package's own begin with "STATEMILL_".
	Code string

	// Message is AWS's text where AWS's text is known.
	Message string

	// Location is the path from the root, as AWS writes it:
	// "/States/Ship/Catch[0]/Next". It is empty where AWS gives none.
	Location string

	// Warning tells a warning from an error.
	Warning bool

	// Start and End enclose the value or name that the finding is about.
	Start, End Position

	// Line is the text of the line of Start.
	Line string

	// Hint is advice, such as `did you mean "Ship"?`. It may be empty.
	Hint string

	// Related are other places in the text that explain the finding, such as
	// the first of two states with one name.
	Related []Diagnostic

	// short is Message without the excerpts of the text that a parser of JSON
	// adds to it, where they differ.
	short string
}

// The codes of AWS's errors.
const (
	codeJSON        = "INVALID_JSON_DESCRIPTION"
	codeSchema      = "SCHEMA_VALIDATION_FAILED"
	codeTarget      = "MISSING_TRANSITION_TARGET"
	codeEnd         = "MISSING_END_STATE"
	codeDuplicate   = "DUPLICATE_STATE_NAME"
	codeStateName   = "INVALID_STATE_NAME"
	codeLabel       = "INVALID_LABEL_NAME"
	codeSameLabel   = "DUPLICATE_LABEL_NAME"
	codeTooDeep     = "TOO_DEEPLY_NESTED"
	codeExpression  = "INVALID_JSONATA_EXPRESSION"
	codeUnsupported = "UNSUPPORTED_JSONATA_EXPRESSION"
	codeVariable    = "INVALID_VARIABLE_NAME"
	codeReserved    = "RESERVED_VARIABLE_NAME"
	codeShadow      = "DUPLICATE_VARIABLE_NAME"
)

// The codes of errors that AWS does not have.
const (
	codeTooLong  = "STATEMILL_DEFINITION_TOO_LONG"
	codeTooLarge = "STATEMILL_TOO_LARGE"
	codeRegexp   = "STATEMILL_REGULAR_EXPRESSION"
)

// String returns one line: "12:9: MISSING_TRANSITION_TARGET: Missing 'Next'
// target: Shipp (/States/Charge/Next); did you mean "Ship"?". Characters that a
// terminal would not print as they are become U+FFFD.
func (d Diagnostic) String() string {
	var b strings.Builder
	if d.Start.Line > 0 {
		b.WriteString(d.Start.String())
		b.WriteString(": ")
	}
	if d.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(d.Code + ": " + d.words())
	if d.Location != "" && !d.locatesText() {
		b.WriteString(" (" + d.Location + ")")
	}
	if d.Hint != "" {
		b.WriteString("; " + d.Hint)
	}
	return printable(b.String())
}

// words returns the message for people, who get the place in another form.
func (d Diagnostic) words() string {
	if d.short != "" {
		return d.short
	}
	return d.Message
}

// locatesText reports whether Location is a place in the text, as it is for
// text that is not JSON, and not a path.
func (d Diagnostic) locatesText() bool { return d.Code == codeJSON }

func (d Diagnostic) severity() string {
	if d.Warning {
		return "WARNING"
	}
	return "ERROR"
}

// MarshalJSON returns an object with AWS's members (severity, code, message,
// location), and start, end, hint and related beside them.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Severity string       `json:"severity"`
		Code     string       `json:"code"`
		Message  string       `json:"message"`
		Location string       `json:"location,omitempty"`
		Start    *Position    `json:"start,omitempty"`
		End      *Position    `json:"end,omitempty"`
		Hint     string       `json:"hint,omitempty"`
		Related  []Diagnostic `json:"related,omitempty"`
	}{
		d.severity(), d.Code, wellFormed(d.Message), wellFormed(d.Location),
		d.Start.known(), d.End.known(), wellFormed(d.Hint), d.Related,
	})
}

// Diagnostics are the findings about one definition, in AWS's order. The errors
// of [Parse] and runtime.Compile are of this type; errors.As finds them.
type Diagnostics []Diagnostic

// Error returns the findings as text, one a line.
func (ds Diagnostics) Error() string {
	if len(ds) == 0 {
		return "no findings"
	}
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns ds itself if one of the findings is an error, and nil if there
// are only warnings or none.
func (ds Diagnostics) Err() error {
	for _, d := range ds {
		if !d.Warning {
			return ds
		}
	}
	return nil
}
