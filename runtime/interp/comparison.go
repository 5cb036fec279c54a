package interp

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/statemill/statemill/jsonvalue"
)

// comparator tells whether a value stands to an operand as an operator says. A
// value of another type is no error: the comparison is false.
type comparator func(v, operand jsonvalue.Value) bool

// orders are the endings of the operators that compare. Each has a test of the order
// of value and operand: of NumericLessThanEquals, that the order is not above 0.
var orders = map[string]func(order int) bool{
	"Equals":            func(c int) bool { return c == 0 },
	"LessThan":          func(c int) bool { return c < 0 },
	"GreaterThan":       func(c int) bool { return c > 0 },
	"LessThanEquals":    func(c int) bool { return c <= 0 },
	"GreaterThanEquals": func(c int) bool { return c >= 0 },
}

var typeTests = map[string]func(jsonvalue.Value) bool{
	"IsNull":      jsonvalue.Value.IsNull,
	"IsNumeric":   func(v jsonvalue.Value) bool { return v.Kind() == jsonvalue.KindNumber },
	"IsString":    func(v jsonvalue.Value) bool { return v.Kind() == jsonvalue.KindString },
	"IsBoolean":   func(v jsonvalue.Value) bool { return v.Kind() == jsonvalue.KindBool },
	"IsTimestamp": func(v jsonvalue.Value) bool { _, ok := timestampOf(v); return ok },
}

// comparators are those of all operators without the suffix Path.
var comparators = func() map[string]comparator {
	made := map[string]comparator{"BooleanEquals": equalBooleans}
	for operator, has := range typeTests {
		made[operator] = func(v, wanted jsonvalue.Value) bool {
			want, _ := wanted.AsBool()
			return has(v) == want
		}
	}
	for ending, want := range orders {
		made["String"+ending] = ordered(compareStrings, want)
		made["Numeric"+ending] = ordered(compareNumbers, want)
		made["Timestamp"+ending] = ordered(compareTimestamps, want)
	}
	return made
}()

// ordered makes a comparator: it is true if the two values can be compared, and want
// accepts their order.
func ordered(compare func(v, w jsonvalue.Value) (int, bool), want func(int) bool) comparator {
	return func(v, w jsonvalue.Value) bool {
		c, ok := compare(v, w)
		return ok && want(c)
	}
}

func equalBooleans(v, w jsonvalue.Value) bool {
	a, ok := v.AsBool()
	b, ok2 := w.AsBool()
	return ok && ok2 && a == b
}

// compareNumbers compares as doubles: numbers beyond them are infinite, and equal
// (unsure). Only v must be a number.
func compareNumbers(v, w jsonvalue.Value) (int, bool) {
	if a, ok := v.AsInt64(); ok {
		if b, ok := w.AsInt64(); ok {
			return cmp.Compare(a, b), true
		}
	}
	a, ok := v.AsFloat64()
	return cmp.Compare(a, asDouble(w)), ok
}

// asDouble takes any value for a number, as Jackson's method of that name does:
// true is 1, a text is the number that it says (unsure), everything else 0
// (recorded).
func asDouble(v jsonvalue.Value) float64 {
	if f, ok := v.AsFloat64(); ok {
		return f
	}
	if b, _ := v.AsBool(); b {
		return 1
	}
	text, _ := v.AsString()
	number, err := jsonvalue.Number(json.Number(strings.TrimSpace(text)))
	if err != nil {
		return 0
	}
	f, _ := number.AsFloat64()
	return f
}

