package jsonata

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/linear"
)

// parse reads a text by a picture; nothing if it does not fit.
func (p datePicture) parse(ev *evaluation, s string) (value, error) {
	var pattern strings.Builder
	pattern.WriteString("(?i)^")
	for i := range p {
		part, err := p[i].pattern(ev.expr.config.Dialect)
		if err != nil {
			return value{}, err
		}
		pattern.WriteString("(" + part + ")")
	}
	re, err := compileDates(ev, pattern.String()+"$")
	if err != nil {
		return value{}, err
	}
	if err := ev.charge((len(s) + 1) * re.Size / 4); err != nil {
		return value{}, err
	}
	found := re.FindStringSubmatch(s)
	if found == nil {
		return value{}, nil
	}
	parts, markers := dateParts{}, 0
	for i := range p {
		if p[i].component == 0 {
			continue
		}
		markers++
		if x, ok := p[i].read(found[i+1], ev.expr.config.Dialect); ok {
			parts[p[i].component] = x
		}
	}
	if markers == 0 {
		return value{}, nil
	}
	return parts.instant(ev)
}

// compileDates compiles the pattern of a picture. The evaluation pays for it.
func compileDates(ev *evaluation, pattern string) (linear.Regexp, error) {
	const instructionSteps = 16
	given := ev.steps / instructionSteps
	left := given
	re, err := linear.Compile(pattern, &left)
	switch {
	case errors.Is(err, linear.ErrBudget):
		return re, errSteps
	case err != nil:
		return re, uncoded("The date/time picture string is too long", ErrLimit)
	}
	return re, ev.charge((given - left) * instructionSteps)
}

// pattern returns the regular expression of a part, which contains no group.
func (d *datePart) pattern(dialect Dialect) (string, error) {
	switch {
	case d.component == 'f' && dialect == V2_2 && (d.names || d.integer.numbering != numberingDecimal || d.integer.ordinal):
		return "[0-9]+", nil
	case d.component == 0:
		return regexp.QuoteMeta(d.literal), nil
	case d.component == 'Z' || d.component == 'z':
		return d.zonePattern(), nil
	case d.integer != nil:
		return d.integer.pattern()
	case strings.IndexByte("MxFP", d.component) < 0:
		return "", fail("D3133", 0).text("value", string(d.component))
	}
	return "[a-zA-Z]+", nil
}

func (d *datePart) zonePattern() string {
	pattern := "[-+][0-9]+"
	if d.component == 'z' {
		pattern = "GMT" + pattern
	}
	if d.integer != nil && d.integer.interval > 0 {
		pattern += regexp.QuoteMeta(d.integer.separators[0].character) + "[0-9]+"
	}
	return pattern
}

// pattern returns the regular expression of a number.
func (p *integerPicture) pattern() (string, error) {
	switch p.numbering {
	case numberingLetters:
		return "[a-z]+", nil
	case numberingRoman:
		return "[mdclxvi]+", nil
	case numberingWords:
		return wordsPattern(), nil
	case numberingSequence:
		return "", fail("D3130", 0).text("value", p.token)
	}
	pattern := "[0-9]+"
	if p.parseWidth > 0 {
		pattern = "[0-9]{" + strconv.Itoa(p.parseWidth) + "}"
	}
	if p.ordinal {
		pattern += "(?:th|st|nd|rd)"
	}
	return pattern, nil
}

