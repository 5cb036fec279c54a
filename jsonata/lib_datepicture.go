package jsonata

import (
	"math"
	"strconv"
	"strings"
)

// Date pictures say how $fromMillis and $toMillis write and read an instant:
// text, and markers like [Y0001] for its components.

// datePart is a piece of text or a marker.
type datePart struct {
	literal   string
	component byte // 0 for text
	second    byte // the second presentation modifier
	names     bool // written as a name
	letters   letterCase
	integer   *integerPicture
	minWidth  int // -1 if not given
	maxWidth  int
	modulus   float64 // of a year that is cut; 0 if it is not
}

// datePicture is a picture taken apart.
type datePicture []datePart

// numberComponents are those that are whole numbers.
const numberComponents = "YMDdFWwXxHhmsf"

func parseDatePicture(ev *evaluation, picture string) (datePicture, error) {
	const markerSteps = 24
	if err := ev.charge(8 + len(picture) + markerSteps*strings.Count(picture, "[")); err != nil {
		return nil, err
	}
	var p datePicture
	for picture != "" {
		before, rest, found := strings.Cut(picture, "[")
		if before != "" {
			p = append(p, datePart{literal: strings.ReplaceAll(before, "]]", "]")})
		}
		if !found {
			break
		}
		if strings.HasPrefix(rest, "[") {
			p = append(p, datePart{literal: "["})
			picture = rest[1:]
			continue
		}
		marker, after, closed := strings.Cut(rest, "]")
		if !closed {
			return nil, fail("D3135", 0)
		}
		part, err := parseMarker(ev, strings.Join(strings.Fields(marker), ""))
		if err != nil {
			return nil, err
		}
		if n := len(p); n > 0 && part.integer != nil && p[n-1].integer != nil && strings.IndexByte(numberComponents, part.component) >= 0 {
			p[n-1].integer.parseWidth = p[n-1].integer.mandatory
		}
		p = append(p, part)
		picture = after
	}
	return p, nil
}

// defaultPresentation returns how a component is written if the marker does not
// say.
func defaultPresentation(component byte) string {
	switch component {
	case 'Y', 'M', 'D', 'd', 'W', 'w', 'X', 'x', 'H', 'h', 'f':
		return "1"
	case 'F', 'P', 'C', 'E':
		return "n"
	case 'm', 's':
		return "01"
	case 'Z', 'z':
		return "01:01"
	}
	return ""
}

// parseMarker reads what is between the brackets.
func parseMarker(ev *evaluation, marker string) (datePart, error) {
	part := datePart{minWidth: -1, maxWidth: -1}
	presentation := ""
	if marker != "" {
		part.component, presentation = marker[0], marker[1:]
	}
	if comma := strings.LastIndexByte(presentation, ','); comma >= 0 {
		least, most, _ := strings.Cut(presentation[comma+1:], "-")
		part.minWidth, part.maxWidth = parseWidth(least), parseWidth(most)
		presentation = presentation[:comma]
	}
	if n := len(presentation); n > 1 && strings.IndexByte("atco", presentation[n-1]) >= 0 {
		part.second = presentation[n-1]
		presentation = presentation[:n-1]
	}
	if presentation == "" {
		if presentation = defaultPresentation(part.component); presentation == "" {
			return part, fail("D3132", 0).text("value", marker[:min(1, len(marker))])
		}
	}
	return part, part.present(ev, presentation)
}

// parseWidth returns a width, or -1 for none.
func parseWidth(s string) int {
	end := digits(s, 0)
	if n, err := strconv.Atoi(s[:end]); err == nil {
		return min(n, 1000)
	}
	return -1
}

