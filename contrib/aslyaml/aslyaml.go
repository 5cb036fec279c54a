// Package aslyaml reads workflow definitions in YAML: it turns YAML into the JSON text
// that package asl reads, and leads positions in that text back to the YAML.
//
//	source, err := aslyaml.Read(text)
//	if err != nil {
//		return err // an *aslyaml.Error: line, column
//	}
//	findings := source.Translate(asl.Validator{}.Validate(source.JSON()))
//	findings.WriteText(os.Stderr, "order.asl.yaml")
//
// # What YAML means here
//
// It is YAML 1.2 with its core schema. true and false are booleans; null, ~ and nothing
// are null; a plain text that is a number of JSON is that number, digit by digit. All else
// is text. What other readers take for a boolean, a number or a date (yes, 010, 1_000,
// 2026-01-01) is text here, with a warning: quote it.
//
// Anchors and aliases are expanded, and << merges a mapping; the JSON text is at most 1 MiB.
// Two members with one name, names that are no scalars, several documents, tags that YAML does
// not define and aliases inside their own anchors are errors.
package aslyaml

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/statemill/statemill/asl"
)

// Error says why a text cannot be read, and where.
type Error struct {
	Position asl.Position // Offset is not known, and 0
	Message  string
}

// Error returns "line:column: message".
func (e *Error) Error() string { return e.Position.String() + ": " + e.Message }

// Reader reads YAML. The zero Reader is ready to use; it may be used by several
// goroutines at once.
type Reader struct {
	// Tags are the local tags that are allowed, each with the name of the member that stands
	// for it: with "!Sub": "Fn::Sub" the YAML `!Sub x` is {"Fn::Sub": "x"}. Default: none.
	Tags map[string]string
}

// Source is a text in YAML with its JSON. It is immutable.
type Source struct {
	json     []byte
	lines    []string
	pieces   []piece
	warnings asl.Diagnostics
}

// Read reads a text with the zero Reader. The error is an *[Error].
func Read(text []byte) (*Source, error) { return Reader{}.Read(text) }

// MustJSON returns the JSON of a text, for tests. It panics if the text cannot be read.
func MustJSON(text string) string {
	s, err := Read([]byte(text))
	if err != nil {
		panic("aslyaml: " + err.Error())
	}
	return string(s.JSON())
}

// Read reads a text. The error is an *[Error].
func (r Reader) Read(text []byte) (*Source, error) {
	document, err := parse(text)
	if err != nil {
		return nil, err
	}
	w := &writer{tags: r.Tags, source: &Source{lines: strings.Split(string(text), "\n")}, open: make(map[*yaml.Node]bool)}
	if err := w.node(document, 0); err != nil {
		return nil, err
	}
	w.source.json = w.text
	return w.source, nil
}

// parse returns the only document of a text.
func parse(text []byte) (document *yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Message: fmt.Sprint("the YAML cannot be read: ", v)}
		}
	}()
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	document = new(yaml.Node)
	if err := d.Decode(document); errors.Is(err, io.EOF) {
		return nil, &Error{Position: asl.Position{Line: 1, Column: 1}, Message: "there is no document"}
	} else if err != nil {
		return nil, syntaxError(err)
	}
	var second yaml.Node
	switch err := d.Decode(&second); {
	case err == nil:
		return nil, problem(&second, "a second document begins here")
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(err)
	}
	return document, nil
}

// syntaxError takes the line out of an error of the parser: "yaml: line 3: ...".
func syntaxError(err error) *Error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &Error{Position: asl.Position{Line: 1, Column: 1}, Message: text}
	var line int
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, e.Message, _ = strings.Cut(text, ": ")
		e.Position.Line = line
	}
	return e
}

// problem is an error at a node.
func problem(n *yaml.Node, format string, args ...any) *Error {
	return &Error{Position: asl.Position{Line: max(n.Line, 1), Column: max(n.Column, 1)}, Message: fmt.Sprintf(format, args...)}
}

// JSON returns the JSON text, with the members in the order of the YAML. Do not change it.
func (s *Source) JSON() []byte { return s.json }

// Warnings returns findings about texts that another reader would take for another value.
func (s *Source) Warnings() asl.Diagnostics { return s.warnings }
