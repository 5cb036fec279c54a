package asl

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes workflow commands that GitHub shows as annotations.
func (ds Diagnostics) WriteGitHub(w io.Writer, file string) error {
	b := bufio.NewWriter(w)
	for _, d := range ds {
		d.writeGitHub(b, file)
	}
	return b.Flush()
}

func (d Diagnostic) writeGitHub(b *bufio.Writer, file string) {
	command := "error"
	if d.Warning {
		command = "warning"
	}
	var properties []string
	property := func(name, value string) {
		properties = append(properties, name+"="+githubProperty.Replace(printable(value)))
	}
	if file != "" {
		property("file", file)
	}
	if d.Start.Line > 0 {
		property("line", fmt.Sprint(d.Start.Line))
		property("endLine", fmt.Sprint(d.End.Line))
		if d.Start.Line == d.End.Line {
			property("col", fmt.Sprint(d.Start.Column))
			property("endColumn", fmt.Sprint(d.End.Column))
		}
	}
	property("title", d.Code)
	message := d.words()
	if d.Location != "" && !d.locatesText() {
		message += " (" + d.Location + ")"
	}
	if d.Hint != "" {
		message += "; " + d.Hint
	}
	fmt.Fprintf(b, "::%s %s::%s\n", command, strings.Join(properties, ","), githubData.Replace(printable(message)))
}

// GitHub decodes these in messages, and two more in properties.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
