package command

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man",
		Short:  "Prints the manual page.",
		Long:   "Prints the manual page of all commands: statemill man | man -l -",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(c *cobra.Command, _ []string) error { return writeManual(c.OutOrStdout(), c.Root()) },
	}
}

// writeManual writes a page in the language of man.
func writeManual(w io.Writer, root *cobra.Command) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, ".TH STATEMILL 1 \"\" %q\n.SH NAME\nstatemill \\- %s\n.SH SYNOPSIS\n.B statemill\n.I command\n[flags]\n.SH COMMANDS\n",
		roff("statemill "+thisBuild().Version), roff(root.Short))
	for _, c := range root.Commands() {
		if !c.Hidden && configurable(c.Name()) || c.Name() == "version" {
			manualOf(b, c)
		}
	}
	fmt.Fprint(b, ".SH EXIT STATUS\n0 if all went well, 1 if what is asked about is bad (a definition has errors, an execution or a test fails,\n"+
		"less is covered than is wanted), 2 if a flag, a file, an address or a database is not as it must be, 130 if it was interrupted.\n"+
		".SH FILES\n.TP\n.B statemill.yaml\nThe nearest one upwards gives flags their values. STATEMILL_CONFIG names another one.\n")
	return b.Flush()
}

func manualOf(b io.Writer, c *cobra.Command) {
	fmt.Fprintf(b, ".SS statemill %s\n%s\n.PP\n.nf\n%s\n.fi\n", roff(c.Use), roff(c.Long), roff(c.Example))
	c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(b, ".TP\n\\fB\\-\\-%s\\fR \\fI%s\\fR\n%s\n", roff(f.Name), roff(value), roff(usage))
	})
}

// roff protects what the language of man would read otherwise.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
