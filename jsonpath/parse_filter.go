package jsonpath

import (
	"slices"
	"strings"
)

// filter reads [?( ... )], or fails. The text is the whole step with its
// brackets; its question mark is at mark.
func (p *parser) filter(start int, text string, mark int) (step, error) {
	if p.noFilters {
		return nil, p.fail(0, "the predicate path: "+p.text+" is not definite")
	}
	open := strings.LastIndexByte(text[:mark], '[')
	end, problem := filterEnd(text[open:])
	if problem != "" {
		return nil, p.fail(start, problem)
	}
	text = text[open : open+end]
	if strings.ReplaceAll(text, " ", "") == "[?]" {
		return brokenFilter, nil
	}
	body, problem := filterBody(text)
	if problem != "" {
		return nil, p.fail(start, problem)
	}
	return p.anyOf(start+open+strings.IndexByte(text, '(')+1, body)
}

// filterEnd returns where the filter that text begins with ends: at the first
// closing bracket outside quotes and parentheses.
func filterEnd(text string) (end int, problem string) {
	quoted := false
	parens, brackets := 0, 0
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '\'' && (i == 0 || text[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c == '(':
			parens++
		case c == ')':
			parens--
		case c == '[':
			brackets++
		case c == ']':
			brackets--
			if parens == 0 && brackets == 0 {
				return i + 1, ""
			} else if parens == 0 {
				return 0, "Filter brackets are not balanced"
			}
		}
	}
	return 0, "The filter is not closed: " + text
}

// filterBody returns what stands in the parentheses.
func filterBody(text string) (body, problem string) {
	inner := strings.TrimFunc(text[1:len(text)-1], isJavaBlank)
	body, ok := strings.CutPrefix(inner, "?")
	if !ok {
		return "", "Filter must start with '[?' and end with ']'. " + inner
	}
	inner = strings.TrimFunc(body, isJavaBlank)
	if len(inner) < 2 || inner[0] != '(' || inner[len(inner)-1] != ')' {
		return "", "Filter must start with '[?(' and end with ')]'. " + inner
	}
	return inner[1 : len(inner)-1], ""
}

// anyOf and allOf split at || and at &&, also inside quotes. The tests are
// evaluated from right to left.
func (p *parser) anyOf(start int, body string) (step, error) {
	var f filterStep
	for _, text := range strings.Split(body, "||") {
		tests, err := p.allOf(start, text)
		if err != nil {
			return nil, err
		}
		f = append(f, tests)
		start += len(text) + len("||")
	}
	slices.Reverse(f)
	return f, nil
}

func (p *parser) allOf(start int, body string) ([]test, error) {
	var tests []test
	for _, text := range strings.Split(body, "&&") {
		t, err := p.test(start, text)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
		start += len(text) + len("&&")
	}
	slices.Reverse(tests)
	return tests, nil
}

// operators are in the order in which they are looked for: the first one that
// occurs anywhere in a test divides it.
var operators = [...]struct {
	sign                 string
	less, equal, greater bool // for which orders of the operands it holds
}{
	{"==", false, true, false},
	{">=", false, true, true},
	{"<=", true, true, false},
	{"!=", true, false, true},
	{"<", true, false, false},
	{">", false, false, true},
	{"=~", false, false, false},
}

// test reads one comparison or one question for existence.
func (p *parser) test(start int, text string) (test, error) {
	piece := withoutParens(text)
	if piece == "" {
		return test{}, p.fail(start, "The filter has an empty condition")
	}
	start += strings.Index(text, piece)
	for _, op := range operators {
		if left, right, ok := strings.Cut(piece, op.sign); ok {
			t := test{kind: compares, less: op.less, equal: op.equal, greater: op.greater}
			if op.sign == "=~" {
				t.kind = matches
			}
			err := p.operands(&t, start, left, right, start+len(left)+len(op.sign))
			return t, err
		}
	}
	return p.existence(start, piece)
}

// withoutParens drops the parentheses around a test. They group nothing.
// Behind a negation, it drops only the closing ones.
func withoutParens(text string) string {
	return strings.TrimRight(strings.TrimLeft(strings.TrimFunc(text, isJavaBlank), "( "), ") ")
}

// existence reads a question for existence. Its path starts at the element, even
// if it is written with "$".
func (p *parser) existence(start int, piece string) (test, error) {
	path, negated := piece, isNegated(piece)
	if negated {
		path = piece[1:]
	}
	if !isPath(path) {
		return test{}, p.fail(start, "The condition is neither a comparison nor a path: "+piece)
	}
	operand, err := p.operand(start+len(piece)-len(path), path)
	operand.fromRoot, operand.exists = false, true
	return test{kind: exists, negated: negated, left: operand}, err
}

// isNegated reports whether text is a negated path, which begins with "@".
func isNegated(text string) bool { return strings.HasPrefix(text, "!@") }

// operands reads both sides of a comparison. A negation in front of it has no
// effect.
func (p *parser) operands(t *test, start int, left, right string, rightStart int) (err error) {
	leftText := left
	if isNegated(left) {
		leftText = left[1:]
	}
	if t.left, err = p.operand(start+len(left)-len(leftText), leftText); err != nil {
		return err
	}
	if isNegated(strings.TrimFunc(right, isJavaBlank)) {
		return p.fail(rightStart, "Invalid negation! Can only be used for existence check e.g [?(!@.foo)]")
	}
	if t.right, err = p.operand(rightStart, right); err != nil {
		return err
	}
	t.plain, t.same = t.isPlain(), t.left.isSame(&t.right)
	return nil
}

func isPath(text string) bool { return text != "" && (text[0] == '@' || text[0] == '$') }

// operand reads one side of a comparison: a path, a pattern or a literal.
func (p *parser) operand(start int, text string) (operand, error) {
	trimmed := strings.TrimFunc(text, isJavaBlank)
	start += strings.Index(text, trimmed)
	if isPath(trimmed) {
		return p.path(start, trimmed)
	}
	if expression, flags, ok := patternParts(trimmed); ok {
		pattern, reason, err := compilePattern(expression, flags, p.budget)
		if err != nil {
			return operand{}, p.because(reason, start, "Pattern "+trimmed+": "+err.Error())
		}
		return operand{pattern: pattern}, nil
	}
	if trimmed == "'" {
		return operand{}, p.fail(start, "The string is not closed")
	}
	if n := len(trimmed); n >= 2 && trimmed[0] == '\'' && trimmed[n-1] == '\'' {
		trimmed = trimmed[1 : n-1]
	}
	return literal(trimmed), nil
}

// path reads a path inside a filter, which must be definite.
func (p *parser) path(start int, text string) (operand, error) {
	inner := &parser{
		dialect: dialect{member: jaywayMember, noFilters: true},
		written: p.written, offset: p.offset + start, text: text, budget: p.budget,
	}
	if _, err := inner.root(); err != nil {
		return operand{}, err
	}
	if err := inner.all(); err != nil {
		return operand{}, err
	}
	path := newPath(p.written, "$", inner.steps)
	if !path.Definite() {
		return operand{}, p.fail(start, "the predicate path: "+text+" is not definite")
	}
	return operand{path: path, fromRoot: text[0] == '$'}, nil
}
