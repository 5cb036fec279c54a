// Command conform runs recorded cases against Statemill and says which of them
// hold.
//
//	go run ./conformance/conform SUITE [flags] PATH...
//
// Each failing case is printed by its id with the first difference; the last
// line counts. The exit status is 1 if a case failed, 2 if the cases could not
// be run. With -json the outcome of every case is written to a file.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// suite registers the flags of a kind of cases and returns what runs them.
type suite func(flags *flag.FlagSet) func(r *report, paths []string) error

// suites are the kinds of cases, by the name of their subcommand.
var suites = map[string]suite{
	"aws":        awsSuite,
	"validation": validationSuite,
	"jsonpath":   jsonpathSuite,
	"jsonata":    jsonataSuite,
}

// main is a test of its own: only tests have virtual time, in which an hour passes at
// once when everything waits for it.
func main() {
	args := os.Args[1:]
	os.Args = os.Args[:1]
	every := func(_, _ string) (bool, error) { return true, nil }
	testing.Main(every, []testing.InternalTest{{Name: "conform", F: func(t *testing.T) {
		os.Exit(conform(args, os.Stdout, os.Stderr, virtual(t)))
	}}}, nil, nil)
}

// virtual returns what runs a function in virtual time.
func virtual(t *testing.T) func(f func()) {
	return func(f func()) { synctest.Test(t, func(*testing.T) { f() }) }
}

// conform returns the exit status. virtual runs a function in virtual time.
func conform(args []string, stdout, stderr io.Writer, virtual func(f func())) int {
	if len(args) == 0 || suites[args[0]] == nil {
		fmt.Fprintf(stderr, "usage: conform SUITE [flags] PATH...\nsuites: %s\n", strings.Join(suiteNames(), " "))
		return 2
	}
	flags := flag.NewFlagSet("conform "+args[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	results := flags.String("json", "", "write the outcome of every case to this `file`")
	run := suites[args[0]](flags)
	if err := flags.Parse(args[1:]); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "conform: no PATH given")
		return 2
	}
	r := &report{Suite: args[0], out: stdout, virtual: virtual}
	if err := run(r, flags.Args()); err != nil {
		fmt.Fprintln(stderr, "conform:", err)
		return 2
	}
	return r.finish(*results, stderr)
}

func suiteNames() []string {
	var names []string
	for name := range suites {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
