package command

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/statemill/statemill/asl"
)

// formats are the forms in which findings are written.
var formats = map[string]func(w io.Writer, all []checked) error{
	"text":   writeText,
	"json":   writeFindings,
	"sarif":  writeSARIF,
	"github": writeGitHub,
}

func writeText(w io.Writer, all []checked) error {
	for _, c := range all {
		var lines bytes.Buffer
		if err := c.findings.WriteText(&lines, c.Name()); err != nil {
			return err
		}
		if _, err := w.Write(lines.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func writeGitHub(w io.Writer, all []checked) error {
	for _, c := range all {
		if err := c.findings.WriteGitHub(w, c.File); err != nil {
			return err
		}
	}
	return nil
}

// writeFindings writes one JSON document.
func writeFindings(w io.Writer, all []checked) error {
	type definition struct {
		File          string          `json:"file"`
		Machine       string          `json:"machine,omitempty"`
		Result        string          `json:"result"`
		Diagnostics   asl.Diagnostics `json:"diagnostics"`
		Substitutions []string        `json:"substitutions,omitempty"`
	}
	document := struct {
		Version     int          `json:"version"`
		Definitions []definition `json:"definitions"`
	}{Version: 1}
	for _, c := range all {
		d := definition{File: c.File, Machine: c.Machine, Result: "OK", Diagnostics: c.findings, Substitutions: c.Placeholders()}
		if d.Diagnostics == nil {
			d.Diagnostics = asl.Diagnostics{}
		}
		if c.findings.Err() != nil {
			d.Result = "FAIL"
		}
		document.Definitions = append(document.Definitions, d)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

// writeSARIF writes one run for all files: the results of each are put together.
func writeSARIF(w io.Writer, all []checked) error {
	var whole map[string]any
	for _, c := range all {
		var b bytes.Buffer
		if err := c.findings.WriteSARIF(&b, c.File); err != nil {
			return err
		}
		var part map[string]any
		if err := json.Unmarshal(b.Bytes(), &part); err != nil {
			return err
		}
		if whole == nil {
			whole = part
			continue
		}
		addResults(whole, part)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(whole)
}

// addResults adds the results and the rules of a SARIF log to another one.
func addResults(whole, part map[string]any) {
	to, from := firstRun(whole), firstRun(part)
	results, _ := to["results"].([]any)
	more, _ := from["results"].([]any)
	for _, r := range more {
		if result, ok := r.(map[string]any); ok {
			delete(result, "ruleIndex") // an index into the rules of its own log
		}
	}
	to["results"] = append(results, more...)
	known := make(map[any]bool)
	rules := rulesOf(to)
	for _, r := range rules {
		known[ruleID(r)] = true
	}
	for _, r := range rulesOf(from) {
		if !known[ruleID(r)] {
			rules = append(rules, r)
		}
	}
	if driver := driverOf(to); driver != nil && len(rules) > 0 {
		driver["rules"] = rules
	}
}

func firstRun(log map[string]any) map[string]any {
	runs, _ := log["runs"].([]any)
	if len(runs) == 0 {
		return map[string]any{}
	}
	run, _ := runs[0].(map[string]any)
	return run
}

func driverOf(run map[string]any) map[string]any {
	tool, _ := run["tool"].(map[string]any)
	driver, _ := tool["driver"].(map[string]any)
	return driver
}

func rulesOf(run map[string]any) []any {
	rules, _ := driverOf(run)["rules"].([]any)
	return rules
}

func ruleID(rule any) any {
	r, _ := rule.(map[string]any)
	return r["id"]
}

// writeJSON writes a definition.
func writeJSON(w io.Writer, text []byte, compact bool) error {
	var b bytes.Buffer
	var err error
	if compact {
		err = json.Compact(&b, text)
	} else {
		err = json.Indent(&b, bytes.TrimSpace(text), "", "  ")
	}
	if err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err = w.Write(b.Bytes())
	return err
}
