// Command statemill runs workflows of the Amazon States Language.
//
//	statemill serve --task greet=exec:./greet.sh
//
// serves the API of Step Functions. The exit status is 0 if all went well and 2 if a
// flag, an address or a database is not as it must be.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	root := &cobra.Command{
		Use:           "statemill",
		Short:         "Runs workflows of the Amazon States Language as AWS Step Functions does.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
	}
	root.AddCommand(serveCommand())
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(errs, "statemill:", err)
		return 2
	}
	return 0
}
