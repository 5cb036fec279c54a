package asltest_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/asltest"
)

// recorder is a test that notes what it is told.
type recorder struct {
	testing.TB
	told     strings.Builder
	failed   bool
	cleanups []func()
}

type ended struct{}

func (r *recorder) Helper()          { r.TB.Helper() }
func (r *recorder) Failed() bool     { return r.failed }
func (r *recorder) Skipped() bool    { return false }
func (r *recorder) Name() string     { return "TestRecorded" }
func (r *recorder) Log(args ...any)  { fmt.Fprintln(&r.told, args...) }
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(f string, a ...any) {
	r.failed = true
	fmt.Fprintf(&r.told, f+"\n", a...)
}
func (r *recorder) Fatal(a ...any)            { r.Errorf("%s", fmt.Sprint(a...)); panic(ended{}) }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); panic(ended{}) }

func (r *recorder) run(test func(t testing.TB)) string {
	func() {
		defer func() {
			if v := recover(); v != nil && v != (ended{}) {
				panic(v)
			}
		}()
		test(r)
	}()
	for _, f := range r.cleanups {
		f()
	}
	return r.told.String()
}

// TestFailures runs the tests that testdata/failures.txt names and compares what they say.
func TestFailures(t *testing.T) {
	line := regexp.MustCompile(`_test\.go:\d+`)
	golden.Run(t, "testdata/failures.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(command string) string {
			test := failures[strings.TrimSpace(command)]
			if test == nil {
				return "no such test\n"
			}
			said := (&recorder{TB: t}).run(test)
			if said == "" {
				return "it passes\n"
			}
			return line.ReplaceAllString(said, "_test.go:N")
		}
	})
}

var failures = map[string]func(t testing.TB){
	"output differs": func(t testing.TB) {
		wf := invoice(t)
		wf.State("AskApproval").Returns(`{}`)
		wf.Run(twoLines).WantOutput(`["page", "sheet", "more"]`)
	},
	"members differ": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"total": 12, "lines": ["a"], "odd name": 1}, "End": true}}}`)
		wf.Run(`{}`).WantOutput(`{"total": 13, "line": ["a"], "odd name": 1}`)
	},
	"no mock for a function": func(t testing.TB) {
		wf := asltest.Load(t, "testdata/invoice.asl.json")
		wf.Task("*:function:pricing").Returns(`{}`)
		wf.RunState("Price", `{"customerId": "c1"}`)
	},
	"no mock for a service, behind a Catch on States.ALL": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues",
			"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "End": true}, "S": {"Type": "Succeed"}}}`)
		wf.Run(`{}`).WantSuccess()
	},
	"a mock is never used": func(t testing.TB) {
		wf := invoice(t)
		wf.State("AskApproval").Fails("Declined", "")
		wf.Run(twoLines).WantError("Refused")
	},
	"a mock is of a resource that no state has": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:price", "End": true}}}`)
		wf.State("A").Returns(`1`)
		wf.Task("*:function:pric").Returns(`1`)
		wf.Run(`{}`).WantSuccess()
	},
	"a mock is used too often": func(t testing.TB) {
		wf := invoice(t)
		wf.Task("*:function:render").Returns(`1`).Times(1)
		wf.RunState("Lines", `{"lines": [1, 2]}`)
	},
	"a failure is not looked at": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}`)
		wf.Run(`{}`)
	},
	"success is wanted": func(t testing.TB) {
		wf := invoice(t)
		wf.Task("*:function:price").Fails("Lambda.TooManyRequestsException", "slow")
		wf.RunState("Price", `{}`).WantSuccess()
		optional(wf)
	},
	"another error is wanted": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").RunFrom("Refuse", `{}`).WantError("Declined")
	},
	"failure is wanted": func(t testing.TB) {
		asltest.New(t, `{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`).Run(`1`).WantError("E")
	},
	"path differs": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").RunFrom("Blocked?", `{"customer": {"blocked": true}}`).WantPath("Blocked?", "Refus")
	},
	"time differs": func(t testing.TB) {
		asltest.New(t, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": true}}}`).Run(`1`).WantElapsed(6 * time.Second)
	},
	"it waits for ever": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
			"Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}, "End": true}}}`)
		wf.State("T").Hangs()
		wf.Run(`1`)
	},
	"a moment is not reached": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`)
		wf.At(time.Second, func(*asltest.Control) {})
		wf.Run(`1`)
	},
	"no task waits": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": true}}}`)
		wf.At(time.Second, func(c *asltest.Control) { _ = c.Callbacks().Succeed(c.Token("W"), jsonvalue.Value{}) })
		wf.Run(`1`)
	},
	"an unknown state": func(t testing.TB) { asltest.Load(t, "testdata/invoice.asl.json").State("Prise") },
	"a state that does no work": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").State("CoolDown")
	},
	"a definition with errors": func(t testing.TB) {
		asltest.New(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}`)
	},
	"a variable that is never assigned": func(t testing.TB) {
		asltest.New(t, `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $totl %}", "End": true}}}`)
	},
	"no JSON": func(t testing.TB) { asltest.Load(t, "testdata/invoice.asl.json").Run(`{"a": }`) },
	"no file": func(t testing.TB) { asltest.Load(t, "testdata/none.asl.json") },
	"an unknown state in RunFrom": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").RunFrom("Pric", `{}`)
	},
	"an unknown machine in a mock file": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").MockFile("testdata/mocks.json", "Invoices", "Approved")
	},
	"After without an outcome": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").State("Price").After(time.Second)
	},
	"a function panics": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}`)
		wf.Task("f").Does(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { panic("oh") })
		wf.Run(`1`).WantSuccess()
	},
	"heartbeats without end": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}`)
		wf.State("T").Hangs().Heartbeats(time.Second)
		wf.Run(`1`)
	},
	"a heartbeat each nanosecond": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").State("Price").Hangs().Heartbeats(1)
	},
	"an answer before the attempt": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").State("Price").Returns(`1`).After(-time.Second)
	},
	"a moment before the start": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").At(-time.Second, func(*asltest.Control) {})
	},
	"a moment at the end": func(t testing.TB) {
		wf := asltest.New(t, `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": true}}}`)
		wf.At(5*time.Second, func(*asltest.Control) {})
		wf.Run(`1`)
	},
	"no function": func(t testing.TB) { asltest.Load(t, "testdata/invoice.asl.json").State("Price").Does(nil) },
	"no invoker":  func(t testing.TB) { asltest.Load(t, "testdata/invoice.asl.json").State("Price").Performs(nil) },
	"no function for a moment": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").At(time.Second, nil)
	},
	"no JSON, and much of it": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").Run(strings.Repeat("[1, ", 2000))
	},
	"variables that are no object": func(t testing.TB) {
		wf := asltest.Load(t, "testdata/invoice.asl.json")
		wf.Variables = `["total"]`
		wf.RunFrom("Refuse", `{}`)
	},
	"variables with dollar signs": func(t testing.TB) {
		wf := asltest.Load(t, "testdata/invoice.asl.json")
		wf.Variables = `{"$total": 12}`
		wf.RunFrom("Refuse", `{}`)
	},
	"a contract of no task": func(t testing.TB) {
		asltest.Load(t, "testdata/invoice.asl.json").Contract("*:function:prise", "testdata/invoice.schema.json", "")
	},
	"a loop without end": func(t testing.TB) { asltest.New(t, endless).Run(`{}`).WantSuccess() },
}

const endless = `{"StartAt": "Again", "States": {
	"Again": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": false, "Next": "Again"}], "Default": "Stop"},
	"Stop": {"Type": "Succeed"}}}`
