package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// probes is a file of paths with what Jayway json-path 2.0.0 answers.
type probes struct {
	Docs   map[string]string `json:"docs"` // JSON text
	Probes []probe           `json:"probes"`
}

type probe struct {
	ID   jsonvalue.Value `json:"id"`
	Doc  string          `json:"doc"`
	Path string          `json:"path"`
	Want answer          `json:"jayway200"`
}

// answer is a value, or an exception as Java prints it.
type answer struct {
	Definite *bool           `json:"definite"` // nil if the path is refused
	Value    jsonvalue.Value `json:"value"`
	Err      string          `json:"err"`
}

func jsonpathSuite(*flag.FlagSet) func(r *report, paths []string) error {
	return func(r *report, paths []string) error {
		for _, path := range paths {
			if err := runProbes(r, path); err != nil {
				return err
			}
		}
		return nil
	}
}

// runProbes runs one file, or probes.json in a folder.
func runProbes(r *report, path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "probes.json")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file, err := jsonvalue.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var set probes
	if err := file.Decode(&set); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range set.Probes {
		doc, err := jsonvalue.Parse([]byte(set.Docs[p.Doc]))
		if err != nil {
			return fmt.Errorf("%s: probe %s: document %q: %w", path, p.ID, p.Doc, err)
		}
		if difference := p.run(doc); difference != "" {
			r.fail(p.ID.String()+" "+p.Path, difference)
		} else {
			r.pass(p.ID.String() + " " + p.Path)
		}
	}
	return nil
}

// run returns the first difference, or nothing.
func (p probe) run(doc jsonvalue.Value) string {
	path, err := jsonpath.Parse(p.Path)
	if err == nil && path.Root() != "$" {
		// Context Object and variables are Step Functions' addition to the
		// syntax. A probe offers neither, so this path has nowhere to start.
		err = errors.New("Invalid path " + p.Path)
	}
	if err != nil {
		return p.Want.refused(err)
	}
	if p.Want.Definite == nil {
		return fmt.Sprintf("accepted, want %s", p.Want.Err)
	}
	if path.Definite() != *p.Want.Definite {
		return fmt.Sprintf("definite is %t, want %t", path.Definite(), *p.Want.Definite)
	}
	value, err := path.Get(doc)
	switch {
	case err != nil && p.Want.Err == "":
		return fmt.Sprintf("fails: %v, want %v", err, p.Want.Value)
	case err != nil:
		return p.Want.compareError(err)
	case p.Want.Err != "":
		return fmt.Sprintf("is %v, want the error %s", value, p.Want.Err)
	case !sameText(value, p.Want.Value):
		return fmt.Sprintf("is %v, want %v", value, p.Want.Value)
	}
	return ""
}

// refused compares why a path is refused. Jayway refuses some paths because
// Java trips over them (java.lang.StringIndexOutOfBoundsException and the
// like); there only the refusal counts, since such a text says nothing.
func (a answer) refused(err error) string {
	switch {
	case a.Definite != nil:
		return fmt.Sprintf("refused: %v, want %v%s", err, a.Value, a.Err)
	case strings.Contains(a.Err, "Exception: java.lang."):
		return ""
	}
	return a.compareError(err)
}

// compareError compares messages without the names of the exceptions, which
// Java repeats for each time one is wrapped.
func (a answer) compareError(err error) string {
	want := a.Err
	for {
		name, rest, ok := strings.Cut(want, ": ")
		if !ok || !strings.HasSuffix(name, "Exception") || strings.Contains(name, " ") {
			break
		}
		want = rest
	}
	if got := err.Error(); got != want {
		return fmt.Sprintf("fails with %q, want %q", got, want)
	}
	return ""
}

// sameText compares values to the order of members and the form of numbers.
// Only of long fractions the probes do not hold every digit.
func sameText(got, want jsonvalue.Value) bool {
	if got.String() == want.String() {
		return true
	}
	longFraction := regexp.MustCompile(`(\d\.\d{15})\d{6,}`)
	return longFraction.ReplaceAllString(got.String(), "$1") == want.String()
}
