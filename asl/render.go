package asl

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteText writes the findings for people: each with its line and a caret.
// The file name goes before each position; it may be empty.
func (ds Diagnostics) WriteText(w io.Writer, file string) error {
	b := bufio.NewWriter(w)
	for _, d := range ds {
		d.writeText(b, file)
	}
	return b.Flush()
}

func (d Diagnostic) writeText(b *bufio.Writer, file string) {
	file = printable(file)
	if file != "" {
		b.WriteString(file + ":")
	}
	if d.Start.Line > 0 {
		b.WriteString(d.Start.String() + ": ")
	} else if file != "" {
		b.WriteString(" ")
	}
	if d.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(printable(d.Code+": "+d.words()) + "\n")
	if d.Start.Line > 0 {
		d.writeSnippet(b, d.Hint)
	} else if d.Hint != "" {
		b.WriteString("      " + printable(d.Hint) + "\n")
	}
	for _, r := range d.Related {
		if file != "" {
			b.WriteString(file + ":")
		}
		b.WriteString(r.Start.String() + ": " + printable(r.Message) + "\n")
		r.writeSnippet(b, "")
	}
}

// snippetWidth is how many characters of a line are shown.
const snippetWidth = 100

// writeSnippet writes the line of the finding, and under it carets and the
// note:
//
//	12 |       "Next": "Shipp",
//	   |               ^^^^^^^ did you mean "Ship"?
func (d Diagnostic) writeSnippet(b *bufio.Writer, note string) {
	line, column := window(d.Line, d.Start.Column-1)
	rest := utf8.RuneCountInString(line) - column
	width := 1
	if d.End.Line == d.Start.Line {
		width = d.End.Column - d.Start.Column
	} else if d.End.Line > d.Start.Line {
		width = rest
	}
	width = max(1, min(width, rest))
	fmt.Fprintf(b, "%5d | %s\n", d.Start.Line, printable(line))
	fmt.Fprintf(b, "%5s | %s%s", "", strings.Repeat(" ", column), strings.Repeat("^", width))
	if note != "" {
		b.WriteString(" " + printable(note))
	}
	b.WriteByte('\n')
}

// window cuts the part around a column out of a long line. Columns count from
// 0 in characters.
func window(line string, column int) (part string, at int) {
	runes, skipped := around(line, column)
	at = min(column-skipped, len(runes))
	if skipped == 0 && len(runes) <= snippetWidth {
		return string(runes), at
	}
	from := max(0, min(at-snippetWidth/3, len(runes)-snippetWidth))
	to := min(len(runes), from+snippetWidth)
	part, at = string(runes[from:to]), at-from
	if to < len(runes) {
		part += "..."
	}
	if skipped+from > 0 {
		part, at = "..."+part, at+len("...")
	}
	return part, at
}

// around returns the characters of a line near a column, and the number of those
// before them. A definition of a megabyte in one line is not copied for each
// finding.
func around(line string, column int) (near []rune, skipped int) {
	const reach = 2 * snippetWidth
	n := 0
	for _, r := range line {
		switch {
		case n < column-reach:
			skipped++
		case n > column+reach:
			return near, skipped
		default:
			near = append(near, r)
		}
		n++
	}
	return near, skipped
}
