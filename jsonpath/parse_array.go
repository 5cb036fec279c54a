package jsonpath

import (
	"strconv"
	"strings"
)

// arrayReader reads what selects elements of an array. It takes characters in
// the order and with the freedom of Jayway: blanks mean nothing, not even
// between digits, and reading ends quietly at the first foreign character.
type arrayReader struct {
	text    string
	pos     int
	digits  []byte
	numbers []int

	// The marks that were read between or beside the numbers. If there are
	// several, the first one counts.
	list, from, to, between bool
}

// arrayStep reads an index, a list, a slice or a script. The text starts at
// its first character and stands at start in the path.
func (p *parser) arrayStep(start int, text string) (step, error) {
	r := &arrayReader{text: text}
	if text[0] == '@' {
		n, problem := r.script()
		if problem != "" {
			return nil, p.fail(start, problem)
		}
		return fromEndStep(n), nil
	}
	if problem := r.read(); problem != "" {
		return nil, p.fail(start+r.pos, problem)
	}
	return r.step(), nil
}

func (r *arrayReader) step() step {
	switch n := r.numbers; {
	case len(n) == 1 && !r.from && !r.to:
		return indexStep(n[0])
	case r.list:
		return indexesStep(n)
	case r.from:
		return sliceStep{start: n[0], hasStart: true}
	case r.to:
		return sliceStep{end: n[0], hasEnd: true}
	case r.between:
		return sliceStep{start: n[0], end: n[1], hasStart: true, hasEnd: true}
	}
	return indexesStep(r.numbers)
}

// read takes commas, colons and numbers. It returns the problem as text, or "".
func (r *arrayReader) read() (problem string) {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == ':':
			problem = r.colon()
		case c == ',':
			problem = r.number()
			r.list = true
		case !r.digit(c):
			return r.end()
		}
		if problem != "" {
			return problem
		}
		if r.pos < len(r.text) && r.text[r.pos] == ']' {
			return r.end()
		}
		r.pos++
	}
	return unclosed
}

const unclosed = "The bracket is not closed"

func (r *arrayReader) end() string {
	if len(r.digits) == 0 {
		return ""
	}
	return r.number()
}

// digit takes a part of a number and reports whether c is one.
func (r *arrayReader) digit(c byte) bool {
	if c >= '0' && c <= '9' || c == '-' {
		r.digits = append(r.digits, c)
		return true
	}
	return c == ' '
}

// number ends a number.
func (r *arrayReader) number() (problem string) {
	n, err := strconv.ParseInt(string(r.digits), 10, 32)
	if err != nil {
		return "For input string: \"" + string(r.digits) + "\""
	}
	r.digits = r.digits[:0]
	r.numbers = append(r.numbers, int(n))
	return ""
}

// colon reads the numbers on both sides of a colon. If there are several
// colons, all of them count; step decides what they mean together.
func (r *arrayReader) colon() (problem string) {
	hasStart := len(r.digits) > 0
	if hasStart {
		if problem = r.number(); problem != "" {
			return problem
		}
	}
	for r.pos++; r.pos < len(r.text) && r.digit(r.text[r.pos]); r.pos++ {
	}
	switch {
	case r.pos == len(r.text):
		return unclosed
	case !hasStart:
		r.to = true
	case len(r.digits) == 0:
		r.from = true
		return ""
	default:
		r.between = true
	}
	return r.number()
}

// script reads @.length-1) or @.size()-1).
func (r *arrayReader) script() (n int, problem string) {
	const forms = "[(@.length - n)] and [(@.size() - n)]"
	minus := strings.IndexByte(r.text, '-')
	if minus < 2 {
		return 0, "Only these functions count from the end of an array: " + forms
	}
	function := strings.NewReplacer(" ", "", "(", "", ")", "").Replace(r.text[2:minus])
	if function != "size" && function != "length" {
		return 0, "Invalid function: @." + function + ". Supported functions are: " + forms
	}
	number, _, closed := strings.Cut(r.text[minus:], ")")
	if !closed {
		return 0, unclosed
	}
	r.digits = []byte(strings.ReplaceAll(number, " ", ""))
	if problem = r.number(); problem != "" {
		return 0, problem
	}
	return r.numbers[0], ""
}
