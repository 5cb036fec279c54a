package jsonpath

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/statemill/statemill/internal/linear"
)

// patternParts splits /expression/flags; ok is false for text that is no
// pattern.
func patternParts(text string) (expression, flags string, ok bool) {
	end := strings.LastIndexByte(text, '/')
	if end < 1 || text[0] != '/' {
		return "", "", false
	}
	flags = text[end+1:]
	return text[1:end], flags, flags == "" || flags == "i"
}

// compilePattern makes a Go expression, which matches a whole text, from one
// in the syntax of java.util.regex. Most of that syntax Go shares; some means
// something else in Go and is rewritten, the rest is refused. The reason says
// whose fault an error is, as in [SyntaxError].
func compilePattern(expression, flags string, budget *int) (pattern *regexp.Regexp, reason, err error) {
	t := translation{java: expression}
	if err := t.run(); err != nil {
		return nil, ErrPattern, err
	}
	prefix := `\A(?:`
	if flags == "i" {
		prefix = `\A(?i:`
	}
	re, err := linear.Compile(prefix+t.out.String()+`)\z`, budget)
	switch {
	case errors.Is(err, linear.ErrBudget):
		return nil, ErrLimit, err
	case isWrongPattern(err):
		return nil, nil, err
	case err != nil:
		return nil, ErrPattern, fmt.Errorf("not supported: %w", err)
	}
	return re.Regexp, nil, nil
}

// isWrongPattern reports whether a pattern is wrong in Java, too.
func isWrongPattern(err error) bool {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case syntax.ErrMissingBracket, syntax.ErrMissingParen, syntax.ErrUnexpectedParen,
		syntax.ErrMissingRepeatArgument, syntax.ErrTrailingBackslash:
		return true
	}
	return false
}

// translation rewrites an expression from Java's syntax to Go's.
type translation struct {
	java    string
	pos     int
	out     strings.Builder
	inClass bool
}

func (t *translation) run() error {
	for t.pos < len(t.java) {
		if err := t.next(); err != nil {
			return err
		}
	}
	return nil
}

func (t *translation) next() error {
	c := t.java[t.pos]
	t.pos++
	switch {
	case c == '\\':
		return t.escape()
	case c == '[' && t.inClass:
		return fmt.Errorf("a class inside a class is not supported")
	case c == '[':
		t.openClass()
		return nil
	case c == ']':
		t.inClass = false
	case c == '.' && !t.inClass:
		t.out.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`) // all that ends a line in Java
		return nil
	case c == '(' && strings.HasPrefix(t.java[t.pos:], "?"):
		return t.group()
	}
	t.out.WriteByte(c)
	return nil
}

// openClass copies the start of a class, in which a bracket may stand for
// itself only after a backslash.
func (t *translation) openClass() {
	t.inClass = true
	t.out.WriteByte('[')
	if strings.HasPrefix(t.java[t.pos:], "^") {
		t.pos++
		t.out.WriteByte('^')
	}
}

// group refuses flags that Go has not or understands in another way.
func (t *translation) group() error {
	end := t.pos + 1
	for end < len(t.java) && strings.IndexByte("imsxudU-", t.java[end]) >= 0 {
		end++
	}
	if i := strings.IndexAny(t.java[t.pos:end], "xudU"); i >= 0 {
		return fmt.Errorf("flag %c is not supported", t.java[t.pos+i])
	}
	t.out.WriteByte('(')
	return nil
}

// spaceClass holds the characters that \s matches in Java.
const spaceClass = `\t\n\x0B\f\r `

func (t *translation) escape() error {
	if t.pos == len(t.java) {
		return fmt.Errorf("it ends with a backslash")
	}
	c := t.java[t.pos]
	t.pos++
	switch {
	case c == 's' && t.inClass:
		t.out.WriteString(spaceClass)
	case c == 's':
		t.out.WriteString("[" + spaceClass + "]")
	case c == 'S' && !t.inClass:
		t.out.WriteString("[^" + spaceClass + "]")
	case c == 'u' && len(t.java) >= t.pos+4:
		t.out.WriteString(`\x{` + t.java[t.pos:t.pos+4] + `}`)
		t.pos += 4
	case c == 'Q':
		quoted, rest, _ := strings.Cut(t.java[t.pos:], `\E`)
		t.out.WriteString(regexp.QuoteMeta(quoted))
		t.pos = len(t.java) - len(rest)
	case c == 'C' || c == 'v' || c >= '1' && c <= '9': // another meaning in Go
		return fmt.Errorf(`\%c is not supported`, c)
	default:
		t.out.WriteByte('\\')
		t.out.WriteByte(c)
	}
	return nil
}
