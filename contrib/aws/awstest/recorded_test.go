package awstest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/contrib/aws/s3objects"
	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/httptask"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// TestRecorded replays what AWS was recorded to do with functions, other services and executions that start others: tasks call stand-ins of
// these through real clients.
func TestRecorded(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS names no folder with recorded cases")
	}
	cases, err := recorded.Read(filepath.Join(corpus, "aws"))
	require.NoError(t, err)
	cases = slices.DeleteFunc(cases, func(c *recorded.Case) bool { return c.Tier == "engine" || c.Tier == "engine+logs" })
	var outcomes recorded.Outcomes
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(recorded.At))
				err := walked(t, c)
				if outcomes.Add(err) {
					t.Skip(err)
				}
				require.NoError(t, err)
			})
		})
	}
	t.Log(&outcomes)
}

// walked replays the calls of a case.
func walked(t *testing.T, c *recorded.Case) error {
	if err := c.Unfit(func(string) bool { return true }); err != nil {
		return err
	}
	if c.MapsObjects() {
		if _, err := c.Objects(); err != nil {
			return err
		}
	}
	w := newWorld(c.Lambdas)
	tasks, err := w.perform(c)
	if err != nil {
		return err
	}
	for _, account := range []string{"111111111111", "222222222222"} {
		h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{
			Account: account, Engine: runtime.EngineConfig{Tasks: tasks, Objects: s3objects.Objects{Client: w.bucketsClient()}, Formats: recorded.Formats},
		})
		if err != nil {
			return err
		}
		defer func() { assert.NoError(t, h.Close(context.Background())) }()
		w.accounts[account] = h
	}
	w.accounts["key"] = w.accounts["111111111111"]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.ctx = ctx
	walk := recorded.Walk{Caller: w, Case: c, Services: w.serve}
	return walk.Run()
}

// perform returns who performs the tasks of a case.
func (w *world) perform(c *recorded.Case) (runtime.TaskInvoker, error) {
	tasks, err := awstasks.New(w.clients()...)
	if err != nil {
		return nil, err
	}
	tasks.AssumeRole = func(role string) aws.CredentialsProvider {
		account := strings.Split(role, ":")[4]
		if !strings.Contains(role, "admin-test-role-") && slices.Contains(c.Needs, "credentials") {
			return nil // it is not there
		}
		return credentials.NewStaticCredentialsProvider(account, "secret", "")
	}
	apis := httptask.Invoker{Client: &http.Client{Transport: w}}
	mux := runtime.Mux{"arn:aws:*": tasks, "arn:aws:states:::apigateway:*": apis, "arn:aws:states:::http:*": apis}
	return performers{mux, toldBy(c), slices.Contains(c.Needs, "cross-account") || c.Tier == "engine+sfn-api"}, nil
}

// performers have tasks performed by stand-ins, if there is one, or else as the recording tells. Executions that start others in their
// account, and calls of the API, are left to the API.
type performers struct {
	runtime.Mux
	told   *told
	abroad bool // executions are started in other accounts
}

// Resolve implements runtime.Resolver.
func (p performers) Resolve(resource string) (runtime.TaskInvoker, error) {
	if strings.Contains(resource, ":aws-sdk:sfn:") || strings.Contains(resource, ":activity:") || strings.Contains(resource, ":states:startExecution") && !p.abroad {
		return nil, runtime.ErrNoTask
	}
	found, err := p.Mux.Resolve(resource)
	if errors.Is(err, runtime.ErrNoTask) && !strings.Contains(resource, ":states:::aws-sdk:") {
		return p.told, nil
	}
	return found, err
}

// told performs tasks as they went in the recording.
type told struct {
	mu    sync.Mutex
	tasks map[string][]outcome // by the type and the name of the resource, in order
}

// outcome is what came of a task.
type outcome struct {
	submitted, output jsonvalue.Value
	failure           *runtime.TaskError // nil: none
}

// toldBy reads the outcomes of the tasks of a case.
func toldBy(c *recorded.Case) *told {
	expected, _ := jsonvalue.Parse(c.Expected)
	t := &told{tasks: make(map[string][]outcome)}
	for _, answer := range expected.Members() {
		events, _ := answer.Get("events")
		for _, e := range events.Elements() {
			for name, details := range e.Members() {
				t.note(name, details)
			}
		}
	}
	return t
}

func (t *told) note(name string, details jsonvalue.Value) {
	text := func(name string) string {
		v, _ := details.Get(name)
		return recorded.TextOf(v)
	}
	output, _ := details.Get("output")
	key := text("resourceType") + ":" + text("resource")
	last := len(t.tasks[key]) - 1
	switch {
	case name == "taskScheduledEventDetails":
		t.tasks[key] = append(t.tasks[key], outcome{})
	case last < 0:
	case name == "taskSubmittedEventDetails":
		t.tasks[key][last].submitted = output
	case name == "taskSucceededEventDetails":
		t.tasks[key][last].output = output
	case name == "taskFailedEventDetails":
		t.tasks[key][last].failure = &runtime.TaskError{Name: text("error"), Cause: text("cause")}
	}
}

