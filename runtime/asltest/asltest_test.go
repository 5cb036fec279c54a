package asltest_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/asltest"
)

// invoice mocks all that an invoice needs.
func invoice(t testing.TB) *asltest.Machine {
	wf := asltest.Load(t, "testdata/invoice.asl.json")
	wf.State("LoadCustomer").Returns(`{"Item": {"blocked": {"BOOL": false}}}`)
	wf.Task("*:function:price").Returns(`{"total": 1200}`)
	wf.Task("*:function:render").Returns(`"page"`)
	wf.Task("*:dynamodb:putItem").Returns(`{}`)
	wf.Task("*:sns:publish").Returns(`{"MessageId": "1"}`)
	return wf
}

const twoLines = `{"customerId": "c1", "lines": ["a", "b"]}`

func TestApprovedAfterTwoHours(t *testing.T) {
	t.Parallel()
	wf := invoice(t)
	wf.State("AskApproval").Returns(`{"by": "ann"}`).After(2 * time.Hour).Heartbeats(50 * time.Minute)
	run := wf.Run(twoLines)
	run.WantOutput(`["page", "page"]`)
	run.WantElapsed(3 * time.Hour)
	run.WantPath("LoadCustomer", "Blocked?", "Price", "Lines", "AskApproval", "CoolDown", "Send")
	run.Visits("Lines")[0].WantPath(1, "Render")
	run.Visits("Send")[0].WantPath(0, "Mail")
	require.Equal(t, 1, run.Visits("Blocked?")[0].Rule, "Default")
	require.Equal(t, 2*time.Hour, run.Visits("AskApproval")[0].Left)
}

// The mock of a function sees the Payload; its result is in the envelope of the service.
func TestFunctionOfInvoke(t *testing.T) {
	wf := invoice(t)
	price := wf.Task("*:function:price")
	price.Fails("Lambda.TooManyRequestsException", "slow down").Times(2).Does(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		require.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:function:price:live", task.Resource)
		return jsonvalue.MustParse(`{"total": 7}`), nil
	})
	run := wf.RunState("Price", `{"x": 1}`)
	run.WantOutput(`{"x": 1, "price": {"total": 7}}`)
	price.WantInput(2, `{"x": 1}`)
	require.Equal(t, []int{0, 0}, run.Visits("Price")[0].Retriers)
	require.Positive(t, run.Elapsed())
	optional(wf)
}

func TestHeartbeatsStop(t *testing.T) {
	wf := invoice(t)
	wf.State("AskApproval").Hangs().Heartbeats(time.Hour + time.Millisecond)
	run := wf.Run(twoLines)
	run.WantError("Refused")
	run.WantElapsed(time.Hour)
	require.Equal(t, 0, run.Visits("AskApproval")[0].Catcher)
	optional(wf)
}

func TestAnswerFromOutside(t *testing.T) {
	wf := invoice(t)
	wf.State("AskApproval").Hangs()
	wf.At(30*time.Minute, func(c *asltest.Control) {
		require.NoError(t, c.Callbacks().Succeed(c.Token("AskApproval"), jsonvalue.String("yes")))
	})
	wf.Run(twoLines).WantElapsed(90 * time.Minute)
}

func TestStop(t *testing.T) {
	wf := invoice(t)
	wf.State("AskApproval").Hangs()
	wf.At(time.Minute, func(c *asltest.Control) { c.Stop("Operator", "enough") })
	run := wf.Run(twoLines)
	run.WantError("Operator")
	run.WantCause("enough")
	optional(wf)
}

func TestParts(t *testing.T) {
	wf := invoice(t)
	wf.RunBetween("LoadCustomer", "Price", twoLines).WantOutput(`{"customerId": "c1", "lines": ["a", "b"], "customer": {"blocked": false}}`)
	wf.RunFrom("Refuse", `{}`).WantError("Refused")
	wf.State("Lines").Returns(`[1]`)
	run := wf.RunState("Lines", `{"lines": []}`)
	run.WantOutput(`{"lines": [], "pages": [1]}`)
	optional(wf)
}

// Outcomes are given in the order of the tasks, whoever is ready first.
func TestOrderOfConcurrentTasks(t *testing.T) {
	for range 20 {
		wf := invoice(t)
		wf.Task("*:function:render").Returns(`"first"`).Returns(`"second"`).Returns(`"third"`)
		run := wf.RunState("Lines", `{"lines": [1, 2, 3]}`)
		run.WantOutput(`{"lines": [1, 2, 3], "pages": ["first", "second", "third"]}`)
		optional(wf)
	}
}

// A package may have a flag named update itself; then it writes golden files, too.
var _ = flag.Bool("update", false, "of this package")

