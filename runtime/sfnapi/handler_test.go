package sfnapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/sfnapi"
	"github.com/statemill/statemill/runtime/store"
)

// TestOperations holds the answers to those in testdata. A step is an operation and the
// body of its request; or "await" and the ARN of an execution, which waits for its end.
//
// In a body, definition, input and other texts that hold JSON may be written out. In
// bodies and answers, m:NAME stands for the ARN of a state machine, x:MACHINE:NAME for
// that of an execution, ex:MACHINE:NAME:UUID for one of an EXPRESS machine, run:MACHINE/LABEL:UUID for a Map Run, act:NAME for that of an activity, and $token for the last task token. In answers, instants and
// UUIDs are replaced; equal ones look equal, and stand for themselves in bodies. "ended" waits until that many executions have
// logged their end, and "logged" shows the records that have come since the last one.
func TestOperations(t *testing.T) {
	golden.Run(t, "testdata/*.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		c := newClient(t, store.Memory())
		return c.step
	})
}

// client talks to a Handler in this process.
type client struct {
	t       *testing.T
	handler *sfnapi.Handler
	region  string
	token   atomic.Pointer[string]
	parked  chan struct{} // gets a value when a task has its token
	seen    map[string]string

	mu     sync.Mutex
	logged []sfnapi.LogRecord
	ends   chan struct{} // gets a value when a record says that an execution is over
}

func newClient(t *testing.T, s store.Store) *client {
	t.Helper()
	c := &client{t: t, parked: make(chan struct{}, 100), seen: make(map[string]string), ends: make(chan struct{}, 100)}
	h, err := sfnapi.Open(t.Context(), s, sfnapi.Config{Log: c.log, Engine: runtime.EngineConfig{Tasks: c.tasks(), Logger: slog.New(slog.DiscardHandler)}})
	require.NoError(t, err)
	c.handler = h
	t.Cleanup(func() { require.NoError(t, h.Close(context.Background())) })
	return c
}

func (c *client) log(r sfnapi.LogRecord) {
	c.mu.Lock()
	c.logged = append(c.logged, r)
	c.mu.Unlock()
	if k := r.Event.Type; k == "ExecutionSucceeded" || strings.HasPrefix(k, "Execution") && r.Event.Failure() {
		c.ends <- struct{}{}
	}
}

// records returns what was logged since the last call, a line each.
func (c *client) records() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, r := range c.logged {
		text, err := r.MarshalJSON()
		require.NoError(c.t, err)
		lines = append(lines, c.shrink(r.Group+" "+string(text)))
	}
	c.logged = nil
	return strings.Join(lines, "\n")
}

// tasks are those of the test files.
func (c *client) tasks() runtime.Mux {
	return runtime.Mux{
		"*:function:echo": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }),
		"*:function:fail": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Refused", Cause: "no"}
		}),
		"*:sqs:sendMessage.waitForTaskToken": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			token := task.Token()
			c.token.Store(&token)
			c.parked <- struct{}{}
			return jsonvalue.Object(), nil
		}),
	}
}

func (c *client) step(line string) string {
	operation, body, _ := strings.Cut(line, " ")
	body = c.expand(body)
	switch operation {
	case "await":
		out, err := c.handler.Engine().Wait(c.t.Context(), body)
		if err != nil {
			return c.shrink(err.Error())
		}
		return c.shrink(out.String())
	case "ended":
		n, err := strconv.Atoi(body)
		require.NoError(c.t, err)
		for range n {
			<-c.ends
		}
		return "ok"
	case "logged":
		return c.records()
	case "parked":
		<-c.parked
		c.submitted()
		return "ok"
	case "region":
		c.region = body
		return "ok"
	}
	status, answer := c.call(operation, asText(body))
	return strconv.Itoa(status) + " " + c.shrink(answer)
}

