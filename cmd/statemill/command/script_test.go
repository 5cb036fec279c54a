package command

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/statemill/statemill/internal/golden"
)

func TestMain(m *testing.M) {
	for _, l := range localFlags { // serve reads them
		_ = os.Unsetenv(l.variable)
	}
	testscript.Main(m, map[string]func(){
		"statemill": func() { os.Exit(Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, nil)) },
	})
}

// TestScripts runs the files in testdata/script: what a command prints and how it exits.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: golden.Rewriting()})
}
