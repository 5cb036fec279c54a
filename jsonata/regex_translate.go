package jsonata

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Patterns are written for ECMAScript and run on RE2. Where both have the same
// notation for different things, the pattern is rewritten; what RE2 has no
// notation for is refused.

const (
	jsSpaces    = `\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`
	jsNotSpaces = `\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}` +
		`\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}`
	anyCharacter = `[\x00-\x{10FFFF}]`
	noCharacter  = `[^\x00-\x{10FFFF}]`
	notLineEnd   = `[^\n\r\x{2028}\x{2029}]`
)

// translator rewrites one pattern.
type translator struct {
	in     string
	at     int
	out    strings.Builder
	reason string // why the pattern is refused
}

// translate returns the pattern for RE2, or why there is none.
func translate(pattern string) (re2, reason string) {
	t := &translator{in: pattern}
	for t.at < len(t.in) && t.reason == "" {
		t.element()
	}
	return t.out.String(), t.reason
}

func (t *translator) element() {
	rest := t.in[t.at:]
	switch rest[0] {
	case '\\':
		t.escape(false)
	case '[':
		t.class()
	case '(':
		t.group(rest)
	case '.':
		t.emit(notLineEnd, 1)
	case '{':
		t.brace(rest)
	case '}', ']':
		t.emit(`\`+rest[:1], 1)
	default:
		t.literal(rest)
	}
}

// emit writes what takes the place of n bytes.
func (t *translator) emit(out string, n int) {
	t.out.WriteString(out)
	t.at += n
}

// literal copies one character, which may be an operator of both notations.
func (t *translator) literal(rest string) {
	r, size := utf8.DecodeRuneInString(rest)
	if r == utf8.RuneError && size == 1 {
		t.reason = "half of a surrogate pair"
		return
	}
	t.emit(rest[:size], size)
}

// group copies the beginning of a group.
func (t *translator) group(rest string) {
	switch {
	case strings.HasPrefix(rest, "(?:"):
		t.emit("(?:", 3)
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"):
		t.reason = "look-ahead"
	case strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		t.reason = "look-behind"
	case strings.HasPrefix(rest, "(?<"):
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			t.reason = "invalid group name"
			return
		}
		t.emit("(", end+1)
	case strings.HasPrefix(rest, "(?"):
		t.reason = "invalid group"
	default:
		t.emit("(", 1)
	}
}

// brace copies a quantifier; any other brace is itself.
func (t *translator) brace(rest string) {
	end := digits(rest, 1)
	if end > 1 && end < len(rest) && rest[end] == ',' {
		end = digits(rest, end+1)
	}
	if end > 1 && end < len(rest) && rest[end] == '}' {
		t.emit(rest[:end+1], end+1)
		return
	}
	t.emit(`\{`, 1)
}

// class rewrites [...].
func (t *translator) class() {
	rest := t.in[t.at:]
	switch {
	case strings.HasPrefix(rest, "[]"):
		t.emit(noCharacter, 2)
		return
	case strings.HasPrefix(rest, "[^]"):
		t.emit(anyCharacter, 3)
		return
	case strings.HasPrefix(rest, "[^"):
		t.emit("[^", 2)
	default:
		t.emit("[", 1)
	}
	for t.at < len(t.in) && t.reason == "" {
		switch rest := t.in[t.at:]; rest[0] {
		case ']':
			t.emit("]", 1)
			return
		case '\\':
			t.escape(true)
		case '[', '&', '~', '^':
			t.emit(`\`+rest[:1], 1)
		case '-':
			t.dash(rest)
		default:
			t.literal(rest)
		}
	}
	if t.reason == "" {
		t.reason = "unterminated character class"
	}
}

// dash copies a dash: a range if there is a character on both sides of it.
func (t *translator) dash(rest string) {
	before := t.in[t.at-1]
	classBefore := t.at >= 2 && t.in[t.at-2] == '\\' && strings.IndexByte("dDwWsS", before) >= 0
	classAfter := len(rest) > 2 && rest[1] == '\\' && strings.IndexByte("dDwWsS", rest[2]) >= 0
	if before == '[' || len(rest) > 1 && rest[1] == ']' || classBefore || classAfter {
		t.emit(`\-`, 1)
		return
	}
	t.emit("-", 1)
}

// escape rewrites what begins with a backslash.
func (t *translator) escape(inClass bool) {
	rest := t.in[t.at+1:]
	if rest == "" {
		t.reason = "trailing backslash"
		return
	}
	switch c := rest[0]; c {
	case 'd', 'D', 'w', 'W', 'f', 'n', 'r', 't', 'v':
		t.emit(`\`+rest[:1], 2)
	case 's', 'S':
		t.space(c, inClass)
	case 'b', 'B':
		t.boundary(c, inClass)
	case 'x':
		t.hex(rest, 2)
	case 'u':
		t.hex(rest, 4)
	case 'c':
		t.control(rest)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		t.number(rest, inClass)
	case 'k':
		t.reason = "back-reference"
	default:
		t.identity(rest)
	}
}

func (t *translator) space(c byte, inClass bool) {
	set := jsSpaces
	if c == 'S' {
		set = jsNotSpaces
	}
	if !inClass {
		set = "[" + set + "]"
	}
	t.emit(set, 2)
}

func (t *translator) boundary(c byte, inClass bool) {
	switch {
	case !inClass:
		t.emit(`\`+string(c), 2)
	case c == 'b':
		t.emit(`\x08`, 2)
	default:
		t.emit("B", 2)
	}
}

// hex rewrites \xHH and \uHHHH. Two halves of a pair are one character.
func (t *translator) hex(rest string, n int) {
	code, ok := hexCode(rest, n)
	if !ok {
		t.identity(rest)
		return
	}
	size := 2 + n
	if code >= 0xD800 && code < 0xE000 {
		low, ok := uint64(0), false
		if strings.HasPrefix(rest[1+n:], `\u`) {
			low, ok = hexCode(rest[2+n:], 4)
		}
		if !ok || code >= 0xDC00 || low < 0xDC00 || low >= 0xE000 {
			t.reason = "half of a surrogate pair"
			return
		}
		code = (code-0xD800)<<10 + (low - 0xDC00) + 0x10000
		size += 6
	}
	t.emit(`\x{`+strconv.FormatUint(code, 16)+`}`, size)
}

func hexCode(rest string, n int) (uint64, bool) {
	if len(rest) < 1+n {
		return 0, false
	}
	code, err := strconv.ParseUint(rest[1:1+n], 16, 32)
	return code, err == nil
}

func (t *translator) control(rest string) {
	if len(rest) < 2 || rest[1]|0x20 < 'a' || rest[1]|0x20 > 'z' {
		t.emit(`\\`, 1)
		return
	}
	t.emit(`\x{`+strconv.FormatUint(uint64(rest[1]&31), 16)+`}`, 3)
}

func (t *translator) number(rest string, inClass bool) {
	if rest[0] == '0' && digits(rest, 1) == 1 {
		t.emit(`\x00`, 2)
		return
	}
	t.reason = "back-reference"
	if inClass || rest[0] == '0' {
		t.reason = "octal escape"
	}
}

// identity copies an escaped character that stands for itself.
func (t *translator) identity(rest string) {
	t.at++
	if c := rest[0]; c < utf8.RuneSelf && !isWordByte(c) {
		t.emit(`\`+rest[:1], 1)
		return
	}
	t.literal(rest)
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c < 0x21
}
