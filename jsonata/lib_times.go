package jsonata

import (
	"math"
	"strconv"
	"time"
)

var timeFunctions = []native{
	{name: "now", signature: "<s?s?:s>", arity: 2, call: now},
	{name: "millis", signature: "<:n>", call: millis},
	{name: "fromMillis", signature: "<n-s?s?:s>", arity: 3, call: fromMillis},
	{name: "toMillis", signature: "<s-s?:n>", arity: 2, call: toMillis},
}

// Years that are written with four digits begin and end at these instants.
const (
	yearZero        = -62_167_219_200_000
	yearTenThousand = 253_402_300_800_000
)

// maxMillis is the latest instant that JavaScript's dates reach, 275760-09-13.
const maxMillis = 8.64e15

// now returns the instant of the evaluation.
func (ev *evaluation) now() (int64, error) {
	if ev.env.Now.IsZero() {
		return 0, uncoded("There is no clock in this evaluation", nil)
	}
	return ev.env.Now.UnixMilli(), nil
}

func now(c caller, args []value) (value, error) {
	t, err := c.ev.now()
	if err != nil {
		return value{}, err
	}
	return c.formatMillis(float64(t), args[0], args[1])
}

func millis(c caller, _ []value) (value, error) {
	t, err := c.ev.now()
	return integer(t), err
}

func fromMillis(c caller, args []value) (value, error) {
	t, ok := args[0].float()
	if !ok {
		return value{}, nil
	}
	return c.formatMillis(t, args[1], args[2])
}

// formatMillis writes an instant by a picture in a time zone, of which either
// may be missing.
func (c caller) formatMillis(t float64, picture, zone value) (value, error) {
	if !(math.Abs(t) <= maxMillis) {
		if c.ev.expr.aws() { // it is not recorded what Step Functions does
			return value{}, fail("D1001", 0).with("value", formatFloat(t), "")
		}
		t = math.NaN()
	}
	source, hasPicture := picture.str()
	if !hasPicture && zone.isNothing() && t >= yearZero && t < yearTenThousand {
		return text(isoTime(int64(t))), c.ev.charge(8)
	}
	if !hasPicture {
		source = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
	}
	p, err := parseDatePicture(c.ev, source)
	if err != nil {
		return value{}, err
	}
	if s, ok := zone.str(); ok {
		if err := c.ev.chargeNumber(s); err != nil {
			return value{}, err
		}
	}
	d, err := newDate(t, zone, c.ev.expr.config.Dialect)
	if err != nil {
		return value{}, err
	}
	s, err := p.format(c.ev, d)
	return text(s), err
}

// isoTime is the time in UTC, as $now writes it.
func isoTime(t int64) string {
	u := time.UnixMilli(t).UTC()
	year, month, day := u.Date()
	hour, minute, second := u.Clock()
	var room [32]byte
	b := room[:0]
	if year < 0 {
		b = append(b, '-')
		year = -year
	}
	b = appendPadded(b, year, 4)
	b = appendPadded(append(b, '-'), int(month), 2)
	b = appendPadded(append(b, '-'), day, 2)
	b = appendPadded(append(b, 'T'), hour, 2)
	b = appendPadded(append(b, ':'), minute, 2)
	b = appendPadded(append(b, ':'), second, 2)
	b = appendPadded(append(b, '.'), u.Nanosecond()/1e6, 3)
	return string(append(b, 'Z'))
}

// appendPadded appends a number with leading zeros up to a width.
func appendPadded(b []byte, n, width int) []byte {
	for limit := 10; width > 1; width-- {
		if n < limit {
			b = append(b, "000"[:width-1]...)
			break
		}
		limit *= 10
	}
	return strconv.AppendInt(b, int64(n), 10)
}

func toMillis(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.charge(8 + len(s)/bytesRead); err != nil {
		return value{}, err
	}
	picture, ok := args[1].str()
	if !ok {
		x, ok := parseISO(s)
		if !ok {
			return value{}, fail("D3110", 0).text("value", s)
		}
		return number(x), nil
	}
	p, err := parseDatePicture(c.ev, picture)
	if err != nil {
		return value{}, err
	}
	return p.parse(c.ev, s)
}

