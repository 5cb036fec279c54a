package coverage

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/asl"
)

// WriteProfile writes a profile that go tool cover -html shows: a block for each part of
// a definition, up to the end of its line, whose count is that of its outcome with the
// least. Definitions that are in no file are left out.
func (r *Report) WriteProfile(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "mode: count")
	for _, m := range r.Machines {
		if m.File == "" {
			continue
		}
		text, _, err := m.parsed()
		if err != nil {
			return err
		}
		for _, p := range m.parts() {
			from, to := text.block(p)
			fmt.Fprintf(b, "%s:%d.%d,%d.%d 1 %d\n", m.File, p.line, from, p.line, to, p.least)
		}
	}
	return b.Flush()
}

// part is a part of a definition with all its outcomes.
type part struct {
	location     string
	line, column int
	least        int // the count of the outcome that was reached least
	items        []*Item
}

// parts returns the parts in the order of the text. Items that are ignored do not count.
func (m *Machine) parts() (parts []*part) {
	var last *part
	for _, i := range m.byLine() {
		if i.Ignored != "" {
			continue
		}
		if last == nil || last.location != i.Location || last.line != i.Line || last.column != i.Column {
			last = &part{location: i.Location, line: i.Line, column: i.Column, least: i.Count}
			parts = append(parts, last)
		}
		last.items = append(last.items, i)
		last.least = min(last.least, i.Count)
	}
	return parts
}

// inString returns what is before the quote that ends a string in JSON.
func inString(rest string) string {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return rest[:i]
		}
	}
	return rest
}

// lines is a definition by lines.
type lines []string

func (m *Machine) parsed() (lines, *asl.StateMachine, error) {
	sm, err := asl.Parse([]byte(m.Definition))
	return strings.Split(cmp.Or(m.Text, m.Definition), "\n"), sm, err
}

// block returns the columns, in bytes, from which a part reaches to its end or the end
// of its line.
func (l lines) block(p *part) (from, to int) {
	if p.line < 1 || p.line > len(l) {
		return 1, 2
	}
	line := l[p.line-1]
	for range p.column - 1 {
		_, size := utf8.DecodeRuneInString(line[from:])
		from += size
	}
	rest := strings.TrimRight(line[from:], " \r")
	if p.items[0].Kind == expression {
		rest = inString(rest)
	}
	var whole json.RawMessage
	if json.NewDecoder(strings.NewReader(rest)).Decode(&whole) == nil {
		rest = string(whole)
	}
	return from + 1, from + 1 + max(len(rest), 1)
}
