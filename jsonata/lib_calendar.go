package jsonata

import (
	"math"
	"strings"
	"time"
)

// date is an instant in a time zone.
type date struct {
	t       time.Time // shifted by the zone, in UTC
	hours   float64   // of the zone
	minutes float64
	invalid bool // the instant or the zone is no number, and so every component is none
}

// newDate returns an instant; the zone is a text like +0530, read as a number. A
// zone that is no number makes an invalid date in jsonata-js; it is not recorded
// what Step Functions makes of it, and here it fails.
func newDate(t float64, zone value, d Dialect) (date, error) {
	at := date{}
	if s, ok := zone.str(); ok {
		offset := parseIntPrefix(s)
		if offset != offset && d != StepFunctions {
			return date{hours: offset, minutes: offset, invalid: true}, nil
		}
		if !(math.Abs(offset) < 1e6) {
			return at, uncoded("The timezone must be an offset like +0100. It was given "+quote(s), nil)
		}
		at.hours = math.Floor(offset / 100)
		at.minutes = math.Mod(offset, 100)
	}
	if at.invalid = t != t; at.invalid {
		return at, nil
	}
	at.t = time.UnixMilli(int64(t + (60*at.hours+at.minutes)*60_000)).UTC()
	return at, nil
}

const dayLength = 24 * time.Hour

// weekday returns 1 for Monday to 7 for Sunday.
func weekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// firstWeek returns the Monday that begins the first week of a month: the week
// in which its first Thursday lies.
func firstWeek(year int, month time.Month) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	day := weekday(first)
	if day > 4 {
		return first.Add(time.Duration(8-day) * dayLength)
	}
	return first.Add(-time.Duration(day-1) * dayLength)
}

// weeksFrom returns which week after a Monday t lies in, with its fraction.
func weeksFrom(start, t time.Time) float64 {
	return float64(t.Sub(start))/float64(7*dayLength) + 1
}

// midnight returns the beginning of the day.
func (d date) midnight() time.Time { return d.t.Truncate(dayLength) }

// weekOfYear returns the week of the ISO year.
func (d date) weekOfYear() float64 {
	today, year := d.midnight(), d.t.Year()
	week := weeksFrom(firstWeek(year, time.January), today)
	switch {
	case week > 52 && !today.Before(firstWeek(year+1, time.January)):
		week = 1
	case week < 1:
		week = weeksFrom(firstWeek(year-1, time.January), today)
	}
	return math.Floor(week)
}

// weekOfMonth returns the week of the month.
func (d date) weekOfMonth() float64 {
	today, year, month := d.midnight(), d.t.Year(), d.t.Month()
	week := weeksFrom(firstWeek(year, month), today)
	switch {
	case week > 4 && !today.Before(firstWeek(year, month+1)):
		week = 1
	case week < 1:
		week = weeksFrom(firstWeek(year, month-1), today)
	}
	return math.Floor(week)
}

// weekYear returns the year to which the week belongs.
func (d date) weekYear() float64 {
	year, today := d.t.Year(), d.midnight()
	switch {
	case today.Before(firstWeek(year, time.January)):
		year--
	case !today.Before(firstWeek(year+1, time.January)):
		year++
	}
	return float64(year)
}

// weekMonth returns the month to which the week belongs.
func (d date) weekMonth() float64 {
	year, month, today := d.t.Year(), d.t.Month(), d.midnight()
	switch {
	case today.Before(firstWeek(year, month)):
		month--
	case !today.Before(firstWeek(year, month+1)):
		month++
	}
	return float64((int(month)+11)%12 + 1)
}

// component returns a component of a date; false for one that is no number.
func (d date) component(c byte) (float64, bool) {
	if d.invalid && strings.IndexByte(numberComponents, c) >= 0 {
		return math.NaN(), true
	}
	switch c {
	case 'Y':
		return float64(d.t.Year()), true
	case 'M':
		return float64(d.t.Month()), true
	case 'D':
		return float64(d.t.Day()), true
	case 'd':
		return float64(d.t.YearDay()), true
	case 'F':
		return float64(weekday(d.t)), true
	case 'W':
		return d.weekOfYear(), true
	case 'w':
		return d.weekOfMonth(), true
	case 'X':
		return d.weekYear(), true
	case 'x':
		return d.weekMonth(), true
	case 'H':
		return float64(d.t.Hour()), true
	case 'h':
		return float64((d.t.Hour()+11)%12 + 1), true
	case 'P':
		return float64(oneIf(d.t.Hour() >= 12)), true
	case 'm':
		return float64(d.t.Minute()), true
	case 's':
		return float64(d.t.Second()), true
	case 'f':
		return float64(d.t.Nanosecond() / 1e6), true
	}
	return 0, false
}