// isoReader reads the parts of a timestamp one after the other.
type isoReader struct{ rest string }

// digits reads exactly n digits, of which the first is at most most.
func (r *isoReader) digits(n int, most byte) (int, bool) {
	if len(r.rest) < n || digits(r.rest[:n], 0) < n || r.rest[0] > most {
		return 0, false
	}
	x, _ := strconv.Atoi(r.rest[:n])
	r.rest = r.rest[n:]
	return x, true
}

// after reads two digits that follow a character, if they are there.
func (r *isoReader) after(c, most byte) (int, bool) {
	if r.rest == "" || r.rest[0] != c {
		return 0, false
	}
	try := isoReader{r.rest[1:]}
	x, ok := try.digits(2, most)
	if ok {
		*r = try
	}
	return x, ok
}

// parseISO reads an ISO 8601 timestamp; false if it is none, NaN if there is no
// such time.
func parseISO(s string) (float64, bool) {
	r := &isoReader{s}
	year, ok := r.digits(4, '9')
	if !ok {
		return 0, false
	}
	month, day := 1, 1
	m, hasMonth := r.after('-', '1')
	dd, hasDay := 0, false
	if hasMonth {
		month = m
		dd, hasDay = r.after('-', '3')
	} else if dd, hasDay = r.after('-', '3'); hasDay {
		month, hasDay = dd, false // more than any month: no such time
	}
	if hasDay {
		day = dd
	}
	clock, hasTime := r.clock()
	fraction, hasFraction, ok := r.fraction()
	if !ok {
		return 0, false
	}
	zone, hasZone, ok := r.zone()
	if !ok || r.rest != "" {
		return 0, false
	}
	if hasFraction && !hasTime || hasZone && !hasTime && zone != 0 || month < 1 || month > 12 || day < 1 || day > 31 {
		return math.NaN(), true
	}
	if clock < 0 {
		return math.NaN(), true
	}
	t := utc(year, month, day).UnixMilli()
	return float64(t + int64(clock)*1000 + int64(fraction) - int64(zone)*60_000), true
}

// clock reads Thh:mm:ss as seconds; -1 if there is no such time.
func (r *isoReader) clock() (seconds int, ok bool) {
	try := *r
	h, ok1 := try.after('T', '2')
	m, ok2 := try.after(':', '5')
	s, ok3 := try.after(':', '5')
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	*r = try
	if h > 24 || h == 24 && m+s > 0 {
		return -1, true
	}
	return h*3600 + m*60 + s, true
}

// fraction reads .123 as milliseconds; ok is false if no digit follows the dot.
func (r *isoReader) fraction() (ms int, found, ok bool) {
	if r.rest == "" || r.rest[0] != '.' {
		return 0, false, true
	}
	end := digits(r.rest, 1)
	if end == 1 {
		return 0, false, false
	}
	ms, _ = strconv.Atoi((r.rest[1:min(end, 4)] + "00")[:3])
	r.rest = r.rest[end:]
	return ms, true, true
}

// zone reads Z or +hh:mm as minutes.
func (r *isoReader) zone() (minutes int, found, ok bool) {
	if r.rest == "" {
		return 0, false, true
	}
	sign := r.rest[0]
	r.rest = r.rest[1:]
	if sign == 'Z' {
		return 0, true, true
	}
	h, ok := r.digits(2, '2')
	if !ok || sign != '+' && sign != '-' {
		return 0, false, false
	}
	if r.rest != "" && r.rest[0] == ':' {
		r.rest = r.rest[1:]
	}
	m, ok := r.digits(2, '5')
	if sign == '-' {
		return -h*60 - m, true, ok
	}
	return h*60 + m, true, ok
}

// utc returns a day; months and days beyond their range roll over.
func utc(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
