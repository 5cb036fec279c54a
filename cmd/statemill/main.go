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
	"os"

	"github.com/statemill/statemill/cmd/statemill/command"
)

func main() { os.Exit(command.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, nil)) }