// present sets how the component is written. Before 2.1, the maximum width of
// months and days was a minimum as well.
func (d *datePart) present(ev *evaluation, presentation string) (err error) {
	switch {
	case presentation[0] == 'n':
		d.names = true
	case strings.HasPrefix(presentation, "Nn"):
		d.names, d.letters = true, titleCase
	case presentation[0] == 'N':
		d.names, d.letters = true, upperCase
	case strings.IndexByte(numberComponents, d.component) >= 0 && d.component != 0:
		if d.second != 0 {
			presentation += ";" + string(d.second)
		}
		if d.integer, err = parseIntegerPicture(ev, presentation); err != nil {
			return err
		}
		if d.integer.numbering == numberingDecimal {
			d.integer.mandatory = max(d.integer.mandatory, d.minWidth)
		}
		switch {
		case d.component == 'Y':
			d.cutYear()
		case ev.expr.config.Dialect != V2_2 && (d.component == 'M' || d.component == 'D') && d.maxWidth >= 0:
			d.integer.mandatory = d.maxWidth
		}
		return nil
	}
	if d.component == 'Z' || d.component == 'z' {
		d.integer, err = parseIntegerPicture(ev, presentation)
	}
	return err
}

// cutYear sets to how many digits a year is cut.
func (d *datePart) cutYear() {
	width := d.integer.mandatory + d.integer.optional
	if d.maxWidth >= 0 {
		width = d.maxWidth
		d.integer.mandatory = width
	}
	if d.maxWidth >= 0 || width >= 2 {
		d.modulus = math.Pow(10, float64(width))
	}
}

var (
	monthNames = [...]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}
	dayNames = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
)

// format writes a date.
func (p datePicture) format(ev *evaluation, d date) (string, error) {
	var b strings.Builder
	for i := range p {
		if p[i].component == 0 && p[i].literal != "" {
			b.WriteString(p[i].literal)
			continue
		}
		if err := ev.charge(8); err != nil {
			return "", err
		}
		s, err := p[i].format(ev, d)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), ev.chargeText(b.Len())
}

func (d *datePart) format(ev *evaluation, at date) (string, error) {
	switch d.component {
	case 'Z', 'z':
		return d.formatZone(ev, at)
	case 'P':
		half := "am"
		if !at.invalid && at.t.Hour() >= 12 {
			half = "pm"
		}
		if d.names && d.letters == upperCase {
			half = strings.ToUpper(half)
		}
		return half, nil
	case 'C', 'E':
		return "ISO", nil
	}
	x, ok := at.component(d.component)
	if !ok {
		return "undefined", nil
	}
	if d.modulus > 0 {
		x = math.Mod(x, d.modulus)
	}
	if d.names {
		return d.formatName(x)
	}
	return d.integer.format(ev, x)
}

func (d *datePart) formatName(x float64) (string, error) {
	var name string
	switch d.component {
	case 'M', 'x', 'F':
		switch {
		case x == x && d.component == 'F':
			name = dayNames[int(x)-1]
		case x == x:
			name = monthNames[int(x)-1]
		case d.letters != titleCase || d.maxWidth >= 0:
			return "", uncoded("There is no such time", nil)
		default:
			return "undefined", nil
		}
	default:
		return "", fail("D3133", 0).text("value", string(d.component))
	}
	name = d.letters.apply(name)
	if d.maxWidth >= 0 && len(name) > d.maxWidth {
		name = name[:d.maxWidth]
	}
	return name, nil
}

// formatZone writes the offset of the time zone.
func (d *datePart) formatZone(ev *evaluation, at date) (s string, err error) {
	offset := at.hours*100 + at.minutes
	if d.integer == nil {
		return "", fail("D3133", 0).text("value", string(d.component))
	}
	switch n := d.integer.mandatory; {
	case d.integer.interval > 0 || n == 3 || n == 4:
		s, err = d.integer.format(ev, offset)
	case n == 1 || n == 2:
		s, err = d.integer.format(ev, at.hours)
		if at.minutes != 0 {
			s += ":" + pad2(at.minutes)
		}
	default:
		return "", fail("D3134", 0).num("value", n)
	}
	if offset >= 0 {
		s = "+" + s
	}
	if d.component == 'z' {
		s = "GMT" + s
	}
	if offset == 0 && d.second == 't' {
		s = "Z"
	}
	return s, err
}

func pad2(x float64) string {
	s := formatFloat(math.Abs(x))
	if len(s) < 2 {
		s = "0" + s
	}
	if x < 0 {
		s = "-" + s
	}
	return s
}
