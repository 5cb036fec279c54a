package asltest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/asltest"
)

func TestFaults(t *testing.T) {
	wf := invoice(t)
	wf.State("AskApproval").Returns(`{}`)
	for _, mode := range []asltest.FaultMode{asltest.Once, asltest.Always} {
		faults := wf.Faults(twoLines, mode)
		var b strings.Builder
		for _, c := range faults.Cases {
			fmt.Fprintf(&b, "%s:%s %s\n", c.State, c.Error, c.Effect)
		}
		table := b.String()
		require.Contains(t, table, "AskApproval:Declined failed by name\n")
		require.Contains(t, table, "AskApproval:States.Timeout failed by name\n")
		want := map[asltest.FaultMode]string{asltest.Once: "recovered", asltest.Always: "unhandled"}[mode]
		require.Contains(t, table, "Price:Lambda.TooManyRequestsException "+want+"\n")
		require.Contains(t, table, "Render:{} diverted\n")
		require.Contains(t, table, "LoadCustomer:null unhandled\n")
	}
}
