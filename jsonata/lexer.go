package jsonata

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind tells what a token is to the parser.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOperator
	tokenName
	tokenVariable
	tokenString
	tokenNumber
	tokenValue // true, false, null
	tokenRegex
)

// token is one word of an expression.
type token struct {
	kind  tokenKind
	text  string  // an operator, a name, the content of a string, the source of a number or regex
	num   float64 // the number
	flags string  // of a regex
	start int     // its first byte
	pos   int     // just after the token, in UTF-16 units
}

// json returns the token as messages show it.
func (t token) json() string {
	switch t.kind {
	case tokenNumber:
		return formatFloat(t.num)
	case tokenValue:
		return t.text
	case tokenRegex:
		return "{}"
	case tokenEnd:
		return quote("(end)")
	}
	return quote(t.text)
}

// about names a token in a fault.
func (f *fault) aboutToken(t token) *fault {
	f.token = t.text
	if t.kind == tokenEnd {
		f.token = "(end)"
	}
	return f.with("token", t.json(), f.token)
}

// lexer cuts an expression into tokens, one at a time: whether a slash begins a
// regular expression or divides depends on what the parser expects.
type lexer struct {
	text  string
	at    int // the next byte
	start int // the first byte of the token

	// The UTF-16 offset of one byte, from which later offsets are counted.
	knownByte, knownUnit int
}

const (
	whitespace   = " \t\n\r\v"
	operators    = ".[]{}(),@#;:?+-*/%|=<>^&!~"
	nameBoundary = whitespace + operators
)

var twoCharOperators = [...]string{"..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"}

// unit returns the UTF-16 offset of a byte.
func (l *lexer) unit(at int) int {
	at = min(at, len(l.text))
	if at < l.knownByte {
		l.knownByte, l.knownUnit = 0, 0
	}
	l.knownUnit += utf16Len(l.text[l.knownByte:at])
	l.knownByte = at
	return l.knownUnit
}

// fail returns a fault at a byte.
func (l *lexer) fail(code string, at int) *fault { return fail(code, l.unit(at)) }

// next returns the next token. Where an operand is expected, a slash begins a
// regular expression.
func (l *lexer) next(operand, defaults bool) (token, error) {
	if err := l.skipSpace(); err != nil {
		return token{}, err
	}
	l.start = l.at
	if l.at >= len(l.text) {
		return l.token(tokenEnd, ""), nil
	}
	rest := l.text[l.at:]
	c := rest[0]
	switch {
	case c == '/' && operand:
		return l.regex()
	case strings.IndexByte(operators, c) >= 0:
		return l.operator(rest, defaults), nil
	case c == '"' || c == '\'':
		return l.string(c)
	case c == '`':
		return l.quotedName()
	case c >= '0' && c <= '9':
		return l.number(rest)
	}
	return l.name(rest), nil
}

// token returns a token that ends where the lexer stands.
func (l *lexer) token(kind tokenKind, text string) token {
	return token{kind: kind, text: text, start: l.start, pos: l.unit(l.at)}
}

func (l *lexer) skipSpace() error {
	for l.at < len(l.text) {
		switch rest := l.text[l.at:]; {
		case strings.IndexByte(whitespace, rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return l.fail("S0106", l.at)
			}
			l.at += end + 4
		default:
			return nil
		}
	}
	return nil
}

// operator reads an operator; ?: and ?? are two operators where the dialect
// has no defaults.
func (l *lexer) operator(rest string, defaults bool) token {
	size := 1
	for _, two := range twoCharOperators {
		if strings.HasPrefix(rest, two) && (defaults || two[0] != '?') {
			size = 2
		}
	}
	l.at += size
	return l.token(tokenOperator, rest[:size])
}

func (l *lexer) name(rest string) token {
	end := strings.IndexAny(rest, nameBoundary)
	if end < 0 {
		end = len(rest)
	}
	l.at += end
	text := rest[:end]
	switch {
	case text[0] == '$':
		return l.token(tokenVariable, text[1:])
	case text == "and" || text == "or" || text == "in":
		return l.token(tokenOperator, text)
	case text == "true" || text == "false" || text == "null":
		return l.token(tokenValue, text)
	}
	return l.token(tokenName, text)
}

