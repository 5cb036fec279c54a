package command

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const mocked = `{
	"StateMachines": {"order": {"TestCases": {
		"Happy": {"Charge": "Paid", "Ask": "Yes"},
		"Sad": {"Charge": "Never"},
		"Wrong": {"Chrage": "Paid"}}}},
	"MockedResponses": {
		"Paid": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1-2": {"Return": {"Payload": {"id": 7}}}},
		"Yes": {"0": {"Return": "yes"}},
		"Never": {"0-5": {"Throw": {"Error": "Declined"}}}}}`

const askedOrder = `{"StartAt": "Wait", "States": {
	"Wait": {"Type": "Wait", "Seconds": 86400, "Next": "Charge"},
	"Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:charge", "Next": "Ask",
		"Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 1}], "Catch": [{"ErrorEquals": ["Declined"], "Next": "Ask"}]},
	"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}, "End": true}}}`

// start starts an execution and waits for its end.
func start(t *testing.T, url, machine, name string) (answer string) {
	t.Helper()
	status, answer := call(t, url, "StartExecution", fmt.Sprintf(`{"stateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:%s", "name": %q}`, machine, name))
	if status != http.StatusOK {
		return answer
	}
	plain, _, _ := strings.Cut(machine, "#")
	require.Eventually(t, func() bool {
		_, answer = call(t, url, "DescribeExecution", fmt.Sprintf(`{"executionArn": "arn:aws:states:us-east-1:111122223333:execution:%s:%s"}`, plain, name))
		return !strings.Contains(answer, "RUNNING")
	}, time.Minute, time.Millisecond)
	return answer
}

// The variables and flags of Step Functions Local, with a mock file: a case is named behind
// the ARN, Wait states are short, and functions are those of a server.
func TestAsStepFunctionsLocal(t *testing.T) {
	folder := t.TempDir()
	file, definition := filepath.Join(folder, "mocks.json"), filepath.Join(folder, "order.asl.json")
	require.NoError(t, os.WriteFile(file, []byte(mocked), 0o600))
	require.NoError(t, os.WriteFile(definition, []byte(askedOrder), 0o600))
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/2015-03-31/functions/charge/invocations", r.URL.Path)
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		_, _ = io.WriteString(w, `{"errorType": "Declined", "errorMessage": "no"}`)
	}))
	defer functions.Close()
	t.Setenv("AWS_ACCOUNT_ID", "111122223333")
	t.Setenv("SFN_MOCK_CONFIG", file)
	t.Setenv("LAMBDA_ENDPOINT", functions.URL)
	url, stop := serve(t, definition, "-waitTimeScale", "0", "--log", "off", "--task", `*:sqs:*=error:Asked`)
	answer := start(t, url, "order#Happy", "a")
	require.Contains(t, answer, `"status":"SUCCEEDED"`)
	require.Contains(t, answer, `"output":"\"yes\""`)
	_, history := call(t, url, "GetExecutionHistory", `{"executionArn": "arn:aws:states:us-east-1:111122223333:execution:order:a"}`)
	require.Regexp(t, `LambdaFunctionFailed.*LambdaFunctionSucceeded.*TaskStarted.*TaskSubmitted.*TaskSucceeded`, history)
	require.Contains(t, history, `"output":"{\"id\":7}"`)

	require.Contains(t, start(t, url, "order#Sad", "b"), `"error":"Asked"`, "the state Ask is not in the case")
	require.Contains(t, start(t, url, "order", "c"), `"error":"Asked"`, "the function is on the server")
	require.Contains(t, start(t, url, "order#Wrong", "d"), `did you mean \"Charge\"?`)
	require.Contains(t, start(t, url, "order#Hapy", "e"), `did you mean \"Happy\"?`)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(mocked, `"yes"`, `"no, never"`, 1)), 0o600))
	require.Contains(t, start(t, url, "order#Happy", "f"), `no, never`, "the file is read anew")
	code, errs := stop()
	require.Zero(t, code, errs)
}

// An EXPRESS state machine of a template has its cases and its short waits, too.
func TestExpressAsStepFunctionsLocal(t *testing.T) {
	folder := t.TempDir()
	template, file := filepath.Join(folder, "template.yaml"), filepath.Join(folder, "mocks.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"StateMachines": {"Quick": {"TestCases": {"Happy": {"Charge": "Paid"}}}},
		"MockedResponses": {"Paid": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"id": 7}}}}}`), 0o600))
	require.NoError(t, os.WriteFile(template, []byte(`
Resources:
  Quick:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      Definition:
        StartAt: Wait
        States:
          Wait: {Type: Wait, Seconds: 86400, Next: Charge}
          Charge: {Type: Task, Resource: "arn:aws:lambda:us-east-1:123456789012:function:charge", Retry: [{ErrorEquals: [Busy], IntervalSeconds: 1}], End: true}
