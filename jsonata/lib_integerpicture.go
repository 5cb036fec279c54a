package jsonata

import (
	"math"
	"slices"
	"strings"
)

// Integer pictures say how $formatInteger and the components of dates write a
// whole number, and how they read it back.

// numbering is the way in which a picture writes numbers.
type numbering uint8

const (
	numberingDecimal numbering = iota
	numberingLetters
	numberingRoman
	numberingWords
	numberingSequence // not supported
)

// letterCase is the case of letters, words and names.
type letterCase uint8

const (
	lowerCase letterCase = iota
	upperCase
	titleCase
)

func (c letterCase) apply(s string) string {
	switch c {
	case lowerCase:
		return strings.ToLower(s)
	case upperCase:
		return strings.ToUpper(s)
	}
	return s
}

// integerPicture is a picture taken apart.
type integerPicture struct {
	numbering  numbering
	letters    letterCase
	ordinal    bool
	zero       rune // of the family of digits
	mandatory  int
	optional   int
	interval   int // of regular separators; 0 if they are irregular
	separators []separator
	parseWidth int    // how many digits a number has when it is read; 0 means any
	token      string // of a sequence
}

// separator is a grouping separator; position counts the digits to its right.
type separator struct {
	position  int
	character string
}

// digitGroups are the zeros of the families of decimal digits.
var digitGroups = [...]rune{
	0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
	0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
	0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
}

func parseIntegerPicture(ev *evaluation, picture string) (*integerPicture, error) {
	if err := ev.chargePicture(picture); err != nil {
		return nil, err
	}
	p := &integerPicture{zero: '0'}
	primary := picture
	if at := strings.LastIndexByte(picture, ';'); at >= 0 {
		primary = picture[:at]
		p.ordinal = strings.HasPrefix(picture[at+1:], "o")
	}
	switch primary {
	case "A":
		p.numbering, p.letters = numberingLetters, upperCase
	case "a":
		p.numbering = numberingLetters
	case "I":
		p.numbering, p.letters = numberingRoman, upperCase
	case "i":
		p.numbering = numberingRoman
	case "W":
		p.numbering, p.letters = numberingWords, upperCase
	case "Ww":
		p.numbering, p.letters = numberingWords, titleCase
	case "w":
		p.numbering = numberingWords
	default:
		return p, p.parseDigits(primary)
	}
	return p, nil
}

// parseDigits reads a decimal pattern from right to left.
func (p *integerPicture) parseDigits(primary string) error {
	position, found := 0, rune(0)
	for _, r := range slices.Backward([]rune(primary)) {
		group := digitGroup(r)
		switch {
		case group != 0 && found != 0 && group != found:
			return fail("D3131", 0)
		case group != 0:
			found = group
			p.mandatory++
			position++
		case r == '#':
			p.optional++
			position++
		default:
			p.separators = append(p.separators, separator{position, string(r)})
		}
	}
	if p.mandatory == 0 {
		p.numbering, p.token = numberingSequence, primary
		return nil
	}
	p.zero = found
	p.interval = regularSeparators(p.separators)
	return nil
}

// digitGroup returns the zero of the family of a digit, or 0.
func digitGroup(r rune) rune {
	for _, zero := range digitGroups {
		if r >= zero && r <= zero+9 {
			return zero
		}
	}
	return 0
}

func regularSeparators(separators []separator) int {
	var positions []int
	for _, s := range separators {
		if s.character != separators[0].character {
			return 0
		}
		positions = append(positions, s.position)
	}
	return regularInterval(positions)
}

func formatInteger(c caller, args []value) (value, error) {
	x, ok := args[0].float()
	if !ok {
		return value{}, nil
	}
	picture, ok := args[1].str()
	if !ok {
		return value{}, missing("formatInteger", 2)
	}
	p, err := parseIntegerPicture(c.ev, picture)
	if err != nil {
		return value{}, err
	}
	s, err := p.format(c.ev, math.Floor(x))
	return text(s), err
}

// format writes a whole number.
func (p *integerPicture) format(ev *evaluation, x float64) (s string, err error) {
	negative := x < 0
	x = math.Abs(x)
	switch p.numbering {
	case numberingLetters:
		if s, err = formatLetters(ev, x); err != nil {
			return "", err
		}
	case numberingRoman:
		if s, err = formatRoman(ev, x); err != nil {
			return "", err
		}
	case numberingWords:
		if x != x || math.IsInf(x, 0) { // an endless recursion in jsonata-js
			return "", uncoded("There are no words for "+formatFloat(x), nil)
		}
		s = numberWords(x, false, p.ordinal)
		if err = ev.charge(2 * len(s)); err != nil {
			return "", err
		}
	case numberingSequence:
		return "", fail("D3130", 0).text("value", p.token)
	default:
		s = p.formatDigits(x)
	}
	if p.numbering != numberingDecimal {
		s = p.letters.apply(s)
	}
	if negative {
		s = "-" + s
	}
	return s, ev.chargeText(len(s))
}

func (p *integerPicture) formatDigits(x float64) string {
	out := []rune(formatFloat(x))
	if missing := min(p.mandatory, 1000) - len(out); missing > 0 {
		out = slices.Concat(slices.Repeat([]rune{'0'}, missing), out)
	}
	if p.zero != '0' {
		for i := range out {
			out[i] += p.zero - '0'
		}
	}
	if p.interval > 0 {
		for at := len(out) - p.interval; at > 0; at -= p.interval {
			out = slices.Insert(out, at, []rune(p.separators[0].character)...)
		}
	} else {
		for _, s := range slices.Backward(p.separators) {
			at := len(out) - s.position
			if at < 0 { // a place that JavaScript counts from the end
				out, at = out[max(0, len(out)+at):], 0
			}
			out = slices.Insert(out, at, []rune(s.character)...)
		}
	}
	if p.ordinal {
		return string(out) + ordinalSuffix(out)
	}
	return string(out)
}

