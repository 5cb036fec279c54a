package source

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/asl"
)

// placeholder is ${Name}, which a template fills in, alone in a text or in a part of it.
var placeholder = regexp.MustCompile(`"\$\{([A-Za-z_][A-Za-z0-9_.:]*)\}"|\$\{([A-Za-z_][A-Za-z0-9_.:]*)\}`)

// Placeholders returns the names that are to be filled in, sorted.
func (d *Definition) Placeholders() []string {
	found := make(map[string]bool)
	for _, m := range placeholder.FindAllSubmatch(d.JSON, -1) {
		found[string(m[1])+string(m[2])] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// Substituted returns the definition with names filled in. A value that is JSON and no
// string replaces a text that is the placeholder alone: "${Limit}" becomes 5. Findings are
// still led to the file.
func (d *Definition) Substituted(values map[string]string) *Definition {
	if len(values) == 0 {
		return d
	}
	e := &edited{before: d}
	at := 0
	for _, m := range placeholder.FindAllSubmatchIndex(d.JSON, -1) {
		name, alone := m[2:4], true
		if name[0] < 0 {
			name, alone = m[4:6], false
		}
		value, known := values[string(d.JSON[name[0]:name[1]])]
		if !known {
			continue
		}
		e.text = append(e.text, d.JSON[at:m[0]]...)
		made := written(value, alone)
		e.edits = append(e.edits, edit{at: len(e.text), length: len(made), before: m[0], after: m[1]})
		e.text, at = append(e.text, made...), m[1]
	}
	e.text = append(e.text, d.JSON[at:]...)
	made := *d
	made.JSON, made.translate = e.text, e.translate
	return &made
}

// written returns a value as it stands in the JSON: alone, or inside of a text.
func written(value string, alone bool) []byte {
	if alone && json.Valid([]byte(value)) && !strings.HasPrefix(strings.TrimSpace(value), `"`) {
		return []byte(value)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // a string has a JSON form
	quoted := bytes.TrimRight(b.Bytes(), "\n")
	if alone {
		return quoted
	}
	return quoted[1 : len(quoted)-1]
}

// edited is a definition whose text was changed.
type edited struct {
	before *Definition
	text   []byte
	edits  []edit
}

// edit is a change: length bytes of the new text, from at on, are those of the old text
// from before to after.
type edit struct{ at, length, before, after int }

// offset leads an offset in the new text to the old one.
func (e *edited) offset(at int) int {
	i := sort.Search(len(e.edits), func(i int) bool { return e.edits[i].at > at }) - 1
	if i < 0 {
		return at
	}
	last := e.edits[i]
	if at < last.at+last.length {
		return last.before
	}
	return last.after + at - last.at - last.length
}

// translate leads findings to the old text, and from there to the file.
func (e *edited) translate(findings asl.Diagnostics) asl.Diagnostics {
	return e.before.Translate(moved(findings, e.before.JSON, e.offset))
}

// moved leads findings to another text; offset says where a byte of theirs is in it.
func moved(findings asl.Diagnostics, to []byte, offset func(int) int) asl.Diagnostics {
	made := make(asl.Diagnostics, len(findings))
	for i, d := range findings {
		if d.Start.Line > 0 {
			start, end := offset(d.Start.Offset), offset(d.End.Offset)
			d.Start, d.End = positionIn(to, start), positionIn(to, max(start, end))
			d.Line = lineOf(to, start)
		}
		d.Related = moved(d.Related, to, offset)
		made[i] = d
	}
	return made
}

func positionIn(text []byte, offset int) asl.Position {
	offset = min(offset, len(text))
	begin := bytes.LastIndexByte(text[:offset], '\n') + 1
	return asl.Position{
		Offset: offset, Line: bytes.Count(text[:offset], []byte("\n")) + 1, Column: utf8.RuneCount(text[begin:offset]) + 1,
	}
}

func lineOf(text []byte, offset int) string {
	offset = min(offset, len(text))
	begin := bytes.LastIndexByte(text[:offset], '\n') + 1
	line, _, _ := bytes.Cut(text[begin:], []byte("\n"))
	return strings.TrimRight(string(line), "\r")
}
