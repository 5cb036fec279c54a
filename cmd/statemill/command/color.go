package command

import (
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/spf13/cobra"
)

// color is what --color says: auto, always or never. Colours repeat what words say.
type color string

// String implements the Value of a flag.
func (c *color) String() string { return string(*c) }

// Type implements the Value of a flag.
func (c *color) Type() string { return "when" }

// Set implements the Value of a flag.
func (c *color) Set(text string) error {
	switch text {
	case "auto", "always", "never":
		*c = color(text)
		return nil
	}
	return fmt.Errorf("expected auto, always or never")
}

// paint returns a writer of text for people that is in colour if w shows it.
func (c *color) paint(w io.Writer) io.Writer {
	if *c == "always" || *c == "auto" && isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		return painter{w}
	}
	return w
}

// reportTo returns where a command writes its report: text is for people.
func reportTo(c *cobra.Command, format string) io.Writer {
	out := c.OutOrStdout()
	if flag := c.Flag("color"); flag != nil && format == "text" {
		if colors, ok := flag.Value.(*color); ok {
			return colors.paint(out)
		}
	}
	return out
}

// painter writes in colour. Each Write is whole lines.
type painter struct{ io.Writer }

// The places of a line that have a colour.
var (
	bad     = regexp.MustCompile(`(?m)^(?:FAIL|FAILED|TIMED_OUT|ABORTED|statemill:)(?:\s|$)|:\d+:\d+: [A-Z][A-Z_]+:`)
	doubted = regexp.MustCompile(`(?m): warning: [A-Z][A-Z_]+:`)
	good    = regexp.MustCompile(`(?m)^(?:ok|SUCCEEDED)\s`)
	pointed = regexp.MustCompile(`(?m)^ +\| +\^+`)
)

// Write implements io.Writer.
func (p painter) Write(text []byte) (int, error) {
	painted := bad.ReplaceAll(text, []byte("\x1b[31m$0\x1b[0m"))
	painted = doubted.ReplaceAll(painted, []byte("\x1b[33m$0\x1b[0m"))
	painted = good.ReplaceAll(painted, []byte("\x1b[32m$0\x1b[0m"))
	painted = pointed.ReplaceAll(painted, []byte("\x1b[1m$0\x1b[0m"))
	if _, err := p.Writer.Write(painted); err != nil {
		return 0, err
	}
	return len(text), nil
}
