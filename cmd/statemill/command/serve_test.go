package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve runs the command until stop is called, and returns where it listens.
func serve(t *testing.T, args ...string) (url string, stop func() (status int, errs string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), in, &errs, nil)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	url = regexp.MustCompile(`http://[0-9.:]+`).FindString(first)
	require.NotEmpty(t, url, first)
	return url, func() (int, string) {
		cancel()
		return <-ended, errs.String()
	}
}

func call(t *testing.T, url, operation, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

// What a server has kept, the next one has. Each request is a line on stderr, which says
// nothing of what is in it.
func TestServe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kept.db")
	url, stop := serve(t, "--db", file, "--log", "json", "--task", `greet=json:"hi"`)
	status, _ := call(t, url, "CreateStateMachine", `{"name": "secretive", "roleArn": "arn:r", "definition":
		"{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:123456789012:function:greet\",\"End\":true}}}"}`)
	require.Equal(t, 200, status)
	status, answer := call(t, url, "StartExecution", `{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:secretive", "name": "one"}`)
	require.Equal(t, 200, status, answer)
	code, errs := stop()
	require.Zero(t, code, errs)
	require.Contains(t, errs, `"operation":"StartExecution"`)
	require.NotContains(t, errs, "secretive")

	url, stop = serve(t, "--db", file)
	status, answer = call(t, url, "DescribeExecution", `{"executionArn": "arn:aws:states:us-east-1:123456789012:execution:secretive:one"}`)
	require.Equal(t, 200, status)
	require.Contains(t, answer, "executionArn")
	var errsTwice bytes.Buffer
	require.Equal(t, 2, Run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--db", file}, io.Discard, &errsTwice, nil))
	require.Contains(t, errsTwice.String(), "in use by another process")
	code, _ = stop()
	require.Zero(t, code)
}

// The folder of --buckets has what distributed Map states read, and gets what they write.
func TestServeBuckets(t *testing.T) {
	buckets := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(buckets, "data"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(buckets, "data", "in.csv"), []byte("id\n1\n2\n"), 0o644))
	machine := filepath.Join(t.TempDir(), "prices.json")
	require.NoError(t, os.WriteFile(machine, []byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "Parameters": {"Bucket": "data", "Key": "in.csv"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
		"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "data", "Prefix": "out"}, "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}}}}`), 0o644))
	url, stop := serve(t, machine, "--db", filepath.Join(t.TempDir(), "kept.db"), "--buckets", buckets)
	status, answer := call(t, url, "StartExecution", `{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:prices", "name": "one"}`)
	require.Equal(t, 200, status, answer)
	for answer = "RUNNING"; strings.Contains(answer, "RUNNING"); {
		_, answer = call(t, url, "DescribeExecution", `{"executionArn": "arn:aws:states:us-east-1:123456789012:execution:prices:one"}`)
	}
	require.Contains(t, answer, "SUCCEEDED")
	code, errs := stop()
	require.Zero(t, code, errs)
	written, err := filepath.Glob(filepath.Join(buckets, "data", "out", "*", "SUCCEEDED_0.jsonl"))
	require.NoError(t, err)
	require.Len(t, written, 1)
	text, err := os.ReadFile(written[0])
	require.NoError(t, err)
	require.Equal(t, "{\"id\":\"1\"}\n{\"id\":\"2\"}\n", string(text))
}

