package jsonata

import (
	"errors"
	"slices"

	"github.com/statemill/statemill/internal/linear"
)

// regex is a compiled regular expression. As a value it is a function that
// matches a string; the functions on strings use it directly.
type regex struct {
	source string
	pos    int
	re     linear.Regexp
}

// compileRegex compiles /pattern/flags within the budget.
func compileRegex(t token, budget *int) (*function, error) {
	unsupported := func(reason string) error {
		return fail("S0303", t.pos).text("value", "/"+t.text+"/"+t.flags).text("reason", reason)
	}
	pattern, reason := translate(t.text)
	if reason != "" {
		return nil, unsupported(reason)
	}
	flags := ""
	for _, flag := range []byte("im") {
		if slices.Contains([]byte(t.flags), flag) {
			flags += string(flag)
		}
	}
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	re, err := linear.Compile(pattern, budget)
	switch {
	case errors.Is(err, linear.ErrBudget):
		return nil, errTooLong
	case err != nil:
		return nil, unsupported(err.Error())
	}
	r := &regex{source: t.text, pos: t.pos, re: re}
	return &function{arity: 2, regex: r, native: r.call}, nil
}

// charge counts a search before it is made: each character, and the end, may
// meet each instruction.
func (r *regex) charge(ev *evaluation, s string) error {
	return ev.charge(1 + (len(s)+1)*r.re.Size/4)
}

// matchSteps is the price of a match. A short text is searched with a table of
// bits for each character and instruction, which is cleared for each match.
func (r *regex) matchSteps(s string) int {
	const largest, bitsCleared = 1 << 18, 1 << 13
	return 6 + 4*r.re.NumSubexp() + min(len(s)*r.re.Size, largest)/bitsCleared
}

// match is one match in a string. Places count UTF-16 units.
type match struct {
	text       string
	start, end int
	groups     []value // nothing where a group did not take part
	object     value   // what a matcher that is no regular expression has returned
}

// call matches a string from a place on.
func (r *regex) call(c caller, args []value) (value, error) {
	if len(args) == 0 {
		args = []value{{}}
	}
	s, ok := textFor(args[0])
	if !ok {
		return value{}, nil
	}
	from := 0.0
	if len(args) > 1 {
		from, _ = args[1].float()
	}
	return r.find(c.ev, s, int(max(0, min(from, float64(len(s))))), false)
}

// textFor returns the text that JavaScript matches a value as.
func textFor(v value) (string, bool) {
	switch v.kind() {
	case kindString:
		return v.str()
	case kindNothing:
		return "undefined", true
	case kindNumber:
		x, _ := v.float()
		return formatFloat(x), true
	case kindBool, kindNull:
		return v.json.String(), true
	}
	return "", false
}

// find returns the first match from a place on as an object.
func (r *regex) find(ev *evaluation, s string, from int, again bool) (value, error) {
	if err := ev.chargeRead(4 * len(s)); err != nil {
		return value{}, err
	}
	at := unitOffset(s, from)
	if err := r.charge(ev, s[at:]); err != nil {
		return value{}, err
	}
	found := r.re.FindStringSubmatchIndex(s[at:])
	if found == nil {
		return value{}, nil
	}
	if again && found[0] == found[1] {
		return value{}, r.empty()
	}
	return r.object(ev, s, r.match(s[at:], found, from, 0))
}

// object returns a match as callbacks see it.
func (r *regex) object(ev *evaluation, s string, m match) (value, error) {
	if err := ev.charge(functionSteps + m.groupSteps()); err != nil {
		return value{}, err
	}
	next := &function{native: func(c caller, _ []value) (value, error) {
		if m.end >= utf16Len(s) {
			return value{}, nil
		}
		return r.find(c.ev, s, m.end, true)
	}}
	return ev.finish(&object{members: []member{
		{"match", text(m.text)},
		{"start", integer(int64(m.start))},
		{"end", integer(int64(m.end))},
		{"groups", m.groupList()},
		{"next", closure(next)},
	}, depth: 2})
}

