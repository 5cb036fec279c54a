package jsonata

import (
	"math"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// stringify returns a value as $string does: a string as it is, anything else
// as JSON text.
func (ev *evaluation) stringify(v value, pretty bool) (string, error) {
	if s, ok := v.str(); ok {
		return s, nil
	}
	switch v.kind() {
	case kindNothing, kindFunction:
		return "", nil
	case kindNumber:
		if x, _ := v.float(); math.IsInf(x, 0) || x != x {
			return "", fail("D3001", 0)
		}
		p := printer{ev: ev, buf: make([]byte, 0, 24)}
		p.number(v)
		return string(p.buf), ev.charge(3)
	}
	p := printer{ev: ev, buf: ev.text[:0], pretty: pretty}
	if err := p.print(v, "\n"); err != nil {
		return "", err
	}
	ev.text = p.buf
	return string(p.buf), ev.chargeText(len(p.buf))
}

// printer writes values as JavaScript's JSON.stringify does.
type printer struct {
	ev     *evaluation // nil: for a message, with all digits of numbers
	buf    []byte
	pretty bool
}

// print appends v; newline is followed by the indentation of where v stands.
func (p *printer) print(v value, newline string) error {
	if err := p.check(); err != nil {
		return err
	}
	switch v.kind() {
	case kindNumber:
		if x, _ := v.float(); math.IsInf(x, 0) && p.ev != nil {
			return infinite(x)
		}
		p.number(v)
	case kindString:
		s, _ := v.str()
		p.buf = appendQuoted(p.buf, s)
	case kindBool:
		b, _ := v.json.AsBool()
		p.buf = strconv.AppendBool(p.buf, b)
	case kindArray:
		return p.array(v, newline)
	case kindObject:
		return p.object(v, newline)
	case kindFunction:
		p.buf = append(p.buf, `""`...)
	default:
		p.buf = append(p.buf, "null"...)
	}
	return nil
}

// check counts a node, and stops where a text is too long.
func (p *printer) check() error {
	if p.ev == nil {
		if len(p.buf) > maxMessage {
			return errMemory
		}
		return nil
	}
	if len(p.buf) > p.ev.limits.Text {
		return errMemory
	}
	return p.ev.charge(1)
}

func (p *printer) array(v value, newline string) error {
	inner := p.indent(newline)
	p.buf = append(p.buf, '[')
	n := v.len()
	for i := range n {
		p.separate(i, inner)
		if err := p.print(v.at(i), inner); err != nil {
			return err
		}
	}
	p.close(']', n, newline)
	return nil
}

func (p *printer) object(v value, newline string) error {
	inner := p.indent(newline)
	p.buf = append(p.buf, '{')
	n, err := p.members(v, inner)
	if err != nil {
		return err
	}
	p.close('}', n, newline)
	return nil
}

// members appends members in the order of the dialect and counts them.
func (p *printer) members(v value, newline string) (int, error) {
	if v.ref == &plain && (p.ev == nil || p.ev.expr.aws()) {
		return p.dataMembers(v.json, newline)
	}
	members := p.list(v)
	for i, m := range members {
		if err := p.member(i, m.name, m.value, newline); err != nil {
			return i, err
		}
	}
	return len(members), nil
}

// list returns the members as a list. Only an evaluation has an order of its own.
func (p *printer) list(v value) []member {
	if p.ev == nil {
		return membersOf(v)
	}
	return p.ev.members(v)
}

// dataMembers appends the members of data in the order in which they are.
func (p *printer) dataMembers(v jsonvalue.Value, newline string) (n int, err error) {
	if p.ev != nil {
		p.ev.steps -= v.Len()
	}
	for name, m := range v.Members() {
		if err := p.member(n, name, data(m), newline); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (p *printer) member(i int, name string, v value, newline string) error {
	p.separate(i, newline)
	p.buf = append(appendQuoted(p.buf, name), ':')
	if p.pretty {
		p.buf = append(p.buf, ' ')
	}
	return p.print(v, newline)
}

func (p *printer) indent(newline string) string {
	if !p.pretty {
		return ""
	}
	return newline + "  "
}

func (p *printer) separate(i int, newline string) {
	if i > 0 {
		p.buf = append(p.buf, ',')
	}
	p.buf = append(p.buf, newline...)
}

func (p *printer) close(bracket byte, members int, newline string) {
	if p.pretty && members > 0 {
		p.buf = append(p.buf, newline...)
	}
	p.buf = append(p.buf, bracket)
}

func (p *printer) number(v value) {
	x, _ := v.float()
	if math.IsInf(x, 0) || x != x {
		p.buf = append(p.buf, "null"...)
		return
	}
	all := p.ev == nil || p.ev.keepsDigits(v, x)
	if n, ok := v.json.AsInt64(); ok && all && (p.ev == nil || p.ev.expr.aws() || math.Abs(x) <= 1<<53) {
		p.buf = strconv.AppendInt(p.buf, n, 10)
		return
	}
	if !all {
		x = fifteenDigits(x)
		p.ev.steps -= 12 // the next node checks them
	}
	p.buf = appendFloat(p.buf, x)
}

// infinite is the fault of a number that JSON lacks.
func infinite(x float64) error {
	return fail("D1001", 0).with("value", "null", formatFloat(x))
}

// keepsDigits reports whether $string shows a number with all its digits.
func (ev *evaluation) keepsDigits(v value, x float64) bool {
	switch ev.expr.config.Dialect {
	case V2_2:
		return x == math.Trunc(x)
	case StepFunctions:
		if _, ok := v.json.AsInt64(); ok {
			return true
		}
		return x == math.Trunc(x)
	}
	return math.Abs(x) < 1e15 && x == math.Trunc(x)
}

// fifteenDigits rounds a number to 15 significant digits.
func fifteenDigits(x float64) float64 {
	var room [32]byte
	rounded, _ := strconv.ParseFloat(string(strconv.AppendFloat(room[:0], x, 'e', 14, 64)), 64)
	return rounded
}