// It may have files in PARQUET.
func TestServeParquet(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "in"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "in", "rows"), []byte("no PARQUET at all"), 0o600))
	url, stop := serve(t, "--db", "memory", "--buckets", folder)
	definition, err := json.Marshal(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}, "Parameters": {"Bucket": "in", "Key": "rows"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`)
	require.NoError(t, err)
	status, answer := call(t, url, "CreateStateMachine", `{"name": "maps", "roleArn": "arn:aws:iam::123456789012:role/r", "definition": `+string(definition)+`}`)
	require.Equal(t, 200, status, answer)
	status, answer = call(t, url, "StartExecution", `{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:maps", "name": "one"}`)
	require.Equal(t, 200, status, answer)
	for running := true; running; running = strings.Contains(answer, `"RUNNING"`) {
		_, answer = call(t, url, "DescribeExecution", `{"executionArn": "arn:aws:states:us-east-1:123456789012:execution:maps:one"}`)
	}
	require.Contains(t, answer, "States.ItemReaderFailed")
	require.Contains(t, answer, "parquet: the file ends with")
	code, errs := stop()
	require.Zero(t, code, errs)
}

// Two servers on one database of PostgreSQL are one service: what one has begun, the other tells.
func TestServePostgres(t *testing.T) {
	database := os.Getenv("STATEMILL_POSTGRES")
	if database == "" {
		t.Skip("STATEMILL_POSTGRES is not set")
	}
	machine := fmt.Sprint("shared", time.Now().UnixNano()) // the schema stays
	one, stopOne := serve(t, "--db", database, "--task", `greet=json:"hi"`)
	other, stopOther := serve(t, "--db", database, "--task", `greet=json:"hi"`)
	status, answer := call(t, one, "CreateStateMachine", `{"name": "`+machine+`", "roleArn": "arn:r", "definition":
		"{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:123456789012:function:greet\",\"End\":true}}}"}`)
	require.Equal(t, 200, status, answer)
	status, answer = call(t, other, "StartExecution", `{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:`+machine+`", "name": "one"}`)
	require.Equal(t, 200, status, answer)
	status, answer = call(t, one, "DescribeExecution", `{"executionArn": "arn:aws:states:us-east-1:123456789012:execution:`+machine+`:one"}`)
	require.Equal(t, 200, status, answer)
	for _, stop := range []func() (int, string){stopOne, stopOther} {
		code, errs := stop()
		require.Zero(t, code, errs)
	}
	require.Equal(t, "postgres://user:xxxxx@host/db", (&server{database: "postgres://user:secret@host/db"}).keptIn())
}

func TestWrongFlags(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for want, args := range map[string][]string{
		"expected HOST:PORT":           {"--listen", "8083"},
		"address already in use":       {"--listen", taken.Addr().String()},
		"other machines reach":         {"--listen", "0.0.0.0:0"},
		"expected text, json or off":   {"--log", "loud"},
		"its folder":                   {"--listen", "127.0.0.1:0", "--db", "no/such/folder/x.db"},
		"connection refused":           {"--listen", "127.0.0.1:0", "--db", "postgres://somebody:secret@127.0.0.1:1/"},
		"no region":                    {"--listen", "127.0.0.1:0", "--db", "memory", "--region", "Mars!"},
		"other characters than digits": {"--listen", "127.0.0.1:0", "--db", "memory", "--account", "12/34"},
		"unknown flag: --tasks":        {"--tasks", "a=echo"},
		"stat more: no such file":      {"more"},
		"no clients of AWS services; statemill-aws has them": {"-sqsEndpoint", "http://x"},
		"this program has no clients of AWS":                 {"--task", "*:sqs:*=aws"},
		"expected a URL such as":                             {"-lambdaEndpoint=3001"},
		"lambda needs --lambda-endpoint":                     {"--task", "greet=lambda"},
		"--wait-time-scale -1: expected 0 or more":           {"-waitTimeScale", "-1"},
		"which case an execution has is not kept":            {"--mock", "none.json", "--db", "x.db"},
		"--mock: stat none.json":                             {"--mock", "none.json"},
		"--aws: this program has no clients of AWS services": {"--aws"},
		"--watch needs a SOURCE":                             {"--watch"},
		"did you mean --watch?":                              {"--wotch"},
		"--task greet: expected PATTERN=":                    {"--task", "greet"},
	} {
		var errs bytes.Buffer
		require.Equal(t, 2, Run(t.Context(), append([]string{"serve"}, args...), io.Discard, &errs, nil), want)
		require.Contains(t, errs.String(), want)
		require.NotContains(t, errs.String(), "secret")
	}
}
