package jsonata

import (
	"math"
	"strings"
)

var stringFunctions = []native{
	{name: "string", signature: "<x-b?:s>", arity: 1, call: stringOf},
	{name: "length", signature: "<s-:n>", arity: 1, call: length},
	{name: "substring", signature: "<s-nn?:s>", arity: 3, call: substring},
	{name: "substringBefore", signature: "<s-s:s>", arity: 2, call: substringBefore},
	{name: "substringAfter", signature: "<s-s:s>", arity: 2, call: substringAfter},
	{name: "uppercase", signature: "<s-:s>", arity: 1, call: uppercase},
	{name: "lowercase", signature: "<s-:s>", arity: 1, call: lowercase},
	{name: "trim", signature: "<s-:s>", arity: 1, call: trim},
	{name: "pad", signature: "<s-ns?:s>", arity: 3, call: pad},
	{name: "contains", signature: "<s-(sf):b>", arity: 2, call: contains},
	{name: "split", signature: "<s-(sf)n?:a<s>>", arity: 3, call: split},
	{name: "join", signature: "<a<s>s?:s>", arity: 2, call: join},
	{name: "match", signature: "<s-f<s:o>n?:a<o>>", arity: 3, call: matches},
	{name: "replace", signature: "<s-(sf)(sf)n?:s>", arity: 4, call: replace},
}

// newText returns a string that was made, and counts it.
func (c caller) newText(s string) (value, error) {
	return text(s), c.ev.chargeText(len(s))
}

func stringOf(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	pretty, _ := args[1].json.AsBool()
	if a, ok := args[0].array(); ok && a.outerWrapper {
		args[0] = a.at(0)
	}
	if args[0].kind() == kindString {
		return args[0], nil
	}
	s, err := c.ev.stringify(args[0], pretty)
	return text(s), err
}

func length(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	return integer(int64(runeLen(s))), c.ev.chargeRead(len(s))
}

func substring(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.chargeRead(2 * len(s)); err != nil {
		return value{}, err
	}
	start, hasStart := args[1].float()
	if n, ok := args[2].float(); !hasStart && ok && n == n {
		return text(""), nil
	}
	size := float64(runeLen(s))
	if size+start < 0 {
		start = 0
	}
	end := size
	if n, ok := args[2].float(); ok {
		switch {
		case n <= 0:
			return text(""), nil
		case start >= 0:
			end = start + n
		default:
			end = size + start + n
		}
	}
	from, to := sliceBounds(start, end, int(size))
	if from >= to {
		return text(""), nil
	}
	begin := runeOffset(s, from)
	return c.newText(s[begin : begin+runeOffset(s[begin:], to-from)])
}

// sliceBounds returns the places that JavaScript's slice means.
func sliceBounds(start, end float64, size int) (from, to int) {
	place := func(x float64) int {
		n := truncate(x)
		if n < 0 {
			n += size
		}
		return max(0, min(n, size))
	}
	return place(start), place(end)
}

func substringBefore(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	before, _, _ := strings.Cut(s, textOf(args[1]))
	if err := c.ev.chargeRead(len(s)); err != nil {
		return value{}, err
	}
	return c.newText(before)
}

func substringAfter(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if _, after, found := strings.Cut(s, textOf(args[1])); found {
		if args[1].isNothing() {
			return value{}, missing("substringAfter", 2)
		}
		s = after
	}
	if err := c.ev.chargeRead(len(s)); err != nil {
		return value{}, err
	}
	return c.newText(s)
}

func uppercase(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.chargeCase(s); err != nil {
		return value{}, err
	}
	return c.newText(toUpper(s))
}

// chargeCase counts the changing of cases. A character that is not ASCII is
// looked up in tables.
func (c caller) chargeCase(s string) error {
	if !isASCII(s) {
		return c.ev.charge(len(s))
	}
	return c.ev.chargeRead(2 * len(s))
}

