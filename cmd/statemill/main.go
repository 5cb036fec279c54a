// Command statemill runs workflows of the Amazon States Language.
//
//	statemill validate            checks definitions in JSON or YAML
//	statemill graph order.json    draws a definition
//	statemill json order.yaml     prints a definition as JSON
//	statemill run order.json      runs a definition here, in virtual time
//	statemill test                runs files of tests, with coverage
//	statemill cover DIR           reports what tests have reached of their definitions
//	statemill serve               serves the API of Step Functions on one port
//	statemill version             says which version this is
//
// The exit status is 0 if all went well, 1 if what is asked about is bad (a definition has
// errors, less is covered than is wanted), and 2 if a flag, a file, an address or a database
// is not as it must be.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/statemill/statemill/internal/similar"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	defer processes.wait()
	colors := color("auto")
	root := &cobra.Command{
		Use:   "statemill",
		Short: "Runs workflows of the Amazon States Language as AWS Step Functions does.",
		Example: `  statemill validate
  statemill graph order.asl.json -o order.svg
  statemill run order.asl.json '{"id": 7}' --task 'charge=json:{"paid": true}'
  statemill test
  statemill serve`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := configure(c); err != nil {
			return err
		}
		root.SetErr(colors.paint(errs))
		return nil
	}
	root.PersistentFlags().Var(&colors, "color", "`when` to use colours: auto (on a terminal, unless NO_COLOR is set), always or never")
	root.AddCommand(validateCommand(), graphCommand(), jsonCommand(), runCommand(), testCommand(), versionCommand(), coverCommand(), serveCommand(), manCommand())
	root.SetFlagErrorFunc(explainFlag)
	root.SetArgs(twoDashes(args))
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	errs = root.ErrOrStderr()
	switch {
	case errors.Is(err, errFound):
		return 1
	case errors.Is(err, errInterrupted):
		return 130
	case errors.As(err, new(*invalid)):
		fmt.Fprintln(errs, "statemill:", err)
		return 1
	case err != nil:
		fmt.Fprintln(errs, "statemill:", err)
		return 2
	}
	return 0
}

// explainFlag adds the flag that was probably meant.
func explainFlag(c *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := similar.Name(name, names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}
