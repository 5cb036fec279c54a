package aslyaml

import (
	"encoding/json"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/statemill/statemill/asl"
)

// piece says where a part of the JSON comes from.
type piece struct {
	from, to     int // in the JSON
	line, column int // in the YAML
	parent       int // the piece around it; -1: none

	// exact tells that the characters of the string are characters of the YAML: then
	// positions inside are known, too.
	exact   bool
	literal bool // a literal block, whose lines are those of the YAML
	opening int  // characters of the YAML before the text: a quote
	indent  int  // of a literal block
}

// begin notes that a part of the JSON begins here.
func (w *writer) begin(n *yaml.Node) int {
	parent := -1
	for i := len(w.source.pieces) - 1; i >= 0; i = w.source.pieces[i].parent {
		if w.source.pieces[i].to < 0 {
			parent = i
			break
		}
	}
	w.source.pieces = append(w.source.pieces, piece{from: len(w.text), to: -1, line: n.Line, column: n.Column, parent: parent})
	return len(w.source.pieces) - 1
}

func (w *writer) end(piece int) { w.source.pieces[piece].to = len(w.text) }

// str writes a scalar as a string, and finds out whether its characters are those of the
// YAML.
func (w *writer) str(n *yaml.Node) {
	p := &w.source.pieces[len(w.source.pieces)-1]
	w.text = append(w.text, quoted(n.Value)...)
	lines := w.source.lines
	switch {
	case n.Line < 1 || n.Line > len(lines):
	case n.Style&yaml.LiteralStyle != 0:
		p.exact, p.literal = true, true
		for _, line := range lines[n.Line:] {
			if text := strings.TrimLeft(line, " "); strings.TrimSpace(text) != "" {
				p.indent = len(line) - len(text)
				break
			}
		}
	case n.Style&yaml.FoldedStyle == 0:
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			p.opening = 1
		}
		rest := []rune(lines[n.Line-1])
		p.column += properties(rest[min(max(n.Column-1, 0), len(rest)):])
		at := p.column - 1 + p.opening
		p.exact = at <= len(rest) && strings.HasPrefix(string(rest[max(at, 0):]), n.Value)
	}
}

// properties returns how many characters the tag and the anchor before a value take.
func properties(rest []rune) (n int) {
	for n < len(rest) && (rest[n] == '!' || rest[n] == '&') {
		for n < len(rest) && rest[n] != ' ' {
			n++
		}
		for n < len(rest) && rest[n] == ' ' {
			n++
		}
	}
	return n
}

// Position returns the place in the YAML that an offset in the JSON, in bytes, comes from.
// Inside a text that is the same in both, the place is exact; inside any other it is the
// beginning of the text. For what an alias stands for, the place is at the anchor.
func (s *Source) Position(offset int) asl.Position {
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].from > offset }) - 1
	for i > 0 && s.pieces[i].to <= offset {
		i = s.pieces[i].parent
	}
	if i < 0 {
		return asl.Position{Line: 1, Column: 1}
	}
	p := &s.pieces[i]
	at := asl.Position{Line: min(max(p.line, 1), len(s.lines)), Column: max(p.column, 1)}
	if !p.exact || offset <= p.from {
		return at
	}
	inside, ok := unquoted(s.json[p.from:offset])
	if !ok {
		return at
	}
	if p.literal {
		at.Line = min(at.Line+1+strings.Count(inside, "\n"), len(s.lines))
		at.Column = p.indent + 1 + utf8.RuneCountInString(inside[strings.LastIndexByte(inside, '\n')+1:])
		return at
	}
	at.Column += p.opening + utf8.RuneCountInString(inside)
	return at
}

// unquoted returns the text of the beginning of a JSON string.
func unquoted(part []byte) (text string, ok bool) {
	for cut := len(part); cut > max(len(part)-6, 0); cut-- { // an escape may be cut
		if json.Unmarshal(append(append([]byte{}, part[:cut]...), '"'), &text) == nil {
			return text, true
		}
	}
	return "", false
}

// Translate leads the positions of findings about the JSON to the YAML.
func (s *Source) Translate(findings asl.Diagnostics) asl.Diagnostics {
	translated := make(asl.Diagnostics, len(findings))
	for i, d := range findings {
		if d.Start.Line > 0 {
			known := d.End.Offset > d.Start.Offset
			end := s.Position(max(d.End.Offset-1, d.Start.Offset))
			d.Start = s.Position(d.Start.Offset)
			if d.End = d.Start; known && end.Line == d.Start.Line && end.Column > d.Start.Column {
				d.End = asl.Position{Line: end.Line, Column: end.Column + 1}
			}
			d.Line = ""
			if d.Start.Line >= 1 && d.Start.Line <= len(s.lines) {
				d.Line = strings.TrimRight(s.lines[d.Start.Line-1], "\r")
			}
		}
		d.Related = s.Translate(d.Related)
		translated[i] = d
	}
	return translated
}
