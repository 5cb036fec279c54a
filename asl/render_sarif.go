package asl

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
)

// The parts of a SARIF log that we fill in.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// WriteSARIF writes a SARIF 2.1.0 log.
func (ds Diagnostics) WriteSARIF(w io.Writer, file string) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name:           "statemill",
			InformationURI: "https://github.com/statemill/statemill",
			Rules:          []sarifRule{},
		}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	rules := map[string]int{}
	for _, d := range ds {
		if _, ok := rules[d.Code]; !ok {
			rules[d.Code] = len(rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{d.Code})
		}
		run.Results = append(run.Results, d.sarif(rules[d.Code], file))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func (d Diagnostic) sarif(rule int, file string) sarifResult {
	text := d.words()
	if d.Hint != "" {
		text += "; " + d.Hint
	}
	level := "error"
	if d.Warning {
		level = "warning"
	}
	r := sarifResult{
		RuleID: d.Code, RuleIndex: rule, Level: level, Message: sarifMessage{wellFormed(text)},
		Locations: []sarifLocation{d.sarifLocation(file)},
	}
	for _, related := range d.Related {
		l := related.sarifLocation(file)
		l.Message = &sarifMessage{wellFormed(related.Message)}
		r.Related = append(r.Related, l)
	}
	return r
}

func (d Diagnostic) sarifLocation(file string) sarifLocation {
	var l sarifLocation
	l.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(file)}).String()
	if d.Start.Line > 0 {
		l.Physical.Region = &sarifRegion{d.Start.Line, d.Start.Column, d.End.Line, d.End.Column}
	}
	if d.Location != "" && !d.locatesText() {
		l.Logical = []sarifLogical{{wellFormed(d.Location)}}
	}
	return l
}
