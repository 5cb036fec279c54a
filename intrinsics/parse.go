package intrinsics

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/internal/jsontext"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

const (
	maxNesting   = 10    // calls around a call
	maxArguments = 1_000 // of a call and all calls in it
)

// parser reads the text of a call.
type parser struct {
	text      string
	pos       int
	nesting   int
	arguments int
	paths     jsonpath.Config
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &SyntaxError{Call: p.text, Offset: pos, Message: fmt.Sprintf(format, args...)}
}

// found names what stands at the position.
func (p *parser) found() string {
	if p.pos == len(p.text) {
		return "the end"
	}
	return fmt.Sprintf("%q", []rune(p.text[p.pos:])[0])
}

// skip reports whether c is next, and takes it.
func (p *parser) skip(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) blanks() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) whole() (*call, error) {
	c, err := p.call()
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.pos < len(p.text) {
		return nil, p.fail(p.pos, "Expected the end after the call, but found %s", p.found())
	}
	return c, nil
}

// call reads States.Name(argument, ...).
func (p *parser) call() (*call, error) {
	start := p.pos
	for p.pos < len(p.text) && isNameByte(p.text[p.pos]) {
		p.pos++
	}
	name := p.text[start:p.pos]
	f := functionNamed(name)
	if f == nil {
		return nil, p.fail(start, "Expected the name of an intrinsic function, such as States.Format, but found %q", name)
	}
	if p.blanks(); !p.skip('(') {
		return nil, p.fail(p.pos, "Expected '(' after %s, but found %s", name, p.found())
	}
	if p.nesting > maxNesting {
		return nil, p.fail(start, "Intrinsic functions can not be nested more than %d deep", maxNesting)
	}
	p.nesting++
	defer func() { p.nesting-- }()
	c := &call{function: f}
	return c, p.callArguments(c)
}

func isNameByte(c byte) bool {
	return c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (p *parser) callArguments(c *call) error {
	if p.blanks(); p.skip(')') {
		return nil
	}
	for {
		if err := p.oneArgument(c); err != nil {
			return err
		}
		p.blanks()
		switch {
		case p.skip(','):
		case p.skip(')'):
			return nil
		default:
			return p.fail(p.pos, "Expected ',' or ')' after the argument, but found %s", p.found())
		}
	}
}

func (p *parser) oneArgument(c *call) error {
	p.blanks()
	start := p.pos
	if p.arguments++; p.arguments > maxArguments {
		return p.fail(start, "A call can not have more than %d arguments", maxArguments)
	}
	a, err := p.argument(c)
	if err != nil {
		return err
	}
	c.args = append(c.args, a)
	return nil
}

func (p *parser) argument(c *call) (a argument, err error) {
	rest := p.text[p.pos:]
	switch {
	case rest == "":
		return a, p.fail(p.pos, "Expected an argument, but found the end")
	case rest[0] == '\'':
		a.literal, err = p.quoted(c.function.name == formatName && len(c.args) == 0)
	case rest[0] == '$':
		a.path, err = p.path()
	case rest[0] == '-', rest[0] >= '0' && rest[0] <= '9':
		a.literal, err = p.number()
	case strings.HasPrefix(rest, "States."):
		a.call, err = p.call()
	default:
		a.literal, err = p.word()
	}
	return a, err
}

// quoted reads a string. In a template the escapes stay: there they tell
// braces from places.
func (p *parser) quoted(isTemplate bool) (jsonvalue.Value, error) {
	start := p.pos
	var text []byte
	for p.pos++; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		switch c {
		case '\'':
			p.pos++
			return jsonvalue.String(string(text)), nil
		case '\\':
			p.pos++
			if p.pos == len(p.text) || !isEscape(p.text[p.pos]) {
				return jsonvalue.Value{}, p.fail(p.pos-1, `A backslash can only precede ', {, } and \`)
			}
			if c = p.text[p.pos]; isTemplate {
				text = append(text, '\\')
			}
		}
		text = append(text, c)
	}
	return jsonvalue.Value{}, p.fail(start, "The string is not closed")
}

func (p *parser) number() (jsonvalue.Value, error) {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte("+-.0123456789eE", p.text[p.pos]) >= 0 {
		p.pos++
	}
	text := p.text[start:p.pos]
	v, err := jsonvalue.Number(json.Number(text))
	if err != nil {
		return v, p.fail(start, "%q is not a number", text)
	}
	if f, ok := jsontext.Double(text); ok {
		return jsonvalue.Float(f)
	}
	return v, nil
}

// word reads true, false or null.
func (p *parser) word() (jsonvalue.Value, error) {
	start := p.pos
	for p.pos < len(p.text) && isNameByte(p.text[p.pos]) {
		p.pos++
	}
	switch p.text[start:p.pos] {
	case "true":
		return jsonvalue.Bool(true), nil
	case "false":
		return jsonvalue.Bool(false), nil
	case "null":
		return jsonvalue.Value{}, nil
	case "":
		return jsonvalue.Value{}, p.fail(start, "Expected an argument, but found %s", p.found())
	}
	return jsonvalue.Value{}, p.fail(start, "Expected an argument, but found %q", p.text[start:p.pos])
}

func (p *parser) path() (*jsonpath.Path, error) {
	start := p.pos
	p.pos = pathEnd(p.text, start)
	path, err := p.paths.Parse(p.text[start:p.pos])
	var syntax *jsonpath.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &SyntaxError{Call: p.text, Offset: start + syntax.Offset, Message: syntax.Message, Err: syntax}
	}
	return path, err
}

// pathEnd returns where a path that is an argument ends: at a comma, a closing
// parenthesis or a blank that is not in brackets, parentheses or quotes.
func pathEnd(text string, pos int) int {
	depth := 0
	quoted := false
	for ; pos < len(text); pos++ {
		switch c := text[pos]; {
		case c == '\'' && depth > 0:
			quoted = !quoted
		case quoted:
		case c == '[', c == '(':
			depth++
		case depth > 0 && (c == ']' || c == ')'):
			depth--
		case depth == 0 && strings.IndexByte(",) \t\r\n", c) >= 0:
			return pos
		}
	}
	return pos
}