func ordinalSuffix(digits []rune) string {
	n := len(digits)
	if n > 1 && digits[n-2] == '1' {
		return "th"
	}
	switch digits[n-1] {
	case '1':
		return "st"
	case '2':
		return "nd"
	case '3':
		return "rd"
	}
	return "th"
}

// formatLetters counts a, b, ... z, aa, ab.
func formatLetters(ev *evaluation, x float64) (string, error) {
	var letters []byte
	for x >= 1 && !math.IsInf(x, 0) {
		if err := ev.charge(2 + moduloSteps(x, 26)); err != nil {
			return "", err
		}
		letters = append(letters, 'a'+byte(math.Mod(x-1, 26)))
		x = math.Floor((x - 1) / 26)
	}
	slices.Reverse(letters)
	return string(letters), nil
}

// parseLetters is the inverse of formatLetters, counting from the letter a. It
// adds from the right: long texts are rounded as in the reference implementation.
func parseLetters(s string, a rune) float64 {
	x, power := 0.0, 0.0
	for _, unit := range slices.Backward(utf16Units(s)) {
		x += float64(rune(unit)-a+1) * math.Pow(26, power)
		power++
	}
	return x
}

var romanNumerals = [...]struct {
	value   float64
	numeral string
}{
	{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"},
	{5, "v"}, {4, "iv"}, {1, "i"},
}

func formatRoman(ev *evaluation, x float64) (string, error) {
	if x != x {
		return "", nil
	}
	if x/1000 > float64(ev.limits.Text) {
		return "", errMemory
	}
	thousands := int(x / 1000)
	if err := ev.chargeText(thousands); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range romanNumerals {
		n := int(x / r.value)
		b.WriteString(strings.Repeat(r.numeral, n))
		x -= float64(n) * r.value
	}
	return b.String(), nil
}

// parseRoman is the inverse of formatRoman, in upper case.
func parseRoman(s string) float64 {
	total, most := 0.0, 1.0
	for _, r := range slices.Backward([]rune(s)) {
		x := math.NaN()
		for _, numeral := range romanNumerals {
			if len(numeral.numeral) == 1 && rune(numeral.numeral[0])-'a'+'A' == r {
				x = numeral.value
			}
		}
		if x < most {
			total -= x
		} else {
			most = x
			total += x
		}
	}
	return total
}

func parseInteger(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	picture, ok := args[1].str()
	if !ok {
		return value{}, missing("parseInteger", 2)
	}
	p, err := parseIntegerPicture(c.ev, picture)
	if err != nil {
		return value{}, err
	}
	if p.numbering == numberingSequence {
		return value{}, fail("D3130", 0).text("value", p.token)
	}
	if err := c.ev.charge(3 * len(s) * (1 + len(p.separators))); err != nil {
		return value{}, err
	}
	if err := c.ev.chargeNumber(s); err != nil {
		return value{}, err
	}
	if err := p.checkDigits(s); err != nil {
		return value{}, err
	}
	return number(p.parse(s)), nil
}

// checkDigits finds characters that are no digits of the family of the picture,
// and that JavaScript cannot turn into any character. It has no code for that.
func (p *integerPicture) checkDigits(s string) error {
	if p.numbering != numberingDecimal {
		return nil
	}
	for _, unit := range utf16Units(s) {
		if rune(unit)-p.zero+'0' < 0 {
			return uncoded("The text "+quote(s)+" has a character that is no digit of the picture", nil)
		}
	}
	return nil
}

// parse reads a number; NaN if it is none.
func (p *integerPicture) parse(s string) float64 {
	switch p.numbering {
	case numberingLetters:
		if p.letters == upperCase {
			return parseLetters(s, 'A')
		}
		return parseLetters(s, 'a')
	case numberingRoman:
		if p.letters != upperCase {
			s = toUpper(s)
		}
		return parseRoman(s)
	case numberingWords:
		return wordsToNumber(strings.ToLower(s))
	}
	if p.ordinal {
		s = s[:runeOffset(s, max(0, runeLen(s)-2))]
	}
	if p.interval > 0 {
		s = strings.ReplaceAll(s, ",", "")
	} else {
		for _, sep := range p.separators {
			s = strings.ReplaceAll(s, sep.character, "")
		}
	}
	if p.zero != '0' {
		s = strings.Map(func(r rune) rune { return r - p.zero + '0' }, s)
	}
	return parseIntPrefix(s)
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// parseIntPrefix reads as many digits as there are, as JavaScript's parseInt.
func parseIntPrefix(s string) float64 {
	s = strings.TrimLeft(s, whitespace)
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		end := 2
		for end < len(s) && isHexDigit(s[end]) {
			end++
		}
		x, ok := parseNumber(s[:end])
		if f, _ := x.float(); ok {
			return f
		}
		return math.NaN()
	}
	at := oneIf(strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+"))
	end := digits(s, at)
	if end == at {
		return math.NaN()
	}
	x, ok := parseNumber(strings.TrimPrefix(s[:end], "+"))
	if !ok {
		return math.Inf(1)
	}
	f, _ := x.float()
	return f
}