func lowercase(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.chargeCase(s); err != nil {
		return value{}, err
	}
	return c.newText(toLower(s))
}

func trim(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.chargeRead(4 * len(s)); err != nil {
		return value{}, err
	}
	return c.newText(trimmed(s))
}

// trimmed returns s without spaces at its ends, and with one between words.
func trimmed(s string) string {
	const spaces = " \t\n\r"
	s = strings.Trim(s, spaces)
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case strings.IndexByte(spaces, s[i]) < 0:
			out = append(out, s[i])
		case out[len(out)-1] != ' ':
			out = append(out, ' ')
		}
	}
	return string(out)
}

func pad(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	width, _ := args[1].float()
	filler, _ := args[2].str()
	if filler == "" {
		filler = " "
	}
	if err := c.ev.chargeRead(len(s) + 2*len(filler)); err != nil {
		return value{}, err
	}
	if added := math.Abs(width) - float64(runeLen(s)); c.ev.expr.config.Dialect == V2_0 && added > 0 && added != math.Trunc(added) {
		return value{}, uncoded("The width of a padded string must be an integer", nil) // no code in jsonata-js
	}
	missing := truncate(math.Abs(width)) - runeLen(s)
	if missing <= 0 {
		return args[0], nil
	}
	if c.ev.expr.aws() && missing > maxPadding {
		return value{}, errMemory
	}
	bytes := missing / runeLen(filler) * len(filler)
	if err := c.ev.chargeText(bytes + len(s)); err != nil {
		return value{}, err
	}
	padding := cycle(filler, missing)
	if width < 0 {
		return text(concat(padding, s)), nil
	}
	return text(concat(s, padding)), nil
}

// maxPadding is how many characters $pad adds at most in Step Functions.
const maxPadding = 1 << 18

// cycle returns n code points of filler, over and over.
func cycle(filler string, n int) string {
	size := runeLen(filler)
	rest := filler[:runeOffset(filler, n%size)]
	if isLone(filler) {
		var b textBuilder
		for range n / size {
			b.WriteString(filler)
		}
		b.WriteString(rest)
		return b.String()
	}
	return strings.Repeat(filler, n/size) + rest
}

func contains(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if args[1].isNothing() {
		if c.ev.expr.config.Dialect == V2_2 {
			return value{}, nil
		}
		return value{}, missing("contains", 2)
	}
	if matcher, ok := args[1].function(); ok {
		found := false
		err := c.eachMatch(matcher, s, 1, func(match) (bool, error) {
			found = true
			return false, nil
		})
		return boolean(found), err
	}
	token, _ := args[1].str()
	return boolean(strings.Contains(s, token)), c.ev.chargeRead(len(s))
}

func split(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	most, err := limit(args[2], "D3020")
	if err != nil {
		return value{}, err
	}
	if err := c.ev.chargeRead(2 * len(s)); err != nil {
		return value{}, err
	}
	if matcher, ok := args[1].function(); ok {
		return c.splitAtMatches(s, matcher, args[2], most)
	}
	if x, ok := args[2].float(); ok {
		most = min(most, truncate(x))
	}
	separator, ok := args[1].str()
	if !ok && most > 0 {
		return value{}, missing("split", 2)
	}
	if separator == "" {
		return c.splitUnits(s, most)
	}
	most = min(most, c.ev.limits.Sequence+1)
	pieces := strings.SplitN(s, separator, most+1)
	return c.texts(pieces[:min(len(pieces), most)])
}

// texts returns an array of strings.
func (c caller) texts(list []string) (value, error) {
	if err := c.ev.checkLength(len(list)); err != nil {
		return value{}, err
	}
	if err := c.ev.charge(2 * len(list)); err != nil {
		return value{}, err
	}
	items := make([]value, len(list))
	for i, s := range list {
		items[i] = text(s)
	}
	return c.ev.array(items)
}