`), 0o600))
	url, stop := serve(t, template, "--mock", file, "--wait-time-scale", "0", "--log", "off", "--task", "charge=error:Declined")
	const arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Quick"
	for machine, want := range map[string]string{
		arn + "#Happy": `"output":"{\"id\":7}"`, arn: `"error":"Declined"`, arn + "#Hapy": `did you mean \"Happy\"?`,
	} {
		_, answer := call(t, url, "StartSyncExecution", `{"stateMachineArn": "`+machine+`"}`)
		require.Contains(t, answer, want)
	}
	code, errs := stop()
	require.Zero(t, code, errs)
}

func TestCheck(t *testing.T) {
	folder := t.TempDir()
	definition := filepath.Join(folder, "order.asl.json")
	require.NoError(t, os.WriteFile(definition, []byte(askedOrder), 0o600))
	file := filepath.Join(folder, "kept.db")
	var out, errs bytes.Buffer
	require.Zero(t, Run(t.Context(), []string{"serve", "--check", "--listen", "127.0.0.1:0", "--db", file, definition}, &out, &errs, nil), errs.String())
	require.Regexp(t, `^would serve arn:aws:states:us-east-1:123456789012:stateMachine:order  \(.*order.asl.json\)\nAll is well: 127.0.0.1:\d+ is free, and .*kept.db can be used.\n$`, out.String())
	require.NoFileExists(t, file)
	require.NoError(t, os.WriteFile(definition, []byte(`{"StartAt": "A"}`), 0o600))
	require.Equal(t, 1, Run(t.Context(), []string{"serve", "--check", "--listen", "127.0.0.1:0", "--db", file, definition}, &out, &errs, nil))
	require.Contains(t, errs.String(), "States")
}

// Who has the address or the file is said, also if it is another process.
func TestInUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kept.db")
	other := exec.Command(os.Args[0], "-test.run=^TestServeHere$")
	other.Env = append(os.Environ(), "STATEMILL_TEST_DB="+file)
	out, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	defer func() {
		require.NoError(t, other.Process.Signal(os.Interrupt))
		require.NoError(t, other.Wait())
	}()
	var first [200]byte
	n, err := out.Read(first[:])
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, at, ok := strings.Cut(string(first[:n]), "http://")
	require.True(t, ok, string(first[:n]))
	at, _, _ = strings.Cut(at, " ")

	var errs bytes.Buffer
	require.Equal(t, 2, Run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--db", file}, io.Discard, &errs, nil))
	require.Contains(t, errs.String(), "in use by another process")
	if _, err := os.Stat("/proc/locks"); err == nil {
		require.Contains(t, errs.String(), fmt.Sprintf("the process %d has it", other.Process.Pid))
	}
	errs.Reset()
	require.Equal(t, 2, Run(t.Context(), []string{"serve", "--listen", at, "--db", "memory"}, io.Discard, &errs, nil))
	require.Contains(t, errs.String(), "another statemill serve listens there; --listen 127.0.0.1:0 takes a free port")
}

// TestServeHere is the other process of TestInUse.
func TestServeHere(t *testing.T) {
	file := os.Getenv("STATEMILL_TEST_DB")
	if file == "" {
		t.Skip("it is another process")
	}
	require.Zero(t, Run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--log", "off", "--db", file}, os.Stdout, os.Stderr, nil))
}

// Every flag of Step Functions Local is known, with one dash and with two, and every
// variable. (SFN_MOCK_CONFIG has no flag there.)
func TestLocalNames(t *testing.T) {
	for _, l := range localFlags {
		if l.flag != "" {
			continue
		}
		for _, args := range [][]string{{"-" + l.dashed, "http://x"}, {"-" + l.dashed + "=http://x"}, {"--" + l.name, "http://x"}, nil} {
			if args == nil {
				t.Setenv(l.variable, "http://x")
			}
			var errs bytes.Buffer
			require.Equal(t, 2, Run(t.Context(), append([]string{"serve", "--check", "--db", "memory"}, args...), io.Discard, &errs, nil), "%v", args)
			require.Contains(t, errs.String(), "statemill-aws has them", "%v", args)
		}
		require.NoError(t, os.Unsetenv(l.variable))
	}
	var out bytes.Buffer
	require.Zero(t, Run(t.Context(), []string{"serve", "-version"}, &out, io.Discard, nil))
	require.Contains(t, out.String(), "version")
	require.Zero(t, Run(t.Context(), []string{"serve", "-v"}, &out, io.Discard, nil))
	require.Zero(t, Run(t.Context(), []string{"serve", "-h"}, &out, io.Discard, nil))
}
