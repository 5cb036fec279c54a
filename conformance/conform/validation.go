package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
)

// definitionCase is a definition and what is known of AWS's opinion on it. A
// case with State is about a TestState call, whose definition may be a single
// state.
type definitionCase struct {
	ID            string          `json:"id"`
	Definition    json.RawMessage `json:"definition"`
	Type          string          `json:"type"`
	Expect        string          `json:"expect"`
	AWSExpect     string          `json:"aws_expect"`
	Diagnostics   []awsDiagnostic `json:"aws_diagnostics"`
	Substitutions []string        `json:"substitutions"`

	TestState *bool    `json:"aws"` // whether AWS was asked
	Errors    []string `json:"errors"`
}

// awsDiagnostic is a diagnostic as AWS returns it.
type awsDiagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

func validationSuite(flags *flag.FlagSet) func(r *report, paths []string) error {
	diagnostics := flags.Bool("diagnostics", false, "compare the diagnostics where AWS's are known, not only the verdict")
	return func(r *report, paths []string) error {
		return eachLine(paths, func(line []byte) error {
			var c definitionCase
			if err := json.Unmarshal(line, &c); err != nil {
				return err
			}
			if *diagnostics {
				c.compareDiagnostics(r)
			} else {
				c.compareVerdict(r)
			}
			return nil
		})
	}
}

// text returns the definition as it was sent: a string is a text that matters
// to the letter.
func (c *definitionCase) text() []byte {
	var text string
	if json.Unmarshal(c.Definition, &text) == nil {
		return []byte(text)
	}
	return c.Definition
}

// compareVerdict compares valid and invalid with what AWS said, or else with
// what the source of the case says; then any Resource will do, since most of
// the sources are not about AWS.
func (c *definitionCase) compareVerdict(r *report) {
	v := asl.Validator{Express: c.Type == "EXPRESS"}
	want := c.AWSExpect
	if want != "valid" && want != "invalid" {
		want = c.Expect
		v.AnyResource, v.Substitutions = true, true
	}
	if c.TestState != nil {
		want = "unknown"
		if *c.TestState {
			want = verdict(len(c.Errors) == 0)
		}
	}
	if want != "valid" && want != "invalid" {
		r.skip(c.ID, "nobody's verdict is known")
		return
	}
	found := c.validate(v)
	if got := verdict(found.Err() == nil); got != want {
		r.fail(c.ID, fmt.Sprintf("want %s, got %s: %s", want, got, found.Error()))
		return
	}
	r.pass(c.ID)
}

func verdict(valid bool) string {
	if valid {
		return "valid"
	}
	return "invalid"
}

// validate checks the definition, or the single state.
func (c *definitionCase) validate(v asl.Validator) asl.Diagnostics {
	var head struct{ States json.RawMessage }
	if c.TestState != nil && json.Unmarshal(c.Definition, &head) == nil && head.States == nil {
		_, err := asl.ParseState(c.text())
		var found asl.Diagnostics
		errors.As(err, &found)
		return found
	}
	return v.Validate(c.text())
}

// compareDiagnostics compares code, message, location and order.
func (c *definitionCase) compareDiagnostics(r *report) {
	if c.Diagnostics == nil {
		r.skip(c.ID, "AWS's diagnostics are not known")
		return
	}
	warnings := slices.ContainsFunc(c.Diagnostics, func(d awsDiagnostic) bool { return d.Severity == "WARNING" })
	got := []awsDiagnostic{}
	for _, d := range c.validate(asl.Validator{Express: c.Type == "EXPRESS"}) {
		if !d.Warning || warnings && !strings.HasPrefix(d.Code, "STATEMILL_") {
			severity := map[bool]string{false: "ERROR", true: "WARNING"}[d.Warning]
			got = append(got, awsDiagnostic{severity, d.Code, d.Message, d.Location})
		}
	}
	if !slices.Equal(got, c.Diagnostics) {
		r.fail(c.ID, fmt.Sprintf("want %s\n     got  %s", asJSON(c.Diagnostics), asJSON(got)))
		return
	}
	r.pass(c.ID)
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// eachLine calls do with each line of the .jsonl files among and below paths.
func eachLine(paths []string, do func(line []byte) error) error {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".jsonl" {
				return err
			}
			return linesOf(file, do)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func linesOf(file string, do func(line []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if err := do(lines.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return lines.Err()
}
