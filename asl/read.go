package asl

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/internal/jsontext"
)

// maxText is the longest definition in bytes. It is AWS's quota.
const maxText = 1 << 20

// read turns the text of a definition into a tree, whose rows go into the given
// slice. If that fails it says why.
func read(source string, substitutions bool, rows []row) (*tree, *Diagnostic) {
	switch {
	case len(source) > maxText:
		return nil, &Diagnostic{
			Code:    codeTooLong,
			Message: fmt.Sprintf("The definition has %d bytes, and the maximum is %d", len(source), maxText),
		}
	case strings.Trim(source, " \t\r\n") == "":
		return nil, &Diagnostic{Code: codeSchema, Message: "Definition must be a valid JSON object"}
	}
	scanned := source
	if substitutions {
		scanned = quoteSubstitutions(source)
	}
	t, err := readTree(source, scanned, rows)
	var e *jsontext.SyntaxError
	if errors.As(err, &e) {
		return nil, syntaxDiagnostic(source, e)
	}
	return t, nil
}

// syntaxDiagnostic reports text that is not JSON as AWS does, in the words of
// the parser Jackson, which come with an excerpt of the text.
func syntaxDiagnostic(source string, e *jsontext.SyntaxError) *Diagnostic {
	l := locator{text: source}
	start := l.position(e.Offset)
	_, size := utf8.DecodeRuneInString(source[start.Offset:])
	d := &Diagnostic{Code: codeJSON, Message: e.Message, Start: start, Line: l.line(start.Offset)}
	d.End = l.position(e.Offset + size)
	if strings.HasPrefix(e.Message, "Document nesting depth") {
		d.Code = codeTooDeep
		return d
	}
	if strings.HasPrefix(source[start.Offset:], "${") {
		d.Hint = templateHint
	}
	excerpt := jacksonSource(source)
	behind := e.At // where the Jackson of this part of AWS sees itself
	if e.Char {
		behind += size
	}
	d.Location = jacksonLocation(excerpt, l.position(behind))
	d.short = e.Message
	d.Message = withExcerpt(e.Message, excerpt) + "\n at " + d.Location
	return d
}

// templateHint advises those who read a template without saying so.
const templateHint = "set Substitutions to read a template"

// withExcerpt shows the text where the message names another place in it: where
// the array or object begins that is not closed.
func withExcerpt(message, excerpt string) string {
	for _, before := range []string{"(start marker at [", "starting at ["} {
		if head, tail, ok := strings.Cut(message, before+"line: "); ok {
			return head + before + "Source: " + excerpt + "; line: " + tail
		}
	}
	return message
}

// jacksonExcerpt is how much of a text Jackson shows.
const jacksonExcerpt = 500

// jacksonSource writes how a text begins, as Jackson does.
func jacksonSource(source string) string {
	runes := utf8.RuneCountInString(source)
	if runes <= jacksonExcerpt {
		return `(String)"` + source + `"`
	}
	cut := 0
	for range jacksonExcerpt {
		_, size := utf8.DecodeRuneInString(source[cut:])
		cut += size
	}
	return fmt.Sprintf("(String)\"%s\"[truncated %d chars]", source[:cut], runes-jacksonExcerpt)
}

// jacksonLocation writes a place in a text as Jackson does.
func jacksonLocation(excerpt string, p Position) string {
	return fmt.Sprintf("[Source: %s; line: %d, column: %d]", excerpt, p.Line, p.Column)
}

// quoteSubstitutions returns the text with ${Name} outside of quotes as a
// string of the same length, so that every offset stays what it is.
func quoteSubstitutions(source string) string {
	if !strings.Contains(source, "${") {
		return source
	}
	out := []byte(source)
	quoted := false
	for i := 0; i < len(out); i++ {
		switch {
		case out[i] == '\\' && quoted:
			i++
		case out[i] == '"':
			quoted = !quoted
		case !quoted && out[i] == '$' && i+1 < len(out) && out[i+1] == '{':
			n := strings.IndexByte(source[i:], '}')
			if n < 0 || strings.ContainsAny(source[i:i+n], "\"\\\n") {
				return string(out)
			}
			out[i], out[i+n] = '"', '"'
			i += n
		}
	}
	return string(out)
}

// duplicates reports members that an object has twice. To AWS such a text is not
// JSON. The other findings are about the last of them.
func (c *checker) duplicates() {
	for at := range c.rows {
		if c.full() {
			return
		}
		if n := (node{c.tree, int32(at)}); n.mayRepeat() {
			c.duplicateMembers(n)
		}
	}
}

// mayRepeat reports whether two members may have the same name, because some have
// the same hash.
func (n node) mayRepeat() bool {
	r := n.row()
	return r.kind == objectKind && int(r.count) > bits.OnesCount64(uint64(r.names))
}

// fewMembers bounds the number of members that are compared without a map.
const fewMembers = 48

func (c *checker) duplicateMembers(n node) {
	if n.len() > fewMembers {
		c.duplicatesOfMany(n)
		return
	}
	var seen hashSet
	for member := range n.children() {
		hash := member.row().hash
		if !seen.has(hash) {
			seen.add(hash)
		} else if first := n.first(member.name(), hash); first.at != member.at {
			c.duplicate(member, first)
		}
	}
}

func (c *checker) duplicatesOfMany(n node) {
	first := make(map[string]node, n.len())
	for member := range n.children() {
		if c.full() {
			return
		}
		if earlier, ok := first[member.name()]; ok {
			c.duplicate(member, earlier)
		} else {
			first[member.name()] = member
		}
	}
}

func (c *checker) duplicate(member, earlier node) {
	if c.excerpt == "" {
		c.excerpt = jacksonSource(c.source)
	}
	at := jacksonLocation(c.excerpt, c.ends.position(int(member.row().nameEnd)))
	x := c.report(member, codeJSON, "Duplicate field '"+member.name()+"'\n at "+at)
	x.Location, x.short = at, "Duplicate field '"+member.name()+"'"
	x.markName = true
	x.relate(earlier, "the first '"+member.name()+"'")
}
