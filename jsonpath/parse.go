package jsonpath

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/statemill/statemill/jsonvalue"
)

// dialect says how the text between a dot and what ends it becomes names.
// Paths that are read from are Jayway's, paths that may be written to have
// escapes and less syntax.
type dialect struct {
	member    func(p *parser, start, end int) (step, error)
	unescape  bool // a backslash takes the next character out of the syntax
	noFilters bool // inside a filter
	onlyHops  bool // each step leads to a single member or element
}

// parser reads the steps of a path.
type parser struct {
	dialect
	written string // the whole path
	offset  int    // where text starts in it
	text    string
	pos     int
	steps   []step
	budget  *int // of patterns
}

// parse splits off the root and reads the steps.
func (c Config) parse(text string, d dialect) (*Path, error) {
	if c.Budget == nil {
		own := DefaultBudget
		c.Budget = &own
	}
	trimmed := strings.TrimLeftFunc(text, isJavaBlank)
	offset := len(text) - len(trimmed)
	trimmed = strings.TrimRightFunc(trimmed, isJavaBlank)
	p := &parser{dialect: d, written: text, offset: offset, text: trimmed, budget: c.Budget}
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	if err := p.all(); err != nil {
		return nil, err
	}
	return newPath(text, root, p.steps), nil
}

// isJavaBlank reports whether Java's String.trim removes a character.
func isJavaBlank(r rune) bool { return r <= ' ' }

func (p *parser) fail(pos int, message string) error {
	return &SyntaxError{Path: p.written, Offset: max(0, p.offset+pos), Message: message}
}

// because fails for a reason that the path is not to blame for.
func (p *parser) because(reason error, pos int, message string) error {
	return &SyntaxError{Path: p.written, Offset: max(0, p.offset+pos), Message: message, Err: reason}
}

// root reads "$", "$$" or "$name" and leaves the steps. Text without a root,
// such as a.b, starts at "$"; so does "@", the root inside a filter.
func (p *parser) root() (string, error) {
	if p.text == "" {
		return "", p.fail(0, "A path can not be empty")
	}
	if strings.HasSuffix(p.text, "..") {
		return "", p.fail(len(p.text)-len(".."), scanAtEnd)
	}
	if p.text[0] != '$' && p.text[0] != '@' {
		p.text = "$." + p.text // so .a becomes a deep scan
		p.offset -= len("$.")
	}
	p.pos = len(p.text)
	if i := strings.IndexAny(p.text[1:], ".["); i >= 0 {
		p.pos = 1 + i
	}
	root := p.text[:p.pos]
	switch {
	case len(root) == 1:
		return "$", nil
	case root[0] == '$' && !p.noFilters && (root == "$$" || isVariable(root[1:])):
		return root, nil
	}
	return "", p.fail(1, "Invalid path $"+p.text[1:])
}

// isVariable reports whether Step Functions allows the name for a variable: up
// to 80 characters, an identifier after UAX #31.
func isVariable(name string) bool {
	for i, r := range name {
		switch {
		case unicode.IsLetter(r), unicode.Is(unicode.Nl, r), unicode.Is(unicode.Other_ID_Start, r):
		case i > 0 && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue):
		default:
			return false
		}
	}
	return name != "" && utf8.RuneCountInString(name) <= 80
}

// all reads the steps up to the end of the text.
func (p *parser) all() error {
	for p.pos < len(p.text) {
		start := p.pos
		s, err := p.step()
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		if p.onlyHops && asHop(s).kind == noHop {
			return p.fail(start, "Value is not a Reference Path: "+s.text()+" does not lead to a single member or element")
		}
		if len(p.steps) == maxSteps {
			return p.because(ErrLimit, start, "A path can not have more than 1,000 steps")
		}
		p.steps = append(p.steps, s)
	}
	if n := len(p.steps); n > 0 && p.steps[n-1] == (scanStep{}) {
		return p.fail(len(p.text), scanAtEnd)
	}
	return nil
}