func TestWhen(t *testing.T) {
	wf := invoice(t)
	render := wf.Task("*:function:render")
	render.Returns(`"other"`)
	render.When("$", `"b"`).Returns(`"b!"`)
	wf.RunState("Lines", `{"lines": ["a", "b", "c"]}`).WantOutputAt("$.pages", `["other", "b!", "other"]`)
	optional(wf)
}

func TestReal(t *testing.T) {
	wf := asltest.New(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "a", "Next": "B"}, "B": {"Type": "Task", "Resource": "b", "End": true}}}`)
	wf.Real = runtime.Mux{"a": runtime.Function(func(_ context.Context, n int) (int, error) { return n + 1, nil })}
	wf.Task("b").Does(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })
	var out int
	wf.Run(`1`).Decode(&out)
	require.Equal(t, 2, out)
}

func TestMockFile(t *testing.T) {
	wf := asltest.Load(t, "testdata/invoice.asl.json")
	wf.MockFile("testdata/mocks.json", "Invoice", "Approved")
	run := wf.Run(twoLines)
	run.WantOutput(`["p1", "p2"]`)
	require.Equal(t, 2, run.Visits("Price")[0].Attempts)
}

// optional allows mocks of the helper to stay unused in a test of a part.
func optional(wf *asltest.Machine) {
	for _, k := range asltest.MocksOf(wf) {
		k.Optional()
	}
}

// The history of a run is compared with a file, which a flag writes.
func TestGolden(t *testing.T) {
	wf := invoice(t)
	wf.State("AskApproval").Returns(`{}`).After(time.Minute)
	run := wf.Run(twoLines)
	run.WantGolden("testdata/approved.golden")
	file := filepath.Join(t.TempDir(), "new", "golden")
	require.NoError(t, flag.Set("update", "true"))
	run.WantGolden(file)
	require.NoError(t, flag.Set("update", "false"))
	run.WantGolden(file)
	t.Setenv("ASLTEST_UPDATE", "1")
	run.WantGolden(file)
	t.Setenv("ASLTEST_UPDATE", "")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append([]byte("{}\n"), text...), 0o600))
	said := (&recorder{TB: t}).run(func(t testing.TB) {
		wf := invoice(t)
		wf.State("AskApproval").Returns(`{}`).After(time.Minute)
		wf.Run(twoLines).WantGolden(file)
	})
	require.Contains(t, said, "at line 1\n  got:  {\"timestamp\":\"+0s\",\"type\":\"ExecutionStarted\"")
	var graph strings.Builder
	run.Graph(&graph)
	require.Contains(t, graph.String(), "class s1 visited\n")
}

// A contract, too, is of functions whose names the definition has in another form.
func TestContractOfACalledFunction(t *testing.T) {
	for _, fields := range []string{
		`"FunctionName": "count"`, `"FunctionName": "count:live"`, `"FunctionName": "{% 'cou' & 'nt' %}"`,
		`"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:count", "Qualifier": "live"`,
	} {
		said := (&recorder{TB: t}).run(func(t testing.TB) {
			wf := asltest.New(t, `{"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": {"Type": "Task",
				"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {`+fields+`}, "End": true}}}`)
			wf.Contract("*:function:count", "testdata/invoice.schema.json", "")
			wf.Task("*:function:count").Returns(`12`)
			wf.Run(`{}`)
		})
		require.Contains(t, said, "breaks its contract", fields)
	}
}

// The branches of expressions count if they are asked for, and runs that reach them are
// suggested.
func TestExpressions(t *testing.T) {
	wf := asltest.New(t, `{"QueryLanguage": "JSONata", "StartAt": "Postage", "States": {
		"Postage": {"Type": "Pass", "Output": {"cents": "{% $states.input.kilos <= 17 ? 350 : 700 %}"}, "End": true}}}`)
	wf.Run(`{"kilos": 3}`).WantOutput(`{"cents": 350}`)
	report := func(c asltest.Coverage) string {
		var b strings.Builder
		require.NoError(t, c.Report(&b))
		return b.String()
	}
	require.NotContains(t, report(asltest.Coverage{Suggest: true}), "/States/Postage/Output")
	said := report(asltest.Coverage{Suggest: true, Expressions: true})
	require.Contains(t, said, "2:89: never: expression arm taken  [/States/Postage/Output/cents]")
	require.Contains(t, said, "// 2:89 expression arm taken  [/States/Postage/Output/cents]\n// as TestExpressions, with\nrun := wf.Run(`{}`) // $.kilos: left out\n")
}

// Of several reports that cannot be written, the message always names the same one.
func TestReportIsDeterministic(t *testing.T) {
	for range 20 {
		err := asltest.Coverage{JSON: "none/a", HTML: "none/b", LCOV: "none/c", Cobertura: "none/d"}.Report(io.Discard)
		require.ErrorContains(t, err, "none/a")
	}
}