// splitUnits cuts a string into its UTF-16 units.
func (c caller) splitUnits(s string, most int) (value, error) {
	if len(s) > 4*c.ev.limits.Sequence {
		return value{}, errMemory
	}
	if err := c.ev.charge(2*min(most, len(s)) + len(s)/8); err != nil {
		return value{}, err
	}
	units := utf16Units(s)
	pieces := make([]string, min(most, len(units)))
	for i := range pieces {
		pieces[i] = string(appendUnit(nil, units[i]))
	}
	return c.texts(pieces)
}

// splitAtMatches cuts a string at what a matcher finds. The limit counts
// pieces, of which the last is only there if nothing was cut off.
func (c caller) splitAtMatches(s string, matcher *function, given value, most int) (value, error) {
	var pieces []string
	at, unit := 0, 0
	err := c.eachMatch(matcher, s, most, func(m match) (bool, error) {
		start := at + unitOffset(s[at:], m.start-unit)
		pieces = append(pieces, s[at:start])
		at = start + unitOffset(s[start:], m.end-m.start)
		unit = m.end
		return true, c.ev.checkLength(len(pieces))
	})
	if err != nil {
		return value{}, err
	}
	if given.isNothing() || len(pieces) < most {
		pieces = append(pieces, s[min(at, len(s)):])
	}
	return c.texts(pieces)
}

func join(c caller, args []value) (value, error) {
	if args[0].isNothing() {
		return value{}, nil
	}
	separator, _ := args[1].str()
	size, n := 0, args[0].len()
	if err := c.ev.charge(n); err != nil {
		return value{}, err
	}
	for i := range n {
		s, _ := args[0].at(i).str()
		if size += len(s) + len(separator); size > c.ev.limits.Text+len(separator) {
			return value{}, errMemory
		}
	}
	if err := c.ev.charge(2 * size / bytesMade); err != nil {
		return value{}, err
	}
	b := textBuilder{buf: make([]byte, 0, size)}
	for i := range n {
		if i > 0 {
			b.WriteString(separator)
		}
		s, _ := args[0].at(i).str()
		b.WriteString(s)
	}
	return text(b.String()), nil
}

func matches(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	most, err := limit(args[2], "D3040")
	if err != nil {
		return value{}, err
	}
	matcher, ok := args[1].function()
	if !ok {
		return value{}, missing("match", 2)
	}
	var items []value
	err = c.eachMatch(matcher, s, most, func(m match) (bool, error) {
		o, err := c.matchObject(m)
		items = append(items, o)
		return true, err
	})
	if err != nil {
		return value{}, err
	}
	return c.ev.sequence(items)
}

// matchObject returns a match as $match shows it.
func (c caller) matchObject(m match) (value, error) {
	if err := c.ev.charge(m.groupSteps()); err != nil {
		return value{}, err
	}
	o := &object{members: []member{
		{"match", text(m.text)},
		{"index", integer(int64(m.start))},
		{"groups", m.groupList()},
	}, depth: 2}
	return c.ev.finish(o)
}

func replace(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	pattern, isText := args[1].str()
	if isText && pattern == "" {
		return value{}, fail("D3010", 0).value("value", args[1])
	}
	most, err := limit(args[3], "D3011")
	if err != nil {
		return value{}, err
	}
	if err := c.ev.chargeRead(2 * len(s)); err != nil {
		return value{}, err
	}
	r := replacer{c: c, s: s, callback: args[2]}
	r.template = textOf(args[2])
	switch matcher, ok := args[1].function(); {
	case ok:
		r.regex = matcher.regex
		err = c.eachMatch(matcher, s, most, r.match)
	case isText:
		err = r.literal(pattern, most)
	case most > 0:
		err = missing("replace", 2)
	}
	if err != nil {
		return value{}, err
	}
	r.out.WriteString(s[min(r.at, len(s)):])
	return c.newText(r.out.String())
}

// replacer builds the result of $replace.
type replacer struct {
	c        caller
	s        string
	template string
	callback value // a function, unless the replacement is a template
	regex    *regex
	out      textBuilder
	at, unit int // what is copied so far, in bytes and in UTF-16 units
}