const scanAtEnd = "A path can not end with a scan."

// step reads one step, or a dot that means nothing: then the step is nil.
func (p *parser) step() (step, error) {
	switch p.text[p.pos] {
	case ' ':
		return nil, p.fail(p.pos, "Space not allowed in path")
	case '$':
		p.pos++
		return rootStep{}, nil
	case '*':
		p.pos++
		return wildcardStep{}, nil
	case '[':
		return p.bracket()
	case '.':
		return p.dot()
	}
	return p.name()
}

func (p *parser) dot() (step, error) {
	p.pos++
	rest := p.text[p.pos:]
	switch {
	case rest == "":
		return nil, p.fail(p.pos, "A path can not end with a dot")
	case rest[0] == '.':
		p.pos++
		return scanStep{}, nil
	case rest[0] == '[', rest[0] == ' ':
		return nil, nil
	case p.nameEnd() == p.pos+1 && rest[0] == '*':
		p.pos++
		return wildcardStep{}, nil
	}
	return p.name()
}

// name reads a member that is written without brackets.
func (p *parser) name() (step, error) {
	start := p.pos
	p.pos = p.nameEnd()
	return p.member(p, start, p.pos)
}

func (p *parser) nameEnd() int {
	for i := p.pos; i < len(p.text); i++ {
		switch p.text[i] {
		case '.', '[', ' ':
			return i
		case '\\':
			if p.unescape {
				i++
			}
		}
	}
	return len(p.text)
}

// jaywayDialect reads paths as Jayway does.
var jaywayDialect = dialect{member: jaywayMember}

// jaywayMember reads .name as if it were ['name'], which shows where a name
// holds a quote or a closing bracket.
func jaywayMember(p *parser, start, end int) (step, error) {
	text := p.text[start:end]
	if !strings.ContainsAny(text, "']") {
		return nameStep(asName(text)), nil
	}
	names, _ := quotedNames("'" + text + "']")
	return namesOrName(names), nil
}

// bracket reads a step in brackets. The closing bracket is found by counting,
// quotes play no part in it; without one the step reaches to the end.
func (p *parser) bracket() (step, error) {
	start := p.pos
	depth := 0
	for p.pos++; p.pos < len(p.text); p.pos++ {
		if c := p.text[p.pos]; c == '[' {
			depth++
		} else if c == ']' {
			if depth--; depth < 0 {
				p.pos++
				break
			}
		}
	}
	return p.component(start, p.text[start:p.pos])
}

// component tells by its first significant character what a step in brackets
// is; what stands in front of that character is of no importance.
func (p *parser) component(start int, text string) (step, error) {
	if text == "[*]" {
		return wildcardStep{}, nil
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '?':
			return p.filter(start, text, i)
		case c == '\'':
			names, ok := quotedNames(text[i:])
			if !ok {
				return nil, p.fail(start, "The bracket is not closed: "+text)
			}
			return namesOrName(names), nil
		case c >= '0' && c <= '9', c == ':', c == '-', c == '@':
			return p.arrayStep(start+i, text[i:])
		}
	}
	return nil, p.fail(start, "Could not analyze path component: "+text)
}

// quotedNames reads what stands between quotes, up to the first closing
// bracket, even if that is inside quotes. There are no escapes.
func quotedNames(text string) (names []string, closed bool) {
	open := -1
	for i := range len(text) {
		switch text[i] {
		case ']':
			return names, true
		case '\'':
			if open < 0 {
				open = i + 1
			} else {
				names = append(names, text[open:i])
				open = -1
			}
		}
	}
	return nil, false
}

func namesOrName(names []string) step {
	for i := range names {
		names[i] = asName(names[i])
	}
	if len(names) == 1 {
		return nameStep(names[0])
	}
	return namesStep(names)
}

// asName returns text as objects hold it: bytes that are no UTF-8 are U+FFFD.
func asName(text string) string {
	if !utf8.ValidString(text) {
		text, _ = jsonvalue.String(text).AsString()
	}
	return text
}
