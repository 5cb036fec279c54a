package asltest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/asltest"
)

func TestInputs(t *testing.T) {
	first := slices.Collect(asltest.Inputs(t, "testdata/invoice.schema.json", 30))
	require.Len(t, first, 30)
	require.Equal(t, first, slices.Collect(asltest.Inputs(t, "testdata/invoice.schema.json", 30)), "the name of the test determines them")
	require.Equal(t, `{"customerId":"a","lines":[]}`, first[0])
	require.Contains(t, first[1], `"priority":3`)
}

func TestEach(t *testing.T) {
	said := (&recorder{TB: t}).run(func(t testing.TB) {
		asltest.Each(t, "testdata/invoice.schema.json", 100, func(t testing.TB, input string) {
			if strings.Contains(input, `"priority"`) && strings.Contains(input, `"lines":["`) {
				t.Fatalf("a line, and a priority")
			}
		})
	})
	require.Regexp(t, "^it fails with this input:\n  wf.Run\\(`{\"customerId\":\"[^\"]+\",\"lines\":\\[\"\"\\],\"priority\":1}`\\)\n  a line, and a priority\n$", said)
	asltest.Each(t, "testdata/invoice.schema.json", 20, func(t testing.TB, input string) {
		wf := invoice(t)
		wf.State("AskApproval").Returns(`{}`)
		wf.Run(input).WantSuccess()
		optional(wf)
	})
}