// literal replaces a string.
func (r *replacer) literal(pattern string, most int) error {
	for range most {
		before, _, found := strings.Cut(r.s[r.at:], pattern)
		if !found {
			return nil
		}
		replacement := r.template
		if f, ok := r.callback.function(); ok {
			var err error
			m := r.found(before, pattern)
			r.unit = m.end
			if replacement, err = r.call(f, m); err != nil {
				return err
			}
		}
		if err := r.append(before, replacement); err != nil {
			return err
		}
		r.at += len(before) + len(pattern)
	}
	return nil
}

// found returns a match of a string in the form of one of a pattern.
func (r *replacer) found(before, pattern string) match {
	m := match{text: pattern, start: r.unit + utf16Len(before)}
	m.end = m.start + utf16Len(pattern)
	o := &object{depth: 2}
	o.set("match", text(m.text))
	o.set("start", integer(int64(m.start)))
	o.set("end", integer(int64(m.end)))
	o.set("groups", m.groupList())
	m.object = objectValue(o)
	return m
}

func (r *replacer) append(before, replacement string) error {
	r.out.WriteString(before)
	r.out.WriteString(replacement)
	if r.out.Len() > r.c.ev.limits.Text {
		return errMemory
	}
	return r.c.ev.charge(1 + (len(before)+len(replacement))/bytesMade)
}

// match replaces what a matcher has found.
func (r *replacer) match(m match) (bool, error) {
	if r.callback.isNothing() {
		return false, missing("replace", 3)
	}
	start := r.at + unitOffset(r.s[r.at:], m.start-r.unit)
	var replacement string
	if f, ok := r.callback.function(); ok {
		var err error
		if replacement, err = r.call(f, m); err != nil {
			return false, err
		}
	} else {
		var err error
		if replacement, err = r.expand(m); err != nil {
			return false, err
		}
	}
	err := r.append(r.s[r.at:start], replacement)
	r.at = start + unitOffset(r.s[start:], m.end-m.start)
	r.unit = m.end
	return true, err
}

func (r *replacer) call(f *function, m match) (string, error) {
	o := m.object
	if r.regex != nil {
		var err error
		if o, err = r.regex.object(r.c.ev, r.s, m); err != nil {
			return "", err
		}
	}
	v, err := r.c.call(f, o)
	if err != nil {
		return "", err
	}
	s, ok := v.str()
	if !ok {
		return "", fail("D3012", 0).value("value", v)
	}
	return s, nil
}

// expand fills $0, $1 and $$ of the replacement.
func (r *replacer) expand(m match) (string, error) {
	var b textBuilder
	for template := r.template; ; {
		before, rest, found := strings.Cut(template, "$")
		b.WriteString(before)
		if !found {
			return b.String(), r.c.ev.chargeRead(8 * len(r.template))
		}
		if err := r.c.ev.chargeText(b.Len()); err != nil {
			return "", err
		}
		switch end := digits(rest, 0); {
		case strings.HasPrefix(rest, "$"):
			b.WriteString("$")
			template = rest[1:]
		case end == 0:
			b.WriteString("$")
			template = rest
		case rest[0] == '0':
			b.WriteString(m.text)
			template = rest[1:]
		default:
			group, used := groupNumber(rest[:end], len(m.groups))
			if group <= len(m.groups) {
				s, _ := m.groups[group-1].str()
				b.WriteString(s)
			}
			template = rest[used:]
		}
	}
}

// groupNumber returns which group digits name, and how many of them do: as many
// as the number of groups has, and one less if there is no such group.
func groupNumber(s string, groups int) (group, used int) {
	width := 1
	for n := groups; n >= 10; n /= 10 {
		width++
	}
	for used < len(s) && used < width {
		group = group*10 + int(s[used]-'0')
		used++
	}
	if used > 1 && group > groups {
		return group / 10, used - 1
	}
	return group, used
}