func wordsPattern() string {
	words := slices.Concat(smallNumbers[:], smallOrdinals[:], decades[:], magnitudes[:])
	for _, word := range decades {
		words = append(words, strings.TrimSuffix(word, "y")+"ieth", word+"th")
	}
	for _, word := range magnitudes {
		words = append(words, word+"th")
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return "(?:" + strings.Join(words, "|") + `|and|[\-, ])+`
}

// read returns what a part says; false if it says nothing. Before 2.1.1, a
// fraction was read as milliseconds.
func (d *datePart) read(s string, dialect Dialect) (float64, bool) {
	switch {
	case d.component == 'Z' || d.component == 'z':
		return d.readZone(s), true
	case d.component == 'f' && dialect == V2_2:
		ms, _ := strconv.Atoi((s[:min(3, len(s))] + "00")[:3])
		return float64(ms), true
	case d.integer != nil:
		return d.integer.parse(s), true
	case d.component == 'P':
		i := slices.Index([]string{"am", "AM", "pm", "PM"}, s)
		return float64(i / 2), i >= 0
	case d.component == 'F':
		return d.readName(s, dayNames[:])
	}
	return d.readName(s, monthNames[:])
}

func (d *datePart) readName(s string, names []string) (float64, bool) {
	for i, name := range names {
		if d.maxWidth > 0 {
			name = name[:min(len(name), d.maxWidth)]
		}
		if name == s {
			return float64(i + 1), true
		}
	}
	return 0, false
}

// readZone returns the offset in minutes.
func (d *datePart) readZone(s string) float64 {
	if d.component == 'z' {
		s = s[3:]
	}
	hours, minutes := s, "0"
	if d.integer != nil && d.integer.interval > 0 {
		hours, minutes, _ = strings.Cut(s, d.integer.separators[0].character)
	} else if len(s) > 3 {
		hours, minutes = s[:3], s[3:]
	}
	return parseIntPrefix(hours)*60 + parseIntPrefix(minutes)
}

// dateParts are the components that a text gives.
type dateParts map[byte]float64

// only reports whether some of the components are given and none of the others.
func (d dateParts) only(own, all string) bool {
	some := false
	for _, c := range []byte(all) {
		if x := d[c]; x != 0 && x == x {
			if strings.IndexByte(own, c) < 0 {
				return false
			}
			some = true
		}
	}
	return some
}

const (
	dateComponents = "YXMxWwdD"
	timeComponents = "PHhmsf"
)

// instant returns the instant that the components mean.
func (d dateParts) instant(ev *evaluation) (value, error) {
	byMonth := d.only("YMD", dateComponents)
	byDay := !byMonth && d.only("Yd", dateComponents)
	byHalf := !d.only("Hmsf", timeComponents) && d.only("Phmsf", timeComponents)
	if d.only("Xxw", dateComponents) || d.only("XW", dateComponents) {
		return value{}, fail("D3136", 0)
	}
	order := "YMD"
	if byDay {
		order = "YD"
	}
	if byHalf {
		order += "Phmsf"
	} else {
		order += "Hmsf"
	}
	if err := d.complete(ev, order); err != nil {
		return value{}, err
	}
	if byHalf {
		d['H'] = math.Mod(d['h'], 12) + 12*d['P']
	}
	return d.millis(byDay), nil
}

// complete fills in what is not given: from now before the first component
// that is, with the least value after the last.
func (d dateParts) complete(ev *evaluation, order string) error {
	started, ended := false, false
	for _, c := range []byte(order) {
		if _, ok := d[c]; ok {
			if ended {
				return fail("D3136", 0)
			}
			started = true
			continue
		}
		if started {
			ended = true
			d[c] = float64(oneIf(strings.IndexByte("MDd", c) >= 0))
			continue
		}
		t, err := ev.now()
		if err != nil {
			return err
		}
		if c == 'P' { // the half of the day is the first, whatever it is now
			continue
		}
		now, _ := newDate(float64(t), value{}, V2_2)
		d[c], _ = now.component(c)
	}
	return nil
}

// millis returns the instant of complete components, which may be beyond their
// range.
func (d dateParts) millis(byDay bool) value {
	year, month, day := d['Y'], max(1, d['M']), d['D']
	if year >= 0 && year <= 99 {
		year += 1900
	}
	if byDay && math.Abs(year) < 1e6 && math.Abs(d['d']) < 1e6 { // the month and the day of what the year begins with
		_, m, dd := utc(int(year), 1, int(d['d'])).Date()
		month, day = float64(m), float64(dd)
	} else if byDay {
		day = math.NaN()
	}
	ms := ((d['H']*60+d['m'])*60+d['s'])*1000 + d['f']
	zone := d['Z']
	if zone == 0 {
		zone = d['z']
	}
	for _, x := range []float64{year, month, day, ms, zone} {
		if !(math.Abs(x) < 1e9) && !(math.Abs(x) < 1e15 && x == ms) {
			return number(math.NaN())
		}
	}
	t := float64(utc(int(year), int(month), int(day)).Unix())*1000 + ms - zone*60_000
	if math.Abs(t) > maxMillis {
		return number(math.NaN())
	}
	return number(t)
}
