package jsonata

import (
	"math"
	"slices"
	"strconv"
)

// $formatNumber: the function format-number of XPath, by way of the reference
// implementation.

// numberSymbols are the characters of a picture and of the result.
type numberSymbols struct {
	decimal, grouping, exponent, minus, percent, perMille, digit, pattern []rune
	zero                                                                  rune
}

// option returns the symbol of an option.
func option(options value, name, standard string) []rune {
	if options.isObject() {
		if s, ok := options.get(name).str(); ok {
			return []rune(s)
		}
	}
	return []rune(standard)
}

func newNumberSymbols(options value) numberSymbols {
	zero := append(option(options, "zero-digit", "0"), '0')
	return numberSymbols{
		decimal:  option(options, "decimal-separator", "."),
		grouping: option(options, "grouping-separator", ","),
		exponent: option(options, "exponent-separator", "e"),
		minus:    option(options, "minus-sign", "-"),
		percent:  option(options, "percent", "%"),
		perMille: option(options, "per-mille", "‰"),
		digit:    option(options, "digit", "#"),
		pattern:  option(options, "pattern-separator", ";"),
		zero:     zero[0],
	}
}

func (s *numberSymbols) isDigit(r rune) bool { return r >= s.zero && r <= s.zero+9 }

// isPlace reports whether r stands for a digit, mandatory or optional.
func (s *numberSymbols) isPlace(r rune) bool { return s.isDigit(r) || is(s.digit, r) }

// is reports whether a symbol is the character r.
func is(symbol []rune, r rune) bool { return len(symbol) == 1 && symbol[0] == r }

func (s *numberSymbols) isActive(r rune) bool {
	return s.isPlace(r) || is(s.decimal, r) || is(s.exponent, r) || is(s.grouping, r) || is(s.pattern, r)
}

// numberPicture is one half of a picture, taken apart.
type numberPicture struct {
	whole, prefix, suffix       []rune
	active, mantissa, exponent  []rune
	integer, fraction           []rune
	hasExponent                 bool
	minInteger, scale           int
	minFraction, maxFraction    int
	minExponent                 int
	grouping, fractionGroups    []int
	regularGrouping             int
	hasDecimal, percent, permil bool
}

func formatNumber(c caller, args []value) (value, error) {
	x, ok := args[0].float()
	if !ok {
		return value{}, nil
	}
	source, ok := args[1].str()
	if !ok {
		return value{}, missing("formatNumber", 2)
	}
	if err := c.ev.chargePicture(source); err != nil {
		return value{}, err
	}
	if err := c.ev.charge(48); err != nil { // the picture is gone through many times
		return value{}, err
	}
	if err := c.chargeOptions(args[2]); err != nil {
		return value{}, err
	}
	symbols := newNumberSymbols(args[2])
	pictures, err := parseNumberPictures([]rune(source), &symbols)
	if err != nil {
		return value{}, err
	}
	picture := &pictures[0]
	if x < 0 || x != x {
		picture = &pictures[1]
	}
	return c.newText(string(picture.format(x, &symbols)))
}

// chargePicture counts the taking apart of a picture, in which the separators
// are compared with each other.
func (ev *evaluation) chargePicture(picture string) error {
	n := len(picture)
	return ev.charge(16 + n + n*n/64)
}

// chargeOptions counts the texts of the options.
func (c caller) chargeOptions(options value) error {
	if !options.isObject() {
		return nil
	}
	for _, m := range c.ev.members(options) {
		s, _ := m.value.str()
		if err := c.ev.charge(1 + len(s)); err != nil {
			return err
		}
	}
	return nil
}

// parseNumberPictures returns the picture for positive and the one for negative
// numbers.
func parseNumberPictures(picture []rune, s *numberSymbols) ([2]numberPicture, error) {
	var pictures [2]numberPicture
	parts := splitRunes(picture, s.pattern)
	if len(parts) > 2 {
		return pictures, fail("D3080", 0)
	}
	for i, part := range parts {
		p := splitPicture(part, s)
		if code := p.invalid(s); code != "" {
			return pictures, fail(code, 0)
		}
		p.analyse(s)
		pictures[i] = p
	}
	if len(parts) == 1 {
		pictures[1] = pictures[0]
		pictures[1].prefix = slices.Concat(s.minus, pictures[0].prefix)
	}
	return pictures, nil
}

func splitRunes(list, separator []rune) [][]rune {
	if len(separator) == 0 {
		return [][]rune{list}
	}
	var parts [][]rune
	for {
		i := indexRunes(list, separator)
		if i < 0 {
			return append(parts, list)
		}
		parts = append(parts, list[:i])
		list = list[i+len(separator):]
	}
}