// compareStrings orders strings by their UTF-16 code units, as Java does. That
// differs from the order of their bytes only where both have a character
// beyond U+D7FF.
func compareStrings(v, w jsonvalue.Value) (int, bool) {
	a, ok := v.AsString()
	b, ok2 := w.AsString()
	if !ok || !ok2 {
		return 0, false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i < len(a) && i < len(b) && a[i] >= 0xED && b[i] >= 0xED {
		return cmp.Compare(codeUnit(a[i:]), codeUnit(b[i:])), true
	}
	return strings.Compare(a, b), true
}

// codeUnit returns the first UTF-16 code unit of a string that begins with a
// character of at least three bytes.
func codeUnit(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	if high, _ := utf16.EncodeRune(r); r > 0xFFFF {
		return high
	}
	return r
}

func compareTimestamps(v, w jsonvalue.Value) (int, bool) {
	a, ok := timestampOf(v)
	b, ok2 := timestampOf(w)
	return a.Compare(b), ok && ok2
}

// pattern is a compiled operand of StringMatches: the texts between its stars.
type pattern []string

// compilePattern reads "*" as any text and the escapes \* and \\; ok is false
// for any other use of the backslash.
func compilePattern(text string) (p pattern, ok bool) {
	var part strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*':
			p = append(p, part.String())
			part.Reset()
		case c == '\\' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
			part.WriteByte(text[i])
		case c == '\\':
			return nil, false
		default:
			part.WriteByte(c)
		}
	}
	return append(p, part.String()), true
}

// matches tells whether the whole of s matches. Between the first part and the
// last each part may be taken where it occurs first, so one pass suffices.
func (p pattern) matches(s string) bool {
	if len(p) == 1 {
		return s == p[0]
	}
	first, last := p[0], p[len(p)-1]
	if !strings.HasPrefix(s, first) || len(s) < len(first)+len(last) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range p[1 : len(p)-1] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return true
}

// matchRule is StringMatches.
type matchRule struct {
	variable path
	pattern  pattern
	text     string // of a pattern that cannot be read: it fails when it is used
}

func (c *matchRule) holds(s *scope) (bool, *failure) {
	v, err := c.variable.get(s)
	if err != nil {
		return false, s.turn.invalidReference(&c.variable)
	}
	if c.pattern == nil {
		return false, s.turn.runtimeError("The StringMatches pattern has an invalid escape: %s", c.text)
	}
	text, ok := v.AsString()
	return ok && c.pattern.matches(text), nil
}

// comparison is Variable with an operator whose operand is a literal.
type comparison struct {
	variable path
	operand  jsonvalue.Value
	compare  func(v, operand jsonvalue.Value) bool
}

func (c *comparison) holds(s *scope) (bool, *failure) {
	v, err := c.variable.get(s)
	if err != nil {
		return false, s.turn.invalidReference(&c.variable)
	}
	return c.compare(v, c.operand), nil
}

// timestampComparison is Variable with an operator on timestamps and a literal.
type timestampComparison struct {
	variable path
	operand  time.Time
	want     func(order int) bool
}

func (c *timestampComparison) holds(s *scope) (bool, *failure) {
	v, err := c.variable.get(s)
	if err != nil {
		return false, s.turn.invalidReference(&c.variable)
	}
	at, ok := timestampOf(v)
	return ok && c.want(at.Compare(c.operand)), nil
}

// pathComparison is Variable with an operator whose operand is a path.
type pathComparison struct {
	variable, operand path
	compare           func(v, operand jsonvalue.Value) bool
}

func (c *pathComparison) holds(s *scope) (bool, *failure) {
	v, err := c.variable.get(s)
	if err != nil {
		return false, s.turn.invalidReference(&c.variable)
	}
	operand, err := c.operand.get(s)
	if err != nil {
		return false, s.turn.invalidReference(&c.operand)
	}
	return c.compare(v, operand), nil
}

func (t *turn) invalidReference(p *path) *failure {
	return t.runtimeError("Invalid path '%s': The choice state's condition path references an invalid value.", p)
}

// presence is IsPresent, the only operator that a missing value does not fail.
type presence struct {
	variable path
	wanted   bool
}

func (c presence) holds(s *scope) (bool, *failure) {
	_, err := c.variable.get(s)
	return (err == nil) == c.wanted, nil
}
