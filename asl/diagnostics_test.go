package asl_test

import (
	"strings"
	"testing"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
)

// The cases of testdata/diagnostics are definitions. An input says how to read
// one: "validate", which may be followed by the fields of Validator that are
// set; "parse" or "parse state". The output holds the findings, one a line.
func TestDiagnostics(t *testing.T) {
	golden.Run(t, "testdata/diagnostics/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		return func(input string) string { return findings(t, input, c.Setup) }
	})
}

func findings(t *testing.T, input, definition string) string {
	verb, options, _ := strings.Cut(input, " ")
	switch input {
	case "parse":
		_, err := asl.Parse([]byte(definition))
		return lines(err)
	case "parse state":
		_, err := asl.ParseState([]byte(definition))
		return lines(err)
	}
	if verb != "validate" {
		t.Errorf("unknown input %q", input)
	}
	if found := validator(t, options).Validate([]byte(definition)); len(found) > 0 {
		return found.Error()
	}
	return ""
}

// validator sets the fields that are named.
func validator(t *testing.T, options string) (v asl.Validator) {
	for _, option := range strings.Fields(options) {
		switch key, value, _ := strings.Cut(option, "="); key {
		case "express":
			v.Express = true
		case "substitutions":
			v.Substitutions = true
		case "any-resource":
			v.AnyResource = true
		case "off":
			v.Off = append(v.Off, value)
		default:
			t.Errorf("unknown option %q", option)
		}
	}
	return v
}

func lines(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