// indexRunes returns where part begins in list, or -1.
func indexRunes(list, part []rune) int {
	for i := 0; i+len(part) <= len(list); i++ {
		if slices.Equal(list[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// splitPicture cuts a picture into its parts.
func splitPicture(whole []rune, s *numberSymbols) numberPicture {
	p := numberPicture{whole: whole}
	isPart := func(r rune) bool { return s.isActive(r) && !is(s.exponent, r) }
	if first := slices.IndexFunc(whole, isPart); first >= 0 {
		p.prefix = whole[:first]
		last := len(whole) - 1
		for !isPart(whole[last]) {
			last--
		}
		p.suffix = whole[last+1:]
	}
	p.active = whole[len(p.prefix) : len(whole)-len(p.suffix)]
	p.mantissa = p.active
	at := indexRunes(whole[len(p.prefix):], s.exponent)
	if at >= 0 && len(s.exponent) > 0 && at+len(p.prefix) <= len(whole)-len(p.suffix) {
		at += len(p.prefix) // the reference implementation counts from the start of the picture
		p.mantissa = p.active[:min(at, len(p.active))]
		p.exponent = p.active[min(at+1, len(p.active)):]
		p.hasExponent = true
	}
	p.integer, p.fraction = p.mantissa, p.suffix
	if dot := indexRunes(p.mantissa, s.decimal); dot >= 0 {
		p.integer, p.fraction = p.mantissa[:dot], p.mantissa[dot+1:]
	}
	return p
}

// countRunes returns how many characters are of a kind.
func countRunes(list []rune, of func(rune) bool) int {
	n := 0
	for _, r := range list {
		n += oneIf(of(r))
	}
	return n
}

// occurrences returns how often a symbol occurs.
func occurrences(list, symbol []rune) int { return len(splitRunes(list, symbol)) - 1 }

// invalid returns the code of the rule that a picture breaks. If it breaks several,
// the last one in the order of the rules counts.
func (p *numberPicture) invalid(s *numberSymbols) (code string) {
	check := func(failed bool, c string) {
		if failed {
			code = c
		}
	}
	percents, permils := occurrences(p.whole, s.percent), occurrences(p.whole, s.perMille)
	check(occurrences(p.whole, s.decimal) > 1, "D3081")
	check(percents > 1, "D3082")
	check(permils > 1, "D3083")
	check(percents > 0 && permils > 0, "D3084")
	check(!slices.ContainsFunc(p.mantissa, s.isPlace), "D3085")
	check(slices.ContainsFunc(p.active, func(r rune) bool { return !s.isActive(r) }), "D3086")
	if dot := indexRunes(p.whole, s.decimal); dot >= 0 {
		check(dot > 0 && is(s.grouping, p.whole[dot-1]) || dot+1 < len(p.whole) && is(s.grouping, p.whole[dot+1]), "D3087")
	} else {
		check(len(p.integer) > 0 && is(s.grouping, p.integer[len(p.integer)-1]), "D3088")
	}
	check(occurrences(p.whole, slices.Concat(s.grouping, s.grouping)) > 0, "D3089")
	optional := indexRunes(p.integer, s.digit)
	check(optional >= 0 && slices.ContainsFunc(p.integer[:max(optional, 0)], s.isDigit), "D3090")
	last := -1
	for i, r := range p.fraction {
		if is(s.digit, r) {
			last = i
		}
	}
	check(last >= 0 && slices.ContainsFunc(p.fraction[max(last, 0):], s.isDigit), "D3091")
	check(len(p.exponent) > 0 && percents+permils > 0, "D3092")
	check(p.hasExponent && (len(p.exponent) == 0 || countRunes(p.exponent, s.isDigit) < len(p.exponent)), "D3093")
	return code
}

// analyse works out the sizes that a picture asks for.
func (p *numberPicture) analyse(s *numberSymbols) {
	p.hasDecimal = indexRunes(p.whole, s.decimal) >= 0
	p.percent = occurrences(p.whole, s.percent) > 0
	p.permil = occurrences(p.whole, s.perMille) > 0
	for at, r := range p.integer {
		if is(s.grouping, r) {
			p.grouping = append(p.grouping, countRunes(p.integer[at:], s.isPlace))
		}
	}
	p.regularGrouping = regularInterval(p.grouping)
	p.fractionGroups = p.groupsOfFraction(s)
	p.minInteger = countRunes(p.integer, s.isDigit)
	p.scale = p.minInteger
	p.minFraction, p.maxFraction = countRunes(p.fraction, s.isDigit), countRunes(p.fraction, s.isPlace)
	p.minExponent = countRunes(p.exponent, s.isDigit)
	if p.minInteger == 0 && p.maxFraction == 0 {
		if p.hasExponent {
			p.minFraction, p.maxFraction = 1, 1
		} else {
			p.minInteger = 1
		}
	}
	if p.hasExponent && p.minInteger == 0 && indexRunes(p.integer, s.digit) >= 0 {
		p.minInteger = 1
	}
	if p.minInteger == 0 && p.minFraction == 0 {
		p.minFraction = 1
	}
}

// groupsOfFraction returns the places of the separators in the fraction. From
// the second on, the reference implementation looks for them in the integer.
func (p *numberPicture) groupsOfFraction(s *numberSymbols) (places []int) {
	at := indexRunes(p.fraction, s.grouping)
	for at >= 0 && len(s.grouping) > 0 {
		places = append(places, countRunes(p.fraction[:min(at, len(p.fraction))], s.isPlace))
		from := min(at+1, len(p.integer))
		if at = indexRunes(p.integer[from:], s.grouping); at >= 0 {
			at += from
		}
	}
	return places
}

// regularInterval returns the interval at which all positions lie, or 0.
func regularInterval(positions []int) int {
	interval := 0
	for _, n := range positions {
		for a := n; a != 0; {
			interval, a = a, interval%a
		}
	}
	for i := range positions {
		if !slices.Contains(positions, (i+1)*interval) {
			return 0
		}
	}
	return interval
}

// format writes a number as the picture says.
func (p *numberPicture) format(x float64, s *numberSymbols) []rune {
	switch {
	case p.percent:
		x *= 100
	case p.permil:
		x *= 1000
	}
	exponent := 0
	if p.minExponent > 0 {
		x, exponent = scaleMantissa(x, p.scale)
	}
	out := s.fixed(roundTo(x, p.maxFraction), p.maxFraction)
	dot := slices.Index(out, '.')
	if dot < 0 {
		dot = len(out)
		out = append(out, '.')
	}
	out = slices.Replace(out, dot, dot+1, s.decimal...)
	out = p.group(p.pad(out, s), s)
	if dot := indexRunes(out, s.decimal); !p.hasDecimal || dot == len(out)-1 {
		out = out[:len(out)-1]
	}
	if p.minExponent > 0 {
		out = append(out, s.exponent...)
		if exponent < 0 {
			out = append(out, s.minus...)
		}
		digits := s.fixed(float64(exponent), 0)
		out = append(out, slices.Repeat([]rune{s.zero}, max(0, p.minExponent-len(digits)))...)
		out = append(out, digits...)
	}
	return slices.Concat(p.prefix, out, p.suffix)
}

// scaleMantissa moves the decimal point until as many digits precede it as the
// picture has.
func scaleMantissa(x float64, scale int) (mantissa float64, exponent int) {
	if x == 0 || math.IsInf(x, 0) || x != x {
		return x, 0
	}
	least, most := math.Pow(10, float64(scale-1)), math.Pow(10, float64(scale))
	for math.Abs(x) < least {
		x *= 10
		exponent--
	}
	for math.Abs(x) > most {
		x /= 10
		exponent++
	}
	return x, exponent
}

// fixed writes the absolute value of a number with a fixed number of decimals.
func (s *numberSymbols) fixed(x float64, decimals int) []rune {
	x = math.Abs(x)
	digits := formatFloat(x)
	if x < 1e21 {
		digits = strconv.FormatFloat(x, 'f', decimals, 64)
	}
	out := []rune(digits)
	for i, r := range out {
		if r >= '0' && r <= '9' {
			out[i] = r - '0' + s.zero
		}
	}
	return out
}

// pad strips the zeros at both ends and adds those that the picture asks for.
func (p *numberPicture) pad(out []rune, s *numberSymbols) []rune {
	for len(out) > 0 && out[0] == s.zero {
		out = out[1:]
	}
	for len(out) > 0 && out[len(out)-1] == s.zero {
		out = out[:len(out)-1]
	}
	dot := indexRunes(out, s.decimal)
	left := max(0, p.minInteger-dot)
	right := max(0, p.minFraction-(len(out)-dot-1))
	zeros := slices.Repeat([]rune{s.zero}, max(left, right))
	return slices.Concat(zeros[:left], out, zeros[:right])
}

// group inserts the grouping separators.
func (p *numberPicture) group(out []rune, s *numberSymbols) []rune {
	dot := indexRunes(out, s.decimal)
	if p.regularGrouping > 0 {
		for at := dot - p.regularGrouping; at > 0; at -= p.regularGrouping {
			out = slices.Insert(out, at, s.grouping...)
		}
	} else {
		for _, position := range p.grouping {
			out = insertAt(out, dot-position, s.grouping)
			dot++
		}
	}
	dot = indexRunes(out, s.decimal)
	for _, position := range p.fractionGroups {
		out = insertAt(out, dot+position+1, s.grouping)
	}
	return out
}

// insertAt inserts where JavaScript's slice cuts: a negative place counts from
// the end.
func insertAt(list []rune, at int, part []rune) []rune {
	if at < 0 {
		at += len(list)
	}
	return slices.Insert(list, max(0, min(at, len(list))), part...)
}