// InvokeTask implements runtime.TaskInvoker.
func (t *told) InvokeTask(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := strings.TrimPrefix(task.Resource, "arn:aws:states:::")
	if len(t.tasks[key]) == 0 {
		return jsonvalue.Value{}, errors.New("the recording does not tell what came of the task")
	}
	next := t.tasks[key][0]
	t.tasks[key] = t.tasks[key][1:]
	switch {
	case task.Pattern == asl.WaitForTaskToken:
		return next.submitted, nil
	case task.Pattern == asl.Sync && !next.submitted.IsNull():
		task.Submitted(next.submitted)
	}
	if next.failure != nil {
		return jsonvalue.Value{}, next.failure
	}
	return next.output, nil
}

// Call implements recorded.Caller: it calls the API of the account that the arguments name.
func (w *world) Call(operation string, args jsonvalue.Value) (int, jsonvalue.Value, error) {
	account := "111111111111"
	for _, name := range []string{"roleArn", "stateMachineArn", "executionArn"} {
		v, _ := args.Get(name)
		if parts := strings.Split(recorded.TextOf(v), ":"); len(parts) > 4 && w.accounts[parts[4]] != nil {
			account = parts[4]
		}
	}
	args, err := jsonvalue.Parse([]byte(strings.NewReplacer("<api-endpoint:1>", stackAPI, "<queue-url:1>", stackQueue).Replace(args.String())))
	if err != nil {
		return 0, args, err
	}
	caller := recorded.HTTPCaller{Client: &http.Client{Transport: w.accounts[account]}, Endpoint: "http://here/"}
	return caller.Call(operation, args)
}

// serve does what a case asks of other services.
func (w *world) serve(step *recorded.Call, args jsonvalue.Value) (jsonvalue.Value, error) {
	if step.Service == "sqs" && step.Op == "ReceiveMessage" && step.Thread != "" {
		return w.await(args)
	}
	if operate := operations[step.Service+":"+step.Op]; operate != nil {
		return w.operate(operate, args)
	}
	return jsonvalue.Value{}, w.prepare(step, args)
}

// operate calls an operation as a client does, and returns what it answers.
func (w *world) operate(operation func(w *world, a *answer), args jsonvalue.Value) (jsonvalue.Value, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := &answer{recorder: httptest.NewRecorder(), id: w.newID(), body: args}
	if operation(w, a); a.recorder.Body.Len() == 0 {
		return jsonvalue.Object(), nil
	}
	return jsonvalue.Parse(a.recorder.Body.Bytes())
}

// await waits for a message, and returns what its body says.
func (w *world) await(args jsonvalue.Value) (jsonvalue.Value, error) {
	for range 1000 {
		received, err := w.operate((*world).receiveMessage, args)
		if err != nil {
			return received, err
		}
		if messages, ok := received.Get("Messages"); ok {
			first, _ := messages.Index(0)
			body, _ := first.Get("Body")
			return jsonvalue.Parse([]byte(recorded.TextOf(body)))
		}
		time.Sleep(time.Second)
	}
	return jsonvalue.Value{}, errors.New("no message comes")
}

// integration finds the function behind a method of an API.
var integration = regexp.MustCompile(`:function:([^/]+)/invocations`)

// prepare puts in place what a case finds at other services.
func (w *world) prepare(step *recorded.Call, args jsonvalue.Value) error {
	text := func(name string) string {
		v, _ := args.Get(name)
		return recorded.TextOf(v)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch cmp.Or(step.Fixture, step.Service+":"+step.Op) {
	case "sqs_create_queue":
		w.queues[text("QueueName")] = nil
	case "sns_create_topic":
		w.topics["arn:aws:sns:us-east-1:111111111111:"+text("Name")] = true
	case "dynamodb_create_table":
		w.tables[text("table_name")] = &table{key: text("partition_key")}
	case "s3_create_bucket":
		return w.buckets.CreateBucket(text("Bucket"))
	case "s3:PutObject":
		_, err := w.buckets.PutObject(text("Bucket"), text("Key"), map[string]string{"Content-Type": "binary/octet-stream", "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT"}, strings.NewReader(text("Body")), int64(len(text("Body"))), nil)
		return err
	case "apigateway:CreateResource":
		w.path = text("pathPart")
	case "apigateway:PutIntegration":
		w.apis[text("restApiId")+".execute-api.us-east-1.amazonaws.com/"+w.path] = integration.FindStringSubmatch(text("uri"))[1]
	case "events_create_rule":
		pattern, _ := args.Get("EventPattern")
		wanted := make(eventPattern)
		if err := pattern.Decode(&wanted); err != nil {
			return recorded.Needs("events of Step Functions")
		}
		w.patterns[text("Name")] = wanted
	case "events:PutTargets":
		targets, _ := args.Get("Targets")
		for _, target := range targets.Elements() {
			arn, _ := target.Get("Arn")
			w.rules[text("Rule")] = append(w.rules[text("Rule")], recorded.TextOf(arn)[strings.LastIndexByte(recorded.TextOf(arn), ':')+1:])
		}
	case "deploy_cfn_template":
		return w.deploy(path.Base(text("template_path")))
	}
	return nil
}