func (l *lexer) quotedName() (token, error) {
	text, _, found := strings.Cut(l.text[l.at+1:], "`")
	if !found {
		return token{}, l.fail("S0105", len(l.text))
	}
	l.at += len(text) + 2
	return l.token(tokenName, text), nil
}

// number reads a number; a sign is not part of it.
func (l *lexer) number(rest string) (token, error) {
	end := 1
	if rest[0] != '0' {
		end = digits(rest, 1)
	}
	if frac := digits(rest, end+1); end < len(rest) && rest[end] == '.' && frac > end+1 {
		end = frac
	}
	if end < len(rest) && (rest[end] == 'e' || rest[end] == 'E') {
		exp := end + 1
		if exp < len(rest) && (rest[exp] == '+' || rest[exp] == '-') {
			exp++
		}
		if last := digits(rest, exp); last > exp {
			end = last
		}
	}
	num, _ := strconv.ParseFloat(rest[:end], 64)
	if math.IsInf(num, 0) {
		return token{}, l.fail("S0102", l.at).about(rest[:end])
	}
	l.at += end
	t := l.token(tokenNumber, rest[:end])
	t.num = num
	return t, nil
}

// digits returns where the run of digits that begins at from ends.
func digits(s string, from int) int {
	for from < len(s) && s[from] >= '0' && s[from] <= '9' {
		from++
	}
	return from
}

// string reads a string literal in either kind of quotes.
func (l *lexer) string(quote byte) (token, error) {
	var b textBuilder
	for at := l.at + 1; at < len(l.text); {
		switch c := l.text[at]; c {
		case quote:
			l.at = at + 1
			return l.token(tokenString, b.String()), nil
		case '\\':
			size, err := l.escape(&b, at+1)
			if err != nil {
				return token{}, err
			}
			at += 1 + size
		default:
			end := at + 1
			for end < len(l.text) && l.text[end] != quote && l.text[end] != '\\' {
				end++
			}
			b.WriteString(l.text[at:end])
			at = end
		}
	}
	return token{}, l.fail("S0101", len(l.text))
}

// escape reads what follows a backslash and returns its size.
func (l *lexer) escape(b *textBuilder, at int) (int, error) {
	if at >= len(l.text) {
		return 0, l.fail("S0103", at).about("")
	}
	const names, bytes = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := l.text[at]
	if i := strings.IndexByte(names, c); i >= 0 {
		b.WriteString(bytes[i : i+1])
		return 1, nil
	}
	if c != 'u' {
		_, size := utf8.DecodeRuneInString(l.text[at:])
		return 0, l.fail("S0103", at).about(l.text[at : at+size])
	}
	hex := l.text[at+1 : min(at+5, len(l.text))]
	unit, err := strconv.ParseUint(hex, 16, 16)
	if err != nil || len(hex) < 4 {
		return 0, l.fail("S0104", at)
	}
	b.writeUnit(uint16(unit))
	return 5, nil
}

// regex reads /pattern/flags. A slash inside brackets does not end it.
func (l *lexer) regex() (token, error) {
	start := l.at + 1
	end, ok := closingSlash(l.text, start)
	if !ok {
		return token{}, l.fail("S0302", len(l.text))
	}
	if end == start {
		return token{}, l.fail("S0301", end)
	}
	l.at = end + 1
	for l.at < len(l.text) && (l.text[l.at] == 'i' || l.text[l.at] == 'm') {
		l.at++
	}
	t := l.token(tokenRegex, l.text[start:end])
	t.flags = l.text[end+1 : l.at]
	return t, nil
}

// closingSlash finds the slash that ends a pattern: not escaped, and outside
// all brackets.
func closingSlash(text string, at int) (int, bool) {
	depth := 0
	for ; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '/':
			if depth == 0 {
				return at, true
			}
		}
	}
	return 0, false
}