// submitted waits until the history tells that the last task with a token was submitted.
func (c *client) submitted() {
	execution, _, err := interp.ParseToken(*c.token.Load())
	require.NoError(c.t, err)
	require.Eventually(c.t, func() bool {
		last, err := c.handler.Engine().History(c.t.Context(), execution, 0, -1)
		require.NoError(c.t, err)
		return last[0].Type == "TaskSubmitted"
	}, time.Minute, time.Millisecond)
}

// call sends a request and returns the answer.
func (c *client) call(operation, body string) (status int, answer string) {
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, "http://sync-anything/", strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	if c.region != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=KEY/20261128/"+c.region+"/states/aws4_request, SignedHeaders=host, Signature=0")
	}
	response, err := c.handler.RoundTrip(r)
	require.NoError(c.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, "application/x-amz-json-1.0", response.Header.Get("Content-Type"))
	require.NotEmpty(c.t, response.Header.Get("x-amzn-RequestId"))
	return response.StatusCode, string(text)
}

// texts are the members of requests that hold JSON in a text.
var texts = map[string]bool{"definition": true, "input": true, "output": true, "variables": true, "context": true, "result": true, "mapItemReaderData": true}

// asText makes texts of values that are written out.
func asText(body string) string {
	v, err := jsonvalue.Parse([]byte(body))
	if err != nil {
		return body
	}
	return foldTexts(v).String()
}

func foldTexts(v jsonvalue.Value) jsonvalue.Value {
	for name, member := range v.Members() {
		switch {
		case member.Kind() == jsonvalue.KindObject && texts[name]:
			v = v.With(name, jsonvalue.String(member.String()))
		case member.Kind() == jsonvalue.KindObject:
			v = v.With(name, foldTexts(member))
		}
	}
	return v
}

const here = "arn:aws:states:us-east-1:000000000000:"

var (
	machineARN   = regexp.MustCompile(`\bm:`)
	activityARN  = regexp.MustCompile(`\bact:`)
	executionARN = regexp.MustCompile(`\bx:`)
	mapRunARN    = regexp.MustCompile(`\brun:`)
	expressARN   = regexp.MustCompile(`\bex:`)
	instants     = regexp.MustCompile(`\b1\d{9}(\.\d{1,3}|\d{3})?\b|\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`)
	taskToken    = regexp.MustCompile(`"taskToken":"([^"]+)"`)
	uuids        = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[347][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

func (c *client) expand(body string) string {
	body = machineARN.ReplaceAllString(body, here+"stateMachine:")
	body = activityARN.ReplaceAllString(body, here+"activity:")
	body = expressARN.ReplaceAllString(body, here+"express:")
	body = executionARN.ReplaceAllString(body, here+"execution:")
	body = mapRunARN.ReplaceAllString(body, here+"mapRun:")
	for id, stands := range c.seen {
		body = strings.ReplaceAll(body, stands, id)
	}
	if token := c.token.Load(); token != nil {
		body = strings.ReplaceAll(body, "$token", *token)
	}
	return body
}

func (c *client) shrink(answer string) string {
	if token := taskToken.FindStringSubmatch(answer); token != nil {
		c.token.Store(&token[1])
		answer = strings.ReplaceAll(answer, token[1], "$token")
	}
	answer = strings.ReplaceAll(answer, here+"stateMachine:", "m:")
	answer = strings.ReplaceAll(answer, here+"execution:", "x:")
	answer = strings.ReplaceAll(answer, here+"activity:", "act:")
	answer = strings.ReplaceAll(answer, here+"express:", "ex:")
	answer = strings.ReplaceAll(answer, here+"mapRun:", "run:")
	answer = instants.ReplaceAllString(answer, "<instant>")
	return uuids.ReplaceAllStringFunc(answer, func(id string) string {
		if c.seen[id] == "" {
			c.seen[id] = "<uuid " + strconv.Itoa(len(c.seen)+1) + ">"
		}
		return c.seen[id]
	})
}
