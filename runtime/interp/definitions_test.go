package interp_test

import (
	"testing"

	"github.com/statemill/statemill/internal/golden"
)

// Each definition that was accepted once is accepted for ever: executions that were started
// with it read it again. What a file says to be accepted must stay so; nothing is taken out.
func TestDefinitionsThatWereAccepted(t *testing.T) {
	golden.Run(t, "testdata/definitions/*.txt", func(*testing.T, *golden.Case) func(string) string {
		return func(definition string) string {
			if _, err := compileText(definition); err != nil {
				return "refused: " + err.Error()
			}
			return "accepted"
		}
	})
}