// groupSteps is the price of the groups as an array.
func (m *match) groupSteps() int { return arraySteps + itemSteps*len(m.groups) }

// groupList returns the groups as an array. One that took no part is null.
func (m *match) groupList() value {
	groups := make([]value, len(m.groups))
	for i, group := range m.groups {
		if groups[i] = group; group.isNothing() {
			groups[i] = null
		}
	}
	return arrayValue(&array{items: groups, depth: 1})
}

// empty is the fault of a pattern that matches nothing over and over.
func (r *regex) empty() error { return fail("D1004", r.pos).text("value", r.source) }

// match returns what regexp found. Unit is the place of byte at.
func (r *regex) match(s string, found []int, unit, at int) match {
	start := unit + utf16Len(s[at:found[0]])
	m := match{text: s[found[0]:found[1]], start: start, end: start + utf16Len(s[found[0]:found[1]])}
	if n := len(found)/2 - 1; n > 0 {
		m.groups = make([]value, n)
		for i := range m.groups {
			if from, to := found[2*i+2], found[2*i+3]; from >= 0 {
				m.groups[i] = text(s[from:to])
			}
		}
	}
	return m
}

// each calls yield for up to limit matches, until it returns false. As in the
// reference implementation, the match after the last one must not be empty.
func (r *regex) each(ev *evaluation, s string, limit int, yield func(match) (bool, error)) error {
	if err := r.charge(ev, s); err != nil {
		return err
	}
	price := r.matchSteps(s)
	all := r.re.FindAllStringSubmatchIndex(s, min(limit, ev.limits.Sequence, ev.steps/price)+1)
	if len(all) > ev.limits.Sequence {
		return errMemory
	}
	if err := ev.charge(price * len(all)); err != nil {
		return err
	}
	unit, at := 0, 0
	again := r.re.Nullable // there is an empty match where the last one ends, which regexp leaves out
	for i, found := range all {
		if i > 0 && (found[0] == found[1] || again && found[0] > at) {
			return r.empty()
		}
		again = r.re.Nullable || found[0] == found[1]
		if i == limit {
			return nil
		}
		m := r.match(s, found, unit, at)
		unit, at = m.end, found[1]
		if more, err := yield(m); err != nil || !more {
			return err
		}
	}
	if len(all) > 0 && again && at < len(s) {
		return r.empty()
	}
	return nil
}

// eachMatch calls yield for up to limit matches of any matcher: a regular
// expression, or a function that returns objects like one.
func (c caller) eachMatch(matcher *function, s string, limit int, yield func(match) (bool, error)) error {
	if limit <= 0 {
		return nil
	}
	if matcher.regex != nil {
		return matcher.regex.each(c.ev, s, limit, yield)
	}
	v, err := c.call(matcher, text(s))
	for ; err == nil && limit > 0; limit-- {
		if yes, _ := c.ev.truth(v); !yes {
			return nil
		}
		m, next, ok := matchOf(v)
		if !ok {
			return fail("T1010", 0)
		}
		if more, err := yield(m); err != nil || !more {
			return err
		}
		if next == nil {
			return fail("T1010", 0)
		}
		v, err = c.call(next)
	}
	return err
}

// matchOf reads the object that a matcher returns.
func matchOf(v value) (m match, next *function, ok bool) {
	start, hasStart := v.get("start").float()
	end, hasEnd := v.get("end").float()
	groups := v.get("groups")
	next, hasNext := v.get("next").function()
	if !hasStart && !hasEnd && !groups.isArray() && !hasNext {
		return match{}, nil, false
	}
	m = match{start: int(start), end: int(end), object: v}
	m.text, _ = v.get("match").str()
	if groups.isArray() {
		m.groups = groups.items()
	}
	return m, next, true
}
