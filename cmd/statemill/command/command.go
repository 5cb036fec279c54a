// Package command is the command statemill. Binaries that have clients of AWS besides run it, too: cmd/statemill has none, and
// contrib/aws/cmd/statemill-aws has some.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// AWS makes who performs tasks of AWS, and where buckets are; nil: nowhere. It belongs to binaries that have clients of AWS.
type AWS func(ctx context.Context, e Endpoints) (runtime.TaskInvoker, objects.Objects, error)

// Endpoints say which services are called, and where.
type Endpoints struct {
	Services map[string]string // URLs of single services, by their names in resources: "sqs", "dynamodb"
	All      string            // the URL of all others; "": none of them is called, unless Real says so
	Real     bool              // services without a URL are those of AWS, with the credentials and the region of the environment
}

// any reports whether anything is called.
func (e *Endpoints) any() bool { return e.Real || e.All != "" || len(e.Services) > 0 }

// Run runs the command with its arguments, and returns the exit status. aws is nil in a binary that has no clients of AWS.
func Run(ctx context.Context, args []string, out, errs io.Writer, aws AWS) int {
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
	root.AddCommand(validateCommand(aws), graphCommand(), jsonCommand(), runCommand(aws), testCommand(), versionCommand(), coverCommand(), serveCommand(aws), manCommand())
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
